"""Texts with mistakes in them: characters, tokens and lines edited, two texts made one.

Every edit is decided by dice, so that a number names a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

ALPHABET = '()[]{}|+*/-><=.,:#" \n\tx0123456789aeéλ×–“\u2028_\r\x00\x0b$@&!%;^~\\'
NUMBERS = "0 1 2 7 -1 1e9 0.5 1/0 999 1e-99 1e99 0x7 3x3 1x1x1x1 99999999999999999999 007".split()
SIGNS = "> | + * / // - = == != <= >= < .. , : ( ) [ ] { } #".split()
WORDS = """
    id zero input before channels classes same valid global each as when if else repeat choose
    block knob lever param require default output aux member use language net space conv linear
    attention tokens grid part shuffle norm act to8 max and or not
    """.split()
_TOKEN = re.compile(r"\d+(?:x\d+)+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[a-z_]\w*|[^\w\s]+|\s+")

Edit = Callable[[str, Random, list[str]], str]


def mutated(texts: list[str], dice: Random) -> str:
    """One of the texts, edited up to four times."""
    text = dice.choice(texts)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        text = dice.choice(EDITS)(text or " ", dice, texts)
    return text


# ---- characters


def _deleted(text: str, dice: Random, texts: list[str]) -> str:
    at = dice.randrange(len(text))
    return text[:at] + text[at + dice.choice((1, 1, 2, 9)) :]


def _inserted(text: str, dice: Random, texts: list[str]) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(ALPHABET) * dice.choice((1, 1, 1, 3)) + text[at:]


def _swapped(text: str, dice: Random, texts: list[str]) -> str:
    at = dice.randrange(len(text))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


# ---- tokens


def _replaced(pattern: str, words: list[str]) -> Edit:
    """Exchange one token that looks like this for one of these, or for another of the text."""

    def edit(text: str, dice: Random, texts: list[str]) -> str:
        found = [match for match in _TOKEN.finditer(text) if re.fullmatch(pattern, match[0])]
        if not found:
            return text
        old = dice.choice(found)
        new = dice.choice(words) if dice.randrange(3) else dice.choice(found)[0]
        return text[: old.start()] + new + text[old.end() :]

    return edit


def _without(text: str, dice: Random, texts: list[str]) -> str:
    """A token left out, or written twice."""
    old = dice.choice(list(_TOKEN.finditer(text)) or [re.search("", text)])
    assert old is not None
    return text[: old.start()] + old[0] * dice.choice((0, 0, 2)) + text[old.end() :]


# ---- brackets and lines


def _span(text: str, dice: Random, texts: list[str]) -> str:
    """What stands between two brackets left out, or doubled."""
    spans = [match.span() for match in re.finditer(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}", text)]
    if not spans:
        return text
    start, end = dice.choice(spans)
    return text[:start] + text[start:end] * dice.choice((0, 2)) + text[end:]


def _lines(text: str, dice: Random, texts: list[str]) -> str:
    """A line left out, doubled, moved, or indented otherwise."""
    lines = text.split("\n")
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
    line = lines.pop(at)
    match dice.randrange(5):
        case 0:
            lines[at:at] = [line, line]
        case 1:
            lines.insert(to, line)
        case 2:
            lines.insert(at, dice.choice((" ", "\t", "   ")) + line)
        case 3:
            lines.insert(at, line.lstrip())
    return "\n".join(lines)


def _spliced(text: str, dice: Random, texts: list[str]) -> str:
    """The beginning of this text and the end of another; or a line of another in it."""
    other = dice.choice(texts)
    if dice.randrange(2):
        at, to = dice.randrange(len(text)), dice.randrange(len(other) or 1)
        return text[:at] + other[to:]
    lines = text.split("\n")
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(other.split("\n")))
    return "\n".join(lines)


# ---- extremes


def _deep(text: str, dice: Random, texts: list[str]) -> str:
    """A chain in very many brackets, or very many of something in a row."""
    many = dice.choice((3, 30, 300, 3000))
    piece = dice.choice(
        (
            "(" * many + "id" + ")" * many,
            "[" * many + "id" + " | id]" * many,
            "repeat 2 (" * (many // 10 + 1) + "relu" + ")" * (many // 10 + 1),
            "conv 1x1 (" + "-" * many + "8)",
            "conv 1x1 (" + " + ".join(["1"] * many) + ")",
            "[ " + " | ".join(["id"] * many) + " ]",
            " > ".join(["relu"] * many),
            f"repeat {many} (repeat {many} (relu))",
            "9" * many,
            "id as " + "a" * many,
        )
    )
    lines = text.split("\n")
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(("", "z: ", "  ")) + piece)
    return "\n".join(lines)


def _layout(text: str, dice: Random, texts: list[str]) -> str:
    """Other ends of lines, tabs for blanks, no end at all."""
    old, new = dice.choice(
        (("\n", "\r\n"), ("\n", "\r"), ("  ", "\t"), (" ", "  "), ("\n", "\n\n"), (" > ", "\n> "))
    )
    return text.replace(old, new) if dice.randrange(4) else text.rstrip("\n")


EDITS: tuple[Edit, ...] = (
    *(_deleted, _inserted, _swapped, _without, _span, _lines, _spliced, _layout),
    *[_replaced(r"\d.*", NUMBERS)] * 3,
    *[_replaced(r"[a-z_]\w*", WORDS)] * 2,
    _replaced(r"[^\w\s]+", SIGNS),
    _deep,
)
