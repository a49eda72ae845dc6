"""The mistakes that people make, each with the wrong snippets that show it.

One table serves three readers: the parser takes its messages from it, the documentation shows it,
and a test parses every snippet and asks for its message.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from lark import Lark
from lark.exceptions import UnexpectedInput, UnexpectedToken

NET = "net n\ninput 3x8x8 classes 2\n"


class Mistake(NamedTuple):
    """A message and the snippets (behind a header, ``NET``) that earn it."""

    message: str
    snippets: tuple[str, ...]


MISTAKES = (
    Mistake(
        "arithmetic stands in parentheses, as in: conv 1x1 (2*n)",
        ("a: conv 1x1 2*n\n", "a: conv 1x1 n+1\n", "a: conv 1x1 n-1\n", "a: conv 3x3/2/2 n\n"),
    ),
    Mistake(
        "one bracket joins in one way: '|' concatenates, '+' sums, '*' multiplies",
        ("a: [ id | id + id ]\n", "a: [ id + id | id ]\n", "a: [ id * id + id ]\n"),
    ),
    Mistake(
        "a join needs two branches or more, as in: [ conv 1x1 8 | id ]",
        ("a: [ id ]\n", "a: [ conv 1x1 8 ]\n"),
    ),
    Mistake(
        "a block is declared with its parameters and a colon: block name(a, b):",
        ("block cell\n  id\n", "block cell:\n  id\n", "block cell(a)\n  id\n"),
    ),
    Mistake(
        "a block's lines stand below it, indented by spaces",
        ("block cell(a):\na: id\n", "block cell(): id\n"),
    ),
    Mistake(
        "'repeat' takes a count and a chain in parentheses: repeat 3 (conv 3x3 8)",
        ("a: repeat 3 conv 3x3 8\n", "a: repeat 3\n"),
    ),
    Mistake(
        "a condition and what it guards stand in parentheses: if (n > 1) (conv 1x1 n)",
        ("a: if n > 1 conv 1x1 n\n", "a: if (n > 1) conv 1x1 n\n", "a: if(n > 1) (id)\n"),
    ),
    Mistake(
        "'when' takes a condition in parentheses: [ id when (n > 1) | conv 1x1 n ]",
        ("a: [ id when n > 1 | id ]\n",),
    ),
    Mistake(
        "a knob names its domain: knob n = 64 in 32..128 step 8, or knob n in {1, 2, 4}",
        ("knob n = 64\n", "knob n\n", "knob n = 64 in 32\n", "knob n in {32}\n"),
    ),
    Mistake(
        "a lever names two alternatives or more: lever pool in {max, avg}",
        (
            "lever pool in {max}\n",
            "lever pool\n",
            "lever pool in max, avg\n",
            "lever p in {1, 2}\n",
        ),
    ),
    Mistake(
        "'choose' lists the lever's alternatives: choose pool { max: maxpool 3x3 same | avg: id }",
        ("a: choose pool (max)\n", "a: choose pool { max: id }\n", "a: choose { a: id | b: id }\n"),
    ),
    Mistake(
        "a chain has an element on both sides of '>'",
        ("a: > conv 1x1 8\n", "a: conv 1x1 8 > > id\n", "a: conv 1x1 8 >\n"),
    ),
    Mistake(
        "this bracket is never closed",
        (
            "a: [ id | id\n",
            "a: (conv 1x1 8\n",
            "a: cell(1, 2\n",
            "block cell():\n  a: [ id | id\n",
            "block cell():\n  a: [ id\n",
        ),
    ),
)

_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "DIMS": "sizes like 3x3",
    "STRING": "a quoted text",
    "CALL": "a call like block(1, 2)",
    "COMPARE": "a comparison",
    "MORETHAN": "'>'",
    "_NL": "the end of the line",
    "$END": "the end of the text",
    "_INDENT": "an indented line",
    "_DEDENT": "the end of the block",
}
_SHOWN = 6  # a longer list of what is allowed teaches nobody


def explain(error: UnexpectedInput, parser: Lark) -> str:
    """One line that says what was found and what is allowed in its place."""
    found = _found(error)
    known = _known(parser).get(_signature(error))
    if known:
        return f"{found}: {known}"
    allowed = sorted(_word(name, parser) for name in getattr(error, "accepts", None) or ())
    if not 0 < len(allowed) <= _SHOWN:
        return f"{found} cannot stand here"
    return f"{found} cannot stand here; allowed: {', '.join(allowed)}"


@cache
def _known(parser: Lark) -> dict[tuple[object, str], str]:
    """The message for each state of the parser and kind of token that a snippet stumbles on."""
    known: dict[tuple[object, str], str] = {}
    for mistake in MISTAKES:
        for snippet in mistake.snippets:
            try:
                parser.parse(NET + snippet)
            except UnexpectedInput as error:
                known.setdefault(_signature(error), mistake.message)
    return known


def _signature(error: UnexpectedInput) -> tuple[object, str]:
    state = getattr(error.state, "position", None)
    return state, error.token.type if isinstance(error, UnexpectedToken) else "character"


def _found(error: UnexpectedInput) -> str:
    if not isinstance(error, UnexpectedToken):
        return "this"
    token = error.token
    return f"'{token}'" if token.strip() else _WORDS[token.type]


def _word(name: str, parser: Lark) -> str:
    if name in _WORDS:
        return _WORDS[name]
    pattern = parser.get_terminal(name).pattern
    return f"'{pattern.value}'" if pattern.type == "str" else name.lower()
