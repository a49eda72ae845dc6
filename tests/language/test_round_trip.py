"""Text and syntax say the same: whatever is printed is read back, and printed alike again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings

from explorer.language import parse, print_syntax, syntax
from tests.language.syntax_trees import files

EVERYTHING = """\
# A text that uses the whole grammar.
language 1
space everything "a # in a title"  # not in the title
use "blocks.net"
input image: (channels, 2*side, side)  classes (10*k)  width 1.5 rounded 8  dtype uint8
input words: ids 16
output head, stem

default conv same norm=batch act=relu
expect macs=1582671872 params=6998552
member b0 (d=1, w=1.5) expect macs=1e6
param early = -(2 - 1)*3//2
knob n = 64 in n/2..2*n step 8 log
knob k in {1, 3, max(5, k + 1)}
lever pool = avg in {max, avg}
require not (n > 8 and k <= 3) or n - (k - 1) == 2

# A block, with everything that may stand in one.
block cell(a, b = 2*a):  # its head

  param half = a/2
  knob own in 1..4
  lever five in {full, crossed}
  require own < a
  x: conv 1x1 (2*n) as y > conv (1, k)/2 half groups=own
  [ x > id | y when (n >= 8) | choose five { full: conv 5x5 b | crossed: cell(b=1, 2) } ]
# between two statements

stem: input > conv 7x7/(1 + 1) 64 > maxpool 3x3/2 same ceil
[+ repeat d each as i (cell(4)) ]
if (n > 8) ([ id + (conv 3x3 n > id) ]) else (repeat 2 (id))
[ id * cell() > conv 1x1 1 ]  # a gate
aux 0.3: avgpool global > linear classes
# the end
"""


def nodes(value: object) -> Iterator[object]:
    """A value of the syntax tree and everything in it."""
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from nodes(getattr(value, field.name))
    elif isinstance(value, tuple):
        for entry in value:
            yield from nodes(entry)


def holds(text: str) -> None:
    tree = parse(text)
    printed = print_syntax(tree)
    assert parse(printed) == tree
    assert print_syntax(parse(printed)) == printed


def test_every_kind_of_node_makes_the_round_trip() -> None:
    holds(EVERYTHING)
    seen = {type(node) for node in nodes(parse(EVERYTHING))}
    kinds = {
        value
        for value in vars(syntax).values()
        if isinstance(value, type) and issubclass(value, syntax.Located)
    }
    assert kinds - seen == {syntax.Located, syntax.Statement}


def test_the_text_of_everything_is_already_canonical() -> None:
    assert print_syntax(parse(EVERYTHING)) == EVERYTHING


@settings(max_examples=150)
@given(files)
def test_random_trees_make_the_round_trip(file: syntax.File) -> None:
    printed = print_syntax(file)
    assert parse(printed) == file
    assert print_syntax(parse(printed)) == printed


@pytest.mark.parametrize(
    "text",
    [
        'net n ""\n',
        "a: conv 3x3/2 8\r\nb: id\r\n",
        "a: conv 3x3 8",
        "\n\n  \n",
        "",
        "# only a comment",
        "a: id\n\n\n\nb: id\n\n\n",
    ],
)
def test_odd_texts_make_the_round_trip(text: str) -> None:
    holds(text)


def test_the_tree_does_not_depend_on_layout() -> None:
    wide = "a: [ conv 1x1 8 > id | repeat 2 (conv 3x3 8) ] > linear 3\n"
    tall = "a: [conv 1x1 8\n>id\n  |repeat 2(\n conv 3x3 8 )\n]\n\n > linear   3"
    assert parse(tall.replace("2(", "2 (")) == parse(wide)


def test_places_do_not_count_for_equality() -> None:
    one, other = parse("a: id\n", "one"), parse("a:  id\n", "other")
    assert one == other
    assert one.statements[0].place != other.statements[0].place


def test_a_place_is_where_the_thing_stands() -> None:
    file = parse("net n\n\nblock cell():\n  x: conv 1x1 (2*k) > id\n", "f.net")
    block = file.statements[1]
    assert isinstance(block, syntax.Block)
    line = block.body[0]
    assert isinstance(line, syntax.Line)
    conv = line.chain.parts[0].element
    assert str(conv.place) == "f.net:4:6"
    assert conv.place is not None
    assert conv.place.caret().count("^") == len("conv 1x1 (2*k)")


def test_parsing_twice_gives_the_same_tree() -> None:
    assert parse(EVERYTHING) == parse(EVERYTHING)
    with pytest.raises(Exception, match="closed"):
        parse("a: [ id\n")
    assert parse("a: id\n").statements == parse("a: id").statements
