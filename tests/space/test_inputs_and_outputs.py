"""What enters and what leaves: several inputs of several kinds, named outputs, auxiliary heads."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from explorer.cost import count
from explorer.errors import NetError
from explorer.graph import fingerprint, lint
from explorer.ops import Zero, image
from explorer.space import Candidate, Rebind, Space, bind

Bound = Callable[..., Candidate]
SpaceOf = Callable[..., Space]

TWO = """net two
input photo: 3x32x32  classes 10  dtype uint8
input words: ids 16
text: words > embedding 100 8
seen: photo > conv 4x4/4 8 valid > tokens > attention 2 to=text
boxes: seen > token 1 > linear 4
name: seen > token 2 > linear classes
output name, boxes
"""


def test_inputs_come_first_and_carry_their_names(bound: Bound) -> None:
    graph = bound(TWO).graph
    assert lint(graph) == []
    assert [(node.path, str(node.shape)) for node in graph.inputs] == [
        ("photo", "3x32x32"),
        ("words", "ids 16"),
    ]
    assert "dtype=uint8" in str(graph.inputs[0].op)
    assert graph.input == image(3, 32, 32)


def test_outputs_leave_in_the_order_of_their_statement(bound: Bound) -> None:
    graph = bound(TWO).graph
    found = [(output.name, graph.nodes[output.node].path) for output in graph.outputs]
    assert found == [("name", "name.linear1"), ("boxes", "boxes.linear1")]
    assert graph.output == graph.outputs[0].node


def test_the_order_of_outputs_is_part_of_what_a_net_computes(bound: Bound) -> None:
    other = TWO.replace("output name, boxes", "output boxes, name")
    assert fingerprint(bound(TWO).graph) != fingerprint(bound(other).graph)


def test_an_output_need_not_be_the_last_line(bound: Bound) -> None:
    graph = bound(
        "space s\ninput 3x8x8\nknob n in 1..4\na: conv 1x1 4\nb: conv 1x1 n\noutput a\n"
    ).graph
    assert [node.path for node in graph.nodes] == ["input", "a.conv1"]


def test_the_second_value_of_an_op_is_an_edge(bound: Bound) -> None:
    graph = bound(TWO).graph
    node = next(node for node in graph.nodes if node.op.name == "attention")
    assert [graph.nodes[index].path for index in node.inputs] == ["seen.tokens1", "text.embedding1"]


def test_what_is_read_beside_must_be_a_value(space_of: SpaceOf) -> None:
    with pytest.raises(
        NetError, match="to= takes the name of a value, got wrds; did you mean 'words'"
    ):
        space_of(TWO.replace("to=text", "to=wrds"))


def test_several_inputs_keep_their_shapes(space_of: SpaceOf) -> None:
    with pytest.raises(NetError, match="several inputs keeps its own"):
        space_of(TWO, Rebind(image(1, 8, 8)))


HEADS = """net heads
input 3x32x32  classes 10
a: conv 3x3/2 8
b: conv 3x3/2 8
aux 0.3: a > avgpool 5x5/3 valid > side(4)
aux 0.25: b > side(2)
head: avgpool global > linear classes
block side(n):
  conv 1x1 n > avgpool global > linear classes
"""


SIDE = ("conv", "avgpool", "flatten_linear", "linear")


def test_auxiliary_heads_are_there_when_asked_for(space_of: SpaceOf) -> None:
    space = space_of(HEADS)
    plain, whole = bind(space).graph, bind(space, heads=True).graph
    assert plain.heads == ()
    assert [(head.name, head.weight) for head in whole.heads] == [
        ("aux1", Fraction(3, 10)),
        ("aux2", Fraction(1, 4)),
    ]
    only = {node.path for node in whole.nodes} - {node.path for node in plain.nodes}
    assert only == {
        "aux1.avgpool1",
        *(f"aux{number}.side1.{op}1" for number in (1, 2) for op in SIDE),
    }
    assert lint(whole) == lint(plain) == []


def test_auxiliary_heads_cost_nothing_at_inference(space_of: SpaceOf) -> None:
    lines = [line for line in HEADS.splitlines() if not line.startswith("aux")]
    without = space_of("\n".join(lines).split("block side")[0] + "\n")
    with_heads = space_of(HEADS)
    assert count(bind(with_heads).graph) == count(bind(without).graph)
    assert fingerprint(bind(with_heads).graph) == fingerprint(bind(without).graph)
    assert count(bind(with_heads, heads=True).graph).params > count(bind(without).graph).params


def test_a_head_leaves_the_line_behind_it_alone(space_of: SpaceOf) -> None:
    """A head that starts from what arrives does not become what flows on."""
    text = "net n\ninput 3x8x8\na: conv 1x1 4\naux 0.5: conv 1x1 2\nb: conv 1x1 6\n"
    graph = bind(space_of(text)).graph
    assert [node.path for node in graph.nodes] == ["input", "a.conv1", "b.conv1"]


def test_a_grid_too_small_for_the_heads_is_no_matter_without_them(space_of: SpaceOf) -> None:
    space = space_of(HEADS, Rebind(image(3, 8, 8)))
    assert bind(space).graph.heads == ()
    with pytest.raises(NetError, match="larger than the grid"):
        bind(space, heads=True)


def test_a_value_that_only_a_head_reads_is_read(space_of: SpaceOf) -> None:
    text = "net n\ninput 3x8x8\na: conv 1x1 4 as b > conv 1x1 3\nc: b > tanh\nd: a > relu\n"
    with pytest.raises(NetError, match=r"nothing reads 'c\.tanh1'"):
        bind(space_of(text))
    assert bind(space_of(text + "aux 0.5: c > relu\n")).graph.outputs[0].name == "output"


def test_zeros_add_nothing_to_a_sum(bound: Bound) -> None:
    graph = bound("net n\ninput 3x8x8\na: [ conv 1x1 3 > zero + id + conv 3x3 3 ]\n").graph
    assert [node.op.name for node in graph.nodes] == ["input", "conv", "add"]
    alone = bound("net n\ninput 3x8x8\na: [ zero + zero ]\n").graph
    assert sum(isinstance(node.op, Zero) for node in alone.nodes) == 2
