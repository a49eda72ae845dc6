"""A failing text, smaller and smaller as long as it still fails."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

Fails = Callable[[str], bool]


def minimised(text: str, fails: Fails, seconds: float = 20) -> str:
    """A text that fails too, without what it fails without: lines, then brackets, then words."""
    until = time.monotonic() + seconds
    found = True
    while found and time.monotonic() < until:
        found = False
        for smaller in _smaller(text):
            if time.monotonic() > until:
                break
            if len(smaller) < len(text) and fails(smaller):
                text, found = smaller, True
                break
    return text


def _smaller(text: str) -> Iterator[str]:
    """Texts with something left out, the larger pieces first."""
    lines = text.split("\n")
    size = len(lines)
    while size > 1:
        size = (size + 1) // 2
        for start in range(0, len(lines), size):
            yield "\n".join(lines[:start] + lines[start + size :])
        if size == 1:
            break
    for start, end in _spans(text):
        yield text[:start] + text[end:]
    if len(text) <= 400:
        yield from (text[:at] + text[at + 1 :] for at in range(len(text)))


_PAIRS = {"(": ")", "[": "]", "{": "}"}


def _spans(text: str) -> list[tuple[int, int]]:
    """Brackets whole, what is inside them, elements of chains and of joins, words."""
    found: list[tuple[int, int]] = []
    open_: list[int] = []
    for at, sign in enumerate(text):
        if sign in _PAIRS:
            open_.append(at)
        elif open_ and sign == _PAIRS[text[open_[-1]]]:
            start = open_.pop()
            found += [(start, at + 1), (start, start + 1), (at, at + 1), (start + 1, at)]
    signs = [match.span() for match in re.finditer(r" [>|+*] |[\[\](){}\n]|: ", text)]
    found += [(start, end) for (_, start), (end, _) in pairwise(signs)]
    for index, (start, _) in enumerate(signs):
        found += [(start, end) for end, _ in signs[index + 1 : index + 6]]
        found += [(start, end) for _, end in signs[index : index + 4]]
    found += [match.span() for match in re.finditer(r"\w+ ?| \S+", text)]
    return sorted(set(found), key=lambda span: span[0] - span[1])
