"""The mistakes that people make, each with the wrong snippets that show it.

One table serves three readers: the parser takes its messages from it, the documentation shows it,
and a test parses every snippet and asks for its message.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from lark import Lark
from lark.exceptions import UnexpectedToken

from explorer.language.allowed import words

HEADER = "space wrong\ninput 3x8x8  classes 10\n"


class Mistake(NamedTuple):
    """A message and the snippets (behind ``HEADER``) that earn it."""

    message: str
    snippets: tuple[str, ...]


# Told by where the parser stands and what it finds there.
MISTAKES = (
    # ---- header
    Mistake(
        "a net is called by small letters, digits and '_', as in: net alexnet \"one tower\"",
        ('net "AlexNet"\n', "net\n", "net alex-net\n", "net alexnet one tower\n"),
    ),
    Mistake(
        "an input is sizes joined by x, as in: input 3x224x224 classes 1000",
        ("input 3, 32, 32\n", "input 3 32 32\n", "input: 3x32x32\n", "input\n"),
    ),
    Mistake('a used file stands in quotes: use "blocks/stems.net"', ("use stems.net\n", "use\n")),
    Mistake(
        "a default names an op and its arguments: default conv same act=relu",
        ("default act=relu\n", "default conv\n", "default\n"),
    ),
    Mistake(
        "a member has its values in parentheses: member b1 (width=1, depth=1.1)",
        ("member b1 width=1\n", "member b1\n"),
    ),
    Mistake(
        "counts are expected by name: expect macs=1498376192 params=6624904",
        ("expect 3e9\n", "expect macs\n", "expect\n"),
    ),
    Mistake("outputs are names with commas: output left, right", ("output a b\n", "output\n")),
    Mistake("the version of the language is a number: language 1", ("language one\n",)),
    # ---- what may vary
    Mistake("a param has a value: param early = 2", ("param early 2\n", "param early\n")),
    Mistake(
        "a knob names its domain: knob n = 64 in 32..128 step 8, or knob n in {1, 2, 4}",
        (
            *("knob n = 64\n", "knob n\n", "knob n = 64 in 32\n", "knob n in {32}\n"),
            *("knob n in 8-64\n", "knob n in [8, 16]\n", "knob n from 8..64\n", "knob n in 8..\n"),
            "knob n in 8..64 by 8\n",
        ),
    ),
    Mistake("a named input has a colon: input words: ids 16", ("input words ids 16\n",)),
    Mistake("'log' stands last: knob n in 8..64 step 8 log", ("knob n in 8..64 log step 8\n",)),
    Mistake(
        "a lever names two alternatives or more: lever pool in {max, avg}",
        (
            *("lever pool in {max}\n", "lever pool\n", "lever pool in max, avg\n"),
            *("lever p in {1, 2}\n", "lever pool {max, avg}\n", "lever pool in {max | avg}\n"),
            "lever pool = max, avg\n",
        ),
    ),
    Mistake("a requirement compares two numbers: require r <= n", ("require\n", "require < n\n")),
    Mistake(
        "a comparison has two sides, and 'and' joins two of them: 1 <= n and n <= 3",
        ("require 1 <= 2 <= 3\n", "require 3 > 2 > 1\n"),
    ),
    Mistake(
        "equality is written '=='",
        ("require 2 = 3\n", "a: if (n = 1) (id)\n", "a: if (n+1 = 2) (id)\n"),
    ),
    # ---- blocks and lines
    Mistake(
        "a block is declared with its parameters and a colon: block name(a, b = 1):",
        (
            *("block cell\n  id\n", "block cell:\n  id\n", "block cell(a)\n  id\n"),
            *("block cell(3):\n  id\n", "block cell(a b):\n  id\n"),
        ),
    ),
    Mistake(
        "a block's lines stand below it, indented by spaces",
        ("block cell(a):\na: id\n", "block cell():\nid\n", "block cell(): id\n"),
    ),
    Mistake(
        "blocks and heads stand at the top of a text, in no other block",
        ("block a():\n  block b():\n    id\n", "block a():\n  aux 0.3: relu\n"),
    ),
    Mistake("only the lines of a block are indented", ("  a: relu\n", "a: relu\n  b: relu\n")),
    Mistake("a line is labelled with a colon: stem: conv 3x3 64", ("a = conv 3x3 8\n",)),
    Mistake("a line has one label", ("a: b: relu\n",)),
    Mistake("a label stands before a chain: stem: conv 3x3 64", ("a:\n",)),
    Mistake(
        "an auxiliary head has a weight of its loss: aux 0.3: conv 1x1 8",
        ("aux: relu\n", "aux 0.3 relu\n"),
    ),
    # ---- chains
    Mistake(
        "a chain has an element on both sides of '>'",
        ("a: > conv 1x1 8\n", "a: conv 1x1 8 > > id\n", "a: conv 1x1 8 >\n"),
    ),
    Mistake(
        "a chain is made of ops, calls and values; copies are made by: repeat 3 (conv 3x3 8)",
        ("a: 3 * conv 3x3 8\n", "a: relu > 3\n"),
    ),
    Mistake(
        "arithmetic stands in parentheses, as in: conv 1x1 (2*n)",
        (
            *("a: conv 1x1 2*n\n", "a: conv 1x1 n+1\n", "a: conv 1x1 n-1\n"),
            *("a: conv 3x3/2/2 n\n", "a: repeat n+1 (id)\n", "a: conv 3x3 8 groups=2*n\n"),
        ),
    ),
    Mistake(
        "arguments of an op are separated by spaces, branches and alternatives by '|'",
        (
            *(
                "a: conv 3x3, 64\n",
                "a: dropout 0,5\n",
                "a: [ conv 1x1 8, id ]\n",
                "a: [ id, id ]\n",
            ),
            "a: choose pool { max: id, avg: id }\n",
        ),
    ),
    Mistake("an argument has a value: groups=2", ("a: conv 3x3 8 groups=\n",)),
    Mistake(
        "arguments of a call are separated by commas: cell(1, 2)",
        ("a: cell(1 2)\n", "a: cell(n m)\n", "a: cell(, 2)\n", "a: cell(1,)\n"),
    ),
    Mistake(
        "a call ends with its ')'; 'if' and 'repeat' have a space before their '('",
        ("a: if(n > 1) (id)\n", "a: repeat(3) (id)\n"),
    ),
    Mistake("'as' stands before a name: conv 3x3 8 as x", ("a: relu as\n", "a: relu as 3\n")),
    # ---- joins and choices
    Mistake(
        "one bracket joins in one way: '|' concatenates, '+' sums, '*' multiplies",
        ("a: [ id | id + id ]\n", "a: [ id + id | id ]\n", "a: [ id * id + id ]\n"),
    ),
    Mistake(
        "a join needs two branches or more, as in: [ conv 1x1 8 | id ]",
        ("a: [ id ]\n", "a: [ conv 1x1 8 ]\n", "a: [ ]\n"),
    ),
    Mistake(
        "a branch is a chain; 'id' passes on what arrives: [ conv 1x1 8 | id ]",
        ("a: [ id | ]\n", "a: [ id + ]\n"),
    ),
    Mistake(
        "a sign at the front of a bracket joins copies: [+ repeat 4 (conv 1x1 8)]",
        ("a: [ | id ]\n", "a: [+ conv 3x3 8 ]\n", "a: [+ repeat 2 (id) + id ]\n"),
    ),
    Mistake(
        "'repeat' takes a count and a chain in parentheses: repeat 3 (conv 3x3 8)",
        ("a: repeat 3 conv 3x3 8\n", "a: repeat 3\n", "a: repeat (id)\n"),
    ),
    Mistake(
        "a condition and what it guards stand in parentheses: if (n > 1) (conv 1x1 n)",
        ("a: if n > 1 conv 1x1 n\n", "a: if (n > 1) conv 1x1 n\n"),
    ),
    Mistake(
        "'when' takes a condition in parentheses: [ id when (n > 1) | conv 1x1 n ]",
        ("a: [ id when n > 1 | id ]\n",),
    ),
    Mistake(
        "'when' stands behind a branch of a join: [ id when (n > 1) | conv 1x1 n ]",
        ("a: conv 3x3 8 when (n > 1)\n", "a: relu when (n > 1)\n"),
    ),
    Mistake(
        "'choose' lists the lever's alternatives: choose pool { max: maxpool 3x3 same | avg: id }",
        (
            *("a: choose pool (max)\n", "a: choose pool { max: id }\n", "a: choose pool\n"),
            *("a: choose { a: id | b: id }\n", "a: choose pool { max id | avg id }\n"),
        ),
    ),
)


class Spelling(NamedTuple):
    """What other languages write, as a pattern, what this one writes, and a snippet."""

    pattern: str
    message: str
    snippet: str


# Told by the characters around the place where the parser stops.
SPELLINGS = (
    Spelling(
        "->|=>", "a chain is written with '>', a comparison with '>='", "a: conv 3x3 8 -> relu\n"
    ),
    Spelling(r"\*\*", "there is no power; write n*n", "a: conv 1x1 (n**2)\n"),
    Spelling("&&?", "conditions are joined by 'and'", "require 1 < 2 && 2 < 3\n"),
    Spelling(r"\|\|", "conditions are joined by 'or'", "require 1 < 2 || 2 < 3\n"),
    Spelling("!(?!=)", "a condition is turned round by 'not'", "require !(1 < 2)\n"),
    Spelling("%", "the rest of a division is n - n//2*2", "require 3 % 2 == 0\n"),
    Spelling("=<", "this comparison is written '<='", "require 1 =< 2\n"),
    Spelling("[×]", "sizes are joined by the letter x: 3x3", "a: conv 3×3 8\n"),
    Spelling("[−–—]", "minus is '-'", "a: conv 1x1 (9 – 1)\n"),
    Spelling("[A-Z]\\w*", "names are written in small letters", "a: Conv 3x3 8\n"),
    Spelling("['‘’“”]", 'a text stands in straight double quotes: "a title"', "net a 'title'\n"),
    Spelling('"[^"]*$', "a quoted text ends in its line", 'net a "title\n'),
    Spelling(";", "a statement ends with its line", "a: relu;\n"),
    Spelling(r"(?<![\w.])\.\d+", "a number begins with a digit: 0.5", "a: dropout .5\n"),
    Spelling(r"(?<=\w)\.\w+", "a name has no dot; 'as' names a value inside", "a: x.y\n"),
    Spelling(
        r"(?<!\w)\d+(x\d+)+",
        "sizes in parentheses are written with commas: (3, 3)",
        "a: conv (3x3) 8\n",
    ),
)


def spelled(text: str, column: int) -> tuple[str, int, int] | None:
    """Message, column and width of a foreign spelling at this column of a line."""
    for spelling in SPELLINGS:
        for match in re.finditer(spelling.pattern, text):
            if match.start() < column <= match.end():
                message = f"{_quoted(match[0])}: {spelling.message}"
                return message, match.start() + 1, len(match[0])
    return None


def explain(error: UnexpectedToken, parser: Lark) -> str:
    """One line that says what was found and what is allowed in its place."""
    token = error.token
    found = _quoted(token) if token.strip() else _ENDS[token.type]
    known = _known(parser).get(_signature(error))
    if known:
        return f"{found}: {known}"
    return f"{found} cannot stand here; allowed: {words(error.accepts, parser)}"


def _quoted(found: str) -> str:
    """What was found, as far as it is good to read."""
    return f"'{found}'" if len(found) <= _LONGEST else f"'{found[: _LONGEST - 3]}...'"


_LONGEST = 60


@cache
def _known(parser: Lark) -> dict[tuple[object, str], str]:
    """The message for each state of the parser and kind of token that a snippet stumbles on."""
    known: dict[tuple[object, str], str] = {}
    for mistake in MISTAKES:
        for snippet in mistake.snippets:
            try:
                parser.parse(HEADER + snippet)
            except UnexpectedToken as error:
                known.setdefault(_signature(error), mistake.message)
    return known


def _signature(error: UnexpectedToken) -> tuple[object, str]:
    return getattr(error.state, "position", None), error.token.type


_ENDS = {
    "_NL": "the end of the line",
    "$END": "the end of the text",
    "_INDENT": "an indented line",
    "_DEDENT": "the end of the block",
}
