"""Brackets that nothing closes, or that the wrong one closes."""

from __future__ import annotations

import re

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_SIGNS = re.compile(r'"[^"]*"|#.*|[()\[\]{}]')
_LABEL = re.compile(r"\s*[a-z_][a-z0-9_]*\s*:")

Bracket = tuple[str, int, int]


def complaint(lines: list[str], line: int, column: int, at_end: bool) -> Bracket | None:
    """What is wrong with the brackets where a parser stopped: a message, a line and a column.

    Args:
        lines: the whole text.
        line: where the parser stopped, counted from 1.
        column: likewise.
        at_end: whether it stopped where the text, or a block of it, ends.
    """
    still = _open(lines, line, column)
    found = lines[line - 1][column - 1 : column]
    if found in _CLOSERS.values() and (not still or _CLOSERS[still[-1][0]] != found):
        if not still:
            return f"'{found}' closes no bracket", line, column
        opened, at, where = still[-1]
        beyond = f" in line {at}" if at != line else ""
        return f"'{found}' cannot close '{opened}'{beyond}", line, column
    if still and (at_end or (still[-1][1] < line and _LABEL.match(lines[line - 1]))):
        opened, at, where = still[-1]
        return f"this '{opened}' is never closed", at, where
    return None


def _open(lines: list[str], line: int, column: int) -> list[Bracket]:
    """The brackets that are open at a place, the innermost last."""
    found: list[Bracket] = []
    for number, text in enumerate(lines[:line], 1):
        for match in _SIGNS.finditer(text):
            sign = match[0]
            if number == line and match.start() + 1 >= column:
                return found
            if sign in _CLOSERS:
                found.append((sign, number, match.start() + 1))
            elif found and sign == _CLOSERS[found[-1][0]]:
                found.pop()
    return found
