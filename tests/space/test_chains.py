"""What the elements of a chain do to the value that flows through it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.errors import NetError
from explorer.space import Candidate

Bound = Callable[..., Candidate]
HEAD = "net n\ninput 3x8x8  classes 5\n"
SPACE = "space s\ninput 3x8x8  classes 5\n"


def ops(candidate: Candidate) -> str:
    return " ".join(node.op.name for node in candidate.graph.nodes[1:])


def paths(candidate: Candidate) -> list[str]:
    return [node.path for node in candidate.graph.nodes[1:]]


def output(candidate: Candidate) -> tuple[int, ...]:
    return candidate.graph.nodes[candidate.graph.output].shape.sizes


def test_lines_chain_implicitly(bound: Bound) -> None:
    assert ops(bound(HEAD + "relu\na: tanh > sigmoid\nrelu6\n")) == "relu tanh sigmoid relu6"


def test_id_is_the_incoming_value(bound: Bound) -> None:
    assert ops(bound(HEAD + "a: id > relu > id\n")) == "relu"
    graph = bound(HEAD + "a: relu > [ conv 1x1 3 + id ]\n").graph
    assert graph.nodes[-1].inputs == (2, 1)


def test_a_branch_that_starts_with_a_value_starts_there(bound: Bound) -> None:
    graph = bound(HEAD + "a: relu\nb: tanh\nc: [ a > sigmoid + b + input ]\n").graph
    assert [node.op.name for node in graph.nodes] == ["input", "relu", "tanh", "sigmoid", "add"]
    assert graph.nodes[3].inputs == (1,)
    assert graph.nodes[4].inputs == (3, 2, 0)


def test_a_chain_may_go_back_to_a_value(bound: Bound) -> None:
    graph = bound(HEAD + "a: relu\nb: tanh\nc: [ b | a ]\nd: [ c | a > conv 1x1 2 ]\n").graph
    assert output(bound(HEAD + "a: relu\nb: tanh\n[ a | b ]\n")) == (6, 8, 8)
    assert graph.nodes[-1].shape.channels == 8


def test_as_names_an_element(bound: Bound) -> None:
    candidate = bound(HEAD + "a: relu > conv 1x1 4 as wide > tanh\nb: [ id + wide ]\n")
    assert paths(candidate) == ["a.relu1", "a.wide.conv1", "a.tanh1", "b.add1"]
    assert candidate.graph.nodes[-1].inputs == (3, 2)


def test_a_join_of_each_kind(bound: Bound) -> None:
    for sign, name, channels in (("|", "concat", 6), ("+", "add", 3), ("*", "multiply", 3)):
        candidate = bound(f"{HEAD}a: [ relu {sign} id ]\n")
        assert ops(candidate) == f"relu {name}"
        assert output(candidate) == (channels, 8, 8)


def test_input_is_what_enters_the_block(bound: Bound) -> None:
    text = (
        HEAD
        + "block res(n):\n  conv 1x1 n\n  relu\n  [ id + input ]\nstem: conv 1x1 4\na: res(4)\n"
    )
    graph = bound(text).graph
    assert [node.path for node in graph.nodes][1] == "stem.conv1"
    assert graph.nodes[-1].inputs == (3, 1)


def test_channels_is_how_many_enter_the_block(bound: Bound) -> None:
    text = (
        HEAD + "block twice():\n  conv 1x1 (2*channels)\n  conv 1x1 channels\n"
        "a: conv 1x1 5 > twice() > conv 1x1 3\nb: twice()\n"
    )
    widths = [node.shape.channels for node in bound(text).graph.nodes[1:]]
    assert widths == [5, 10, 5, 3, 6, 3]


def test_channels_belong_to_the_innermost_call(bound: Bound) -> None:
    text = (
        HEAD + "block inner():\n  conv 1x1 (channels + 1)\n"
        "block outer():\n  conv 1x1 10\n  inner()\n  conv 1x1 channels\na: outer()\n"
    )
    assert [node.shape.channels for node in bound(text).graph.nodes[1:]] == [10, 11, 3]


def test_channels_may_be_handed_on(bound: Bound) -> None:
    text = (
        HEAD + "block inner(n):\n  conv 1x1 n\n"
        "block outer():\n  conv 1x1 10 > inner(channels)\na: outer()\n"
    )
    assert output(bound(text)) == (3, 8, 8)


def test_an_if_without_else_passes_through(bound: Bound) -> None:
    text = SPACE + "knob d in 0..2\na: if (d >= 1) (relu) > if (d >= 2) (tanh) else (sigmoid)\n"
    assert [ops(bound(text, {"d": d})) for d in (0, 1, 2)] == [
        "sigmoid",
        "relu sigmoid",
        "relu tanh",
    ]


def test_an_if_may_ask_for_channels(bound: Bound) -> None:
    text = HEAD + "block to(n):\n  if (channels != n) (conv 1x1 n)\na: to(3) > to(4) > to(4)\n"
    assert paths(bound(text)) == ["a.to2.conv1"]


def test_when_removes_a_branch(bound: Bound) -> None:
    text = SPACE + "knob d in 0..2\na: [ relu when (d > 0) | tanh when (d > 1) | id ]\n"
    assert [ops(bound(text, {"d": d})) for d in (1, 2)] == ["relu concat", "relu tanh concat"]
    alone = bound(text, {"d": 0})
    assert ops(alone) == ""
    assert output(alone) == (3, 8, 8)


def test_a_join_without_a_branch_is_refused(bound: Bound) -> None:
    with pytest.raises(NetError, match="no branch of this join is left") as caught:
        bound(HEAD + "a: [ relu when (1 > 2) + tanh when (2 > 3) ]\n")
    assert str(caught.value.place) == "test.net:3:4"


def test_choose_takes_one_of_its_alternatives(bound: Bound) -> None:
    text = SPACE + "lever l = b in {a, b}\nx: choose l { b: tanh | a: relu > sigmoid } > relu6\n"
    assert ops(bound(text)) == "tanh relu6"
    assert paths(bound(text, {"l": "a"})) == ["x.a.relu1", "x.a.sigmoid1", "x.relu6_1"]


def test_one_lever_may_be_used_twice(bound: Bound) -> None:
    text = (
        SPACE
        + "lever l in {a, b}\nx: choose l { a: relu | b: id } > choose l { a: tanh | b: id }\n"
    )
    assert paths(bound(text)) == ["x.a.relu1", "x.a2.tanh1"]
    assert ops(bound(text, {"l": "b"})) == ""


@pytest.mark.parametrize(("sign", "op"), [("|", "concat"), ("+", "add"), ("*", "multiply")])
def test_a_splat_joins_copies(bound: Bound, sign: str, op: str) -> None:
    text = SPACE + f"knob d = 3 in 0..4\na: relu > [{sign} repeat d (conv 1x1 3)]\n"
    candidate = bound(text)
    assert ops(candidate) == f"relu conv conv conv {op}"
    assert [node.inputs for node in candidate.graph.nodes[2:]] == [(1,), (1,), (1,), (2, 3, 4)]
    assert ops(bound(text, {"d": 1})) == "relu conv"
    with pytest.raises(NetError, match="no branch of this join is left"):
        bound(text, {"d": 0})


def test_the_copies_of_a_splat_may_differ(bound: Bound) -> None:
    text = HEAD + "a: [| repeat 3 each as i (conv 1x1 i) ]\n"
    assert [node.shape.channels for node in bound(text).graph.nodes] == [3, 1, 2, 3, 6]


def test_a_repeat_chains_its_copies(bound: Bound) -> None:
    text = SPACE + "knob d = 2 in 0..3\na: repeat d (relu > tanh)\n"
    assert ops(bound(text)) == "relu tanh relu tanh"
    assert ops(bound(text, {"d": 0})) == ""
    assert paths(bound(text, {"d": 1})) == ["a.1.relu1", "a.1.tanh1"]


def test_a_value_that_this_assignment_does_not_have_is_named(bound: Bound) -> None:
    text = (
        SPACE + "lever l in {y, n}\na: choose l { y: relu as early | n: tanh }\nb: [ early | id ]\n"
    )
    assert ops(bound(text)) == "relu concat"
    with pytest.raises(NetError, match="the value 'early' is not computed under this") as caught:
        bound(text, {"l": "n"})
    assert str(caught.value.place) == "test.net:5:6"


def test_a_value_is_seen_inside_what_comes_later(bound: Bound) -> None:
    text = HEAD + "stem: relu\nblock late():\n  [ id + stem ]\na: tanh > late()\n"
    graph = bound(text).graph
    assert graph.nodes[-1].inputs == (2, 1)


def test_a_repeat_takes_no_channels(bound: Bound) -> None:
    with pytest.raises(NetError, match="the count of a repeat cannot depend on channels"):
        bound(f"{SPACE}block cell():\n  repeat channels (relu)\na: cell()\n")


@pytest.mark.parametrize(
    ("count", "message"),
    [
        ("1.5", "a repeat takes a whole count, got 3/2"),
        ("(0 - 1)", "a repeat takes a whole count, got -1"),
        ("(1 < 2)", "a repeat takes a whole count, got a truth value"),
        ("(d/2)", "a repeat takes a whole count, got 1/2 (with d = 1)"),
        ("(3*d*1000)", "a repeat makes at most 1000 copies, got 9000"),
        ("(d + e + f)", "the count of a repeat depends on knobs with more than 10000 values"),
        ("3x3", "a number is needed here, not sizes"),
    ],
)
def test_a_repeat_takes_a_count(bound: Bound, count: str, message: str) -> None:
    knobs = "knob d in 1..3\nknob e in 1..100\nknob f in 1..100\n"
    with pytest.raises(NetError) as caught:
        bound(f"{SPACE}{knobs}a: repeat {count} (relu)\n")
    assert caught.value.message == message
    assert caught.value.place is not None
