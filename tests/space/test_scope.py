"""Where a name is declared decides what it means and how often it is chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.errors import NetError
from explorer.space import Candidate, Space

SpaceOf = Callable[..., Space]
Bound = Callable[..., Candidate]
HEAD = "space s\ninput 3x8x8  classes 5\n"
CELL = "block cell(w):\n  knob n = w in w/2..2*w step 2\n  lever l in {on, off}\n  conv 1x1 n\n"


def paths(candidate: Candidate) -> list[str]:
    return [node.path for node in candidate.graph.nodes[1:]]


def channels(candidate: Candidate) -> list[int]:
    return [node.shape.channels for node in candidate.graph.nodes[1:]]


def test_a_knob_at_the_top_is_one_knob(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + "knob n in 1..9\nblock cell():\n  conv 1x1 n\na: cell()\nb: cell() > conv 1x1 n\n"
    assert list(space_of(text).choices) == ["n"]
    assert channels(bound(text, {"n": 7})) == [7, 7, 7]


def test_a_knob_in_a_block_is_one_a_call(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + CELL + "a: cell(4)\nb: cell(8)\n"
    assert list(space_of(text).choices) == ["a.n", "a.l", "b.n", "b.l"]
    assert space_of(text).choices["b.n"].values == (4, 6, 8, 10, 12, 14, 16)
    assert channels(bound(text, {"a.n": 2})) == [2, 8]


def test_a_repeat_ties_its_copies(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + CELL + "rest: repeat 3 (cell(4))\n"
    assert list(space_of(text).choices) == ["rest.n", "rest.l"]
    assert channels(bound(text, {"rest.n": 6})) == [6, 6, 6]


def test_repeat_each_does_not(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + CELL + "rest: repeat 3 each (cell(4))\n"
    choices = list(space_of(text).choices)
    assert choices[::2] == ["rest[1].n", "rest[2].n", "rest[3].n"]
    candidate = bound(text, {"rest[2].n": 6})
    assert channels(candidate) == [4, 6, 4]
    assert paths(candidate) == ["rest.1.conv1", "rest.2.conv1", "rest.3.conv1"]


def test_the_depth_renames_nothing(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + CELL + "knob d = 2 in 1..4\nrest: repeat d each (cell(4))\n"
    assert [path for path in space_of(text).choices if path.endswith(".n")] == [
        f"rest[{number}].n" for number in (1, 2, 3, 4)
    ]
    for depth in (1, 2, 3, 4):
        candidate = bound(text, {"d": depth, "rest[1].n": 2})
        assert paths(candidate) == [f"rest.{number}.conv1" for number in range(1, depth + 1)]
        assert {path for path in candidate.active if path.endswith(".n")} == {
            f"rest[{number}].n" for number in range(1, depth + 1)
        }


def test_a_repeat_in_a_repeat(space_of: SpaceOf) -> None:
    text = HEAD + CELL + "a: repeat 2 each (repeat 2 (cell(4)))\n"
    assert [path for path in space_of(text).choices if path.endswith(".n")] == ["a[1].n", "a[2].n"]
    text = text.replace("2 (cell", "2 each (cell")
    assert [path for path in space_of(text).choices if path.endswith(".n")] == [
        "a[1][1].n",
        "a[1][2].n",
        "a[2][1].n",
        "a[2][2].n",
    ]


def test_tied_copies_must_ask_for_the_same(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + CELL + "a: repeat 2 as i (cell(4*i))\n"
    with pytest.raises(
        NetError, match=r"the copies share 'a\.n', but its domain differs"
    ) as caught:
        space_of(text)
    assert [str(call) for call in caught.value.calls] == ["test.net:7:19"]
    assert channels(bound(text.replace("as i", "each as i"))) == [4, 8]


def test_the_counter_counts_from_one(bound: Bound) -> None:
    text = "net n\ninput 3x8x8\na: repeat 3 as i (conv 1x1 (10*i))\n"
    assert channels(bound(text)) == [10, 20, 30]


def test_calls_that_share_a_chain_are_numbered(space_of: SpaceOf) -> None:
    text = HEAD + CELL + "a: cell(4) > cell(4)\n[ cell(4) | cell(4) as two ]\n"
    assert [path for path in space_of(text).choices if path.endswith("n")] == [
        "a.cell1.n",
        "a.cell2.n",
        "b1.n",
        "b2.two.n",
    ]


def test_a_call_that_stands_alone_takes_the_name_around_it(space_of: SpaceOf) -> None:
    text = HEAD + CELL + "block outer():\n  cell(4)\na: outer()\nb: if (1 < 2) (outer())\n"
    assert list(space_of(text).choices)[::2] == ["a.n", "b.n"]


def test_a_block_sees_its_parameters_and_the_top_but_not_its_caller(bound: Bound) -> None:
    text = (
        "net n\ninput 3x8x8\nparam top = 6\n"
        "block inner(a):\n  conv 1x1 (a + top)\n"
        "block outer(hidden):\n  inner(hidden)\n"
        "x: outer(1)\n"
    )
    assert channels(bound(text)) == [7]
    with pytest.raises(NetError, match="no number is called 'hidden'"):
        bound(text.replace("a + top", "a + hidden"))


def test_parameters_have_defaults_and_names(bound: Bound) -> None:
    text = "net n\ninput 3x8x8\nblock cell(a, b = 2*3, c = 1):\n  conv 1x1 (100*a + 10*b + c)\nx: "
    for call, width in (("cell(1)", 161), ("cell(1, 2)", 121), ("cell(c=4, a=3)", 364)):
        assert channels(bound(f"{text}{call}\n")) == [width]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("cell()", "cell(a, b) needs a"),
        ("cell(b=1)", "cell(a, b) needs a"),
        ("cell(1, 2, 3)", "cell(a, b) takes 2 values, got 3"),
        ("cell(1, a=3)", "cell(a, b) is given its a twice"),
        ("cell(1, q=3)", "cell(a, b) has no parameter 'q'"),
    ],
)
def test_a_call_must_fit_its_block(space_of: SpaceOf, call: str, message: str) -> None:
    text = f"net n\ninput 3x8x8\nblock cell(a, b = 1):\n  conv 1x1 (a + b)\nx: {call}\n"
    with pytest.raises(NetError) as caught:
        space_of(text)
    assert caught.value.message == message
    assert caught.value.place is not None
    assert caught.value.place.line == 5


def test_a_knob_may_be_passed_to_a_block(space_of: SpaceOf, bound: Bound) -> None:
    text = HEAD + "knob n in 1..9\nblock cell(w):\n  conv 1x1 (2*w)\na: cell(n + 1)\n"
    assert list(space_of(text).choices) == ["n"]
    assert channels(bound(text, {"n": 3})) == [8]


def test_a_param_of_a_block_may_wait_for_its_knobs(bound: Bound) -> None:
    text = (
        HEAD + "block cell():\n  knob n in 1..9\n  param twice = 2*n\n  conv 1x1 twice\na: cell()\n"
    )
    assert channels(bound(text, {"a.n": 4})) == [8]


def test_paths_are_never_shared(bound: Bound) -> None:
    """A label keeps its name even when something nameless before it would have taken it."""
    text = (
        "space n\ninput 3x8x8\nlever l in {a, b}\n"
        "[ conv 1x1 8 | conv 1x1 8 ] > conv 1x1 4\n"
        "choose l { a: conv 1x1 8 | b: id } > choose l { a: conv 1x1 8 | b: id }\n"
        "b1: conv 1x1 8\nconv1: conv 1x1 8\na2: conv 1x1 8\n"
    )
    found = paths(bound(text))
    assert len(set(found)) == len(found)
    assert found[-3:] == ["b1.conv1", "conv1.conv1", "a2.conv1"]
    assert not any(other.startswith(f"{path}.") for path in found for other in found)
