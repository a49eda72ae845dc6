"""What a space refuses, where it says so, and what it proposes instead."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

from explorer.errors import NetError
from explorer.ops import OPS
from explorer.space import Space
from explorer.space.expression import NAMED
from tests.language.syntax_trees import KEYWORDS

SpaceOf = Callable[..., Space]
HEAD = "space s\ninput 3x8x8  classes 5\n"


def refusal(space_of: SpaceOf, text: str) -> NetError:
    with pytest.raises(NetError) as caught:
        space_of(HEAD + text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: cnov 3x3 8\n", "no op, block or value is called 'cnov'; did you mean 'conv'?"),
        ("a: relu\nb: [ aa | id ]\n", "no op, block or value is called 'aa'"),
        (
            "stem: relu\nb: [ stm | id ]\n",
            "no op, block or value is called 'stm'; did you mean 'stem'?",
        ),
        ("b: [ later | id ]\nlater: relu\n", "the value 'later' is computed further down"),
        ("a: conv 3x3 clases\n", "no number is called 'clases'; did you mean 'classes'?"),
        ("knob wide in 1..2\na: conv 1x1 wid\n", "no number is called 'wid'; did you mean 'wide'?"),
        ("a: conv kxk 8\n", "no number is called 'kxk'; a computed kernel is written (k, k)"),
        ("a: relu\nb: conv 1x1 a\n", "a number is needed here, and 'a' is a value"),
        ("lever l in {a, b}\nx: conv 1x1 l\n", "a number is needed here, and 'l' is a lever"),
        (
            "block cell():\n  relu\na: cell\n",
            "'cell' is a block; call it with its arguments: cell()",
        ),
        ("block cell():\n  relu\na: cel()\n", "no block is called 'cel'; did you mean 'cell'?"),
        ("a: conv(3, 8)\n", "'conv' is an op; its arguments follow spaces: conv 3 8"),
        ("a: before\n", "'before' stands in a block: it is what entered the call before this one"),
        ("a: relu > input\n", "'input' stands alone, at the start of a chain"),
        ("block unused():\n  relu\na: relu\n", "nothing calls the block 'unused'"),
        ("a: relu\nb: tanh > a\n", "the value 'a' stands alone, at the start of a chain"),
        ("a: relu\nb: a 3\n", "the value 'a' stands alone, at the start of a chain"),
        ("a: choose l { a: id | b: id }\n", "no lever is called 'l'"),
        ("lever five in {a, b}\na: choose fiv { a: id | b: id }\n", "did you mean 'five'?"),
        ("knob l in 1..2\na: choose l { a: id | b: id }\n", "no lever is called 'l'"),
        (
            "lever l in {a, b}\nx: choose l { a: id | c: id }\n",
            "'l' has no alternative 'c' (it has: a, b)",
        ),
        (
            "lever l in {a, b}\nx: choose l { a: id | a: id }\n",
            "'l' is given its alternative 'a' twice (it has: a, b)",
        ),
        (
            "lever l in {a, b, c}\nx: choose l { a: id | b: id }\n",
            "'l' is given no chain for its alternative 'c'",
        ),
        ("a: relu\na: tanh\n", "'a' is declared twice"),
        ("a: relu as b\nb: tanh\n", "'b' is declared twice"),
        ("knob n in 1..2\nn: relu\n", "'n' is declared twice"),
        ("param n = 1\nknob n in 1..2\na: relu\n", "'n' is declared twice"),
    ],
)
def test_a_name_without_its_meaning_is_refused(space_of: SpaceOf, text: str, message: str) -> None:
    error = refusal(space_of, text)
    assert message in error.message
    assert error.place is not None
    assert error.place.line > 2


def test_the_chain_of_calls_is_shown_innermost_first(space_of: SpaceOf) -> None:
    text = "block inner(k):\n  conv (k, k) oops\nblock outer(k):\n  relu > inner(k)\na: outer(3)\n"
    error = refusal(space_of, text)
    assert str(error.place) == "test.net:4:15"
    assert [str(call) for call in error.calls] == ["test.net:6:10", "test.net:7:4"]
    shown = str(error).splitlines()
    assert shown[0] == "test.net:4:15: no number is called 'oops'"
    assert shown[3] == "  called from test.net:6:10"
    assert shown[6] == "  called from test.net:7:4"
    assert shown[7:] == ["    a: outer(3)", "       ^^^^^^^^"]


@pytest.mark.parametrize(
    "line",
    [
        "conv 3x3 8 grups=2",
        "conv 3x3 8 9",
        "conv 3x3",
        "conv 3x3 8 act=swish",
        "cnov 3x3 8",
        "other()",
        "conv(3)",
        "choose l { a: id | b: id }",
        "repeat 1.5 (relu)",
        "conv 1x1 (1/0)",
        "conv 1x1 missing",
    ],
)
def test_every_refusal_inside_a_block_names_its_call(space_of: SpaceOf, line: str) -> None:
    error = refusal(space_of, f"block cell():\n  {line}\nx: relu > cell()\n")
    assert [str(call) for call in error.calls] == ["test.net:5:11"]


@pytest.mark.parametrize(
    "statement",
    [
        "knob n = 9 in 1..most",
        "knob n in 9..most",
        "lever l = c in {a, b}",
        "require nothing > most",
        "param p = most/0",
    ],
)
def test_a_declaration_that_depends_on_a_call_names_it(space_of: SpaceOf, statement: str) -> None:
    error = refusal(space_of, f"block cell(most):\n  {statement}\n  relu\nx: cell(4)\n")
    assert [str(call) for call in error.calls] == ["test.net:6:4"]


def test_shapes_that_do_not_fit_name_the_call(bound: Callable[..., object]) -> None:
    text = HEAD + "block cell(k):\n  conv (k, k) 8 valid\na: cell(3)\nb: cell(7)\n"
    with pytest.raises(NetError, match="kernel 7x7 is larger than the grid 6x6") as caught:
        bound(text)
    assert [str(call) for call in caught.value.calls] == ["test.net:6:4"]


@pytest.mark.parametrize(
    ("blocks", "cycle"),
    [
        ("block a():\n  a()\n", "a > a"),
        (
            "block a():\n  relu > b()\nblock b():\n  c()\nblock c():\n  [ id | a() ]\n",
            "a > b > c > a",
        ),
        ("block b():\n  b()\nblock a():\n  b()\n", "b > b"),
    ],
)
def test_a_block_cannot_contain_itself(space_of: SpaceOf, blocks: str, cycle: str) -> None:
    error = refusal(space_of, f"{blocks}x: a()\n")
    assert error.message == f"a block cannot contain itself: {cycle}"


def nested(depth: int) -> str:
    blocks = "".join(f"block c{i}():\n  c{i + 1}()\n" for i in range(depth - 1))
    return f"{blocks}block c{depth - 1}():\n  relu\nx: c0()\n"


def test_calls_nest_forty_deep_and_no_deeper(space_of: SpaceOf) -> None:
    space_of(HEAD + nested(40))
    assert refusal(space_of, nested(41)).message == "calls are nested deeper than 40"


def test_brackets_in_calls_nest_as_deep_as_python_and_no_deeper(space_of: SpaceOf) -> None:
    deep = "(" * 40 + "{}" + ")" * 40
    blocks = "".join(f"block c{i}():\n  {deep.format(f'c{i + 1}()')}\n" for i in range(38))
    error = refusal(space_of, f"{blocks}block c38():\n  relu\nx: c0()\n")
    assert "nested too deeply" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "x: repeat 1000 (repeat 1000 (repeat 1000 (id)))\n",
        "x: repeat 1000 (repeat 1000 (conv 1x1 8))\n",
        "x: repeat 1000 ([+ repeat 1000 (id) ])\n",
        "".join(f"block c{i}():\n  c{i + 1}() > c{i + 1}()\n" for i in range(30))
        + "block c30():\n  id\nx: c0()\n",
    ],
)
def test_a_small_text_cannot_ask_for_a_huge_space(
    space_of: SpaceOf, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("explorer.space.elaborate")
    assert module.MAX_ELEMENTS == 100_000
    monkeypatch.setattr(module, "MAX_ELEMENTS", 2_000)
    assert refusal(space_of, text).message == "the space has more than 2000 elements"


DECLARATIONS = [
    "param {} = 2\na: relu\n",
    "knob {} in 1..2\na: relu\n",
    "lever {} in {{x, y}}\na: relu\n",
    "block cell({}):\n  relu\na: cell(1)\n",
    "a: relu as {}\n",
    "a: repeat 2 as {} (relu)\n",
]


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_a_word_of_the_language_is_no_name(space_of: SpaceOf, declaration: str) -> None:
    words = {*OPS, *NAMED, *KEYWORDS, "classes", "channels", "input", "id", "same", "global"}
    for word in sorted(words):
        error = refusal(space_of, declaration.format(word))
        assert error.message == f"'{word}' is a word of the language; choose another name"
        assert error.place is not None


def test_labels_and_blocks_cannot_take_the_name_of_an_op(space_of: SpaceOf) -> None:
    for word in OPS:
        for text in (f"{word}: relu\n", f"block {word}():\n  relu\na: relu\n"):
            assert "is a word of the language" in refusal(space_of, text).message


@pytest.mark.parametrize("word", ["width", "rounded", "kernel", "train", "stride"])
def test_other_words_are_free(space_of: SpaceOf, word: str) -> None:
    space_of(f"{HEAD}block cell({word}):\n  conv 1x1 {word}\na: cell(3)\n")


def test_classes_may_be_a_width(space_of: SpaceOf) -> None:
    space_of(f"{HEAD}a: conv 1x1 classes > conv 3x3 classes groups=classes\n")
