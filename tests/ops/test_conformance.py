"""One row or more an op: what a text says, and the shape, cost and layer that it must mean."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from explorer.graph import Node
from explorer.ops import JOINS, OPS, Input, Layer, Shape, ids, image, tokens, vector
from explorer.space import Candidate
from tests.ops.row import Row, text_of
from tests.ops.rows_grid import GRID_ROWS
from tests.ops.rows_tokens import ACTIVATION_ROWS, ELEMENT_ROWS, JOIN_ROWS, TOKEN_ROWS

ROWS = [*GRID_ROWS, *ACTIVATION_ROWS, *ELEMENT_ROWS, *TOKEN_ROWS]
Bound = Callable[..., Candidate]


@pytest.mark.parametrize("row", [*ROWS, *JOIN_ROWS], ids=lambda row: f"{row.text}")
def test_an_op_is_what_its_row_says(row: Row, bound: Bound) -> None:
    graph = bound(text_of(row.text, row.source)).graph
    node = graph.nodes[graph.output]
    shapes = graph.shapes(node)
    assert node.op.name == row.op
    assert node.shape.sizes == row.sizes
    assert node.op.cost(shapes, node.shape) == row.cost
    assert node.op.layer(shapes) == row.layer


def test_every_op_has_a_row() -> None:
    assert {row.op for row in ROWS} == set(OPS)
    assert {row.op for row in JOIN_ROWS} == {op.name for op in JOINS.values()}


def test_an_op_and_its_row_in_the_table_share_a_name() -> None:
    assert all(op.name == name for name, op in OPS.items())


def last(bound: Bound, line: str, source: str = "3x8x8") -> Node:
    graph = bound(text_of(line, source)).graph
    return graph.nodes[graph.output]


def test_a_convolution_with_a_norm_has_no_bias(bound: Bound) -> None:
    graph = bound(text_of("conv 1x1 8 norm=batch act=relu")).graph
    assert [node.op.name for node in graph.nodes] == ["input", "conv", "batchnorm", "relu"]
    conv = graph.nodes[1]
    assert conv.op.cost(graph.shapes(conv), conv.shape).params == 24
    assert conv.op.layer(graph.shapes(conv)) == Layer("Conv2d", (3, 8, (1, 1)), (("bias", False),))


def test_a_linear_layer_flattens_one_cell_and_no_more(bound: Bound) -> None:
    graph = bound(text_of("avgpool global > linear 10")).graph
    assert [node.op.name for node in graph.nodes[2:]] == ["flatten", "linear"]
    assert graph.nodes[2].shape.sizes == (3,)


def test_arguments_stay_exact(bound: Bound) -> None:
    assert last(bound, "dropout (1/3)").op.p == Fraction(1, 3)  # type: ignore[attr-defined]
    assert str(last(bound, "dropout 0.1").op) == "dropout p=1/10"
    assert str(last(bound, "batchnorm eps=1e-3").op) == "batchnorm eps=1/1000 momentum=1/10"


def test_equal_ops_are_written_alike(bound: Bound) -> None:
    short = last(bound, "conv 3x3 8").op
    full = last(bound, "conv (3, 2 + 1)/1 (2*4) same dilation=1 groups=1").op
    assert short == full
    assert str(short) == str(full)
    words = ["kernel=(3, 3)", "channels=8", "stride=(1, 1)", "pad=(1, 1)", "dilation=(1, 1)"]
    assert str(full) == " ".join(["conv", *words, "groups=1", "bias=True"])


def test_an_op_that_learned_an_argument_is_written_as_before(bound: Bound) -> None:
    assert str(last(bound, "avgpool global > linear 10").op) == "linear channels=10"
    assert str(last(bound, "avgpool global > linear 10 bias").op) == "linear channels=10"
    biased = str(last(bound, "avgpool global > linear 10 nobias").op)
    assert biased == "linear channels=10 bias=False"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (Input(image(3, 8, 8)), "input what=3x8x8"),
        (Input(vector(8)), "input what=8"),
        (Input(tokens(4, 6)), "input what=tokens 4x6"),
        (Input(ids(4), "int64"), "input what=ids 4"),
        (Input(ids(4), "int32", "words"), "input what=ids 4 dtype=int32 label=words"),
        (Input(image(3, 8), "uint8"), "input what=3x8 dtype=uint8"),
    ],
)
def test_an_input_says_what_is_unusual(source: Input, line: str) -> None:
    assert str(source) == line


@pytest.mark.parametrize(
    ("shape", "sizes", "described"),
    [
        (image(3, 8, 9), (3, 8, 9), "map 3x8x9"),
        (vector(10), (10,), "vector 10"),
        (tokens(196, 768), (196, 768), "tokens 196x768"),
        (ids(16), (16,), "ids 16"),
    ],
)
def test_a_shape_has_sizes_and_elements(
    shape: Shape, sizes: tuple[int, ...], described: str
) -> None:
    elements = 1
    for size in sizes:
        elements *= size
    assert (shape.sizes, shape.elements, shape.described) == (sizes, elements, described)


@pytest.mark.parametrize(
    ("line", "biased"),
    [
        ("conv 1x1 8", True),
        ("conv 1x1 8 nobias", False),
        ("conv 1x1 8 norm=batch", False),
        ("conv 1x1 8 norm=layer bias", True),
        ("dwconv 3x3", True),
        ("dwconv 3x3 norm=batch", False),
        ("dwconv 3x3 norm=batch bias", True),
        ("dwconv 3x3 nobias", False),
    ],
)
def test_a_convolution_has_a_bias_unless_a_norm_follows_or_the_text_says_so(
    line: str, biased: bool, bound: Bound
) -> None:
    assert bound(text_of(line)).graph.nodes[1].op.bias is biased  # type: ignore[attr-defined]


def test_a_norm_and_an_activation_follow_a_depthwise_convolution(bound: Bound) -> None:
    graph = bound(text_of("dwconv 3x3 norm=layer act=softmax")).graph
    assert [node.op.name for node in graph.nodes[1:]] == ["dwconv", "layernorm", "softmax"]
