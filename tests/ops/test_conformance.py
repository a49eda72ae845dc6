"""One row an op: what a text says, and the shape, cost and layer that it must mean."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import pytest

from explorer.errors import NetError
from explorer.graph import Node
from explorer.ops import JOINS, OPS, Cost, Layer, Specification, TorchFunction
from explorer.space import Candidate

Bound = Callable[..., Candidate]
STRIDE_2 = ("stride", (2, 2))
PADDED = ("padding", (1, 1))


class Row(NamedTuple):
    """``text`` on an input of ``source``; the last node is the one that is looked at."""

    op: str
    text: str
    source: str
    sizes: tuple[int, ...]
    cost: Cost
    layer: Specification


ROWS = [
    Row(
        "conv",
        "conv 3x3 8",
        "3x10x12",
        (8, 10, 12),
        Cost(8 * 3 * 9 * 120, 8 * 3 * 9 + 8, 8 * 120),
        Layer("Conv2d", (3, 8, (3, 3)), (PADDED,)),
    ),
    Row(
        "conv",
        "conv 7x7/2 64",
        "3x224x224",
        (64, 112, 112),
        Cost(118_013_952, 9_472, 802_816),
        Layer("Conv2d", (3, 64, (7, 7)), (STRIDE_2, ("padding", (3, 3)))),
    ),
    Row(
        "conv",
        "conv 1x7 6 valid groups=3",
        "9x8x8",
        (6, 8, 2),
        Cost(3 * 6 * 7 * 16, 3 * 6 * 7 + 6, 6 * 16),
        Layer("Conv2d", (9, 6, (1, 7)), (("groups", 3),)),
    ),
    Row(
        "conv",
        "conv 3x3/(1, 2) 4 pad=(0, 2) dilation=2",
        "2x9x9",
        (4, 5, 5),
        Cost(2 * 4 * 9 * 25, 2 * 4 * 9 + 4, 4 * 25),
        Layer(
            "Conv2d",
            (2, 4, (3, 3)),
            (("stride", (1, 2)), ("padding", (0, 2)), ("dilation", (2, 2))),
        ),
    ),
    Row(
        "conv",
        "conv 9/4 32",
        "1x40",
        (32, 10),
        Cost(32 * 9 * 10, 32 * 9 + 32, 320),
        Layer("Conv1d", (1, 32, (9,)), (("stride", (4,)), ("padding", (4,)))),
    ),
    Row(
        "maxpool",
        "maxpool 3x3/2 valid",
        "5x8x9",
        (5, 3, 4),
        Cost(),
        Layer("MaxPool2d", ((3, 3),), (STRIDE_2,)),
    ),
    Row(
        "maxpool",
        "maxpool 3x3/2 valid ceil",
        "5x8x9",
        (5, 4, 4),
        Cost(),
        Layer("MaxPool2d", ((3, 3),), (STRIDE_2, ("ceil_mode", True))),
    ),
    Row(
        "maxpool",
        "maxpool 2/2 same",
        "5x7",
        (5, 3),
        Cost(),
        Layer("MaxPool1d", ((2,),), (("stride", (2,)),)),
    ),
    Row(
        "avgpool",
        "avgpool 3x3/1 same excludepad",
        "5x8x8",
        (5, 8, 8),
        Cost(),
        Layer("AvgPool2d", ((3, 3),), (("stride", (1, 1)), PADDED, ("count_include_pad", False))),
    ),
    Row(
        "avgpool",
        "avgpool global",
        "5x7x9",
        (5, 1, 1),
        Cost(),
        Layer("AdaptiveAvgPool2d", (1,)),
    ),
    Row(
        "batchnorm",
        "batchnorm",
        "5x8x8",
        (5, 8, 8),
        Cost(params=10),
        Layer("BatchNorm2d", (5,)),
    ),
    Row(
        "batchnorm",
        "flatten > batchnorm eps=0.001 momentum=(1/4)",
        "2x3x4",
        (24,),
        Cost(params=48),
        Layer("BatchNorm1d", (24,), (("eps", 0.001), ("momentum", 0.25))),
    ),
    Row(
        "lrn",
        "lrn size=3 alpha=2e-4",
        "5x8x8",
        (5, 8, 8),
        Cost(),
        Layer("LocalResponseNorm", (3,), (("alpha", 0.0002), ("beta", 0.75), ("k", 1.0))),
    ),
    *(
        Row(word, word, "2x3x4", (2, 3, 4), Cost(), Layer(name))
        for word, name in (
            ("relu", "ReLU"),
            ("relu6", "ReLU6"),
            ("silu", "SiLU"),
            ("gelu", "GELU"),
            ("hardswish", "Hardswish"),
            ("sigmoid", "Sigmoid"),
            ("tanh", "Tanh"),
        )
    ),
    Row("dropout", "dropout 0.4", "2x3x4", (2, 3, 4), Cost(), Layer("Dropout", (0.4,))),
    Row("flatten", "flatten", "2x3x4", (24,), Cost(), Layer("Flatten")),
    Row(
        "linear",
        "avgpool global > linear 10",
        "7x3x4",
        (10,),
        Cost(70, 80, 10),
        Layer("Linear", (7, 10)),
    ),
]
JOIN_ROWS = [
    Row(
        "concat",
        "[ conv 1x1 4 | id | conv 1x1 2 ]",
        "3x5x5",
        (9, 5, 5),
        Cost(),
        TorchFunction("cat", listed=True, kwargs=(("dim", 1),)),
    ),
    Row("add", "[ conv 1x1 3 + id ]", "3x5x5", (3, 5, 5), Cost(), TorchFunction("add")),
    Row(
        "multiply",
        "[ avgpool global > sigmoid * id ]",
        "3x5x5",
        (3, 5, 5),
        Cost(),
        TorchFunction("mul"),
    ),
    Row(
        "multiply",
        "[ id * conv 1x1 1 ]",
        "3x5x5",
        (3, 5, 5),
        Cost(),
        TorchFunction("mul"),
    ),
]


def text_of(line: str, source: str = "3x8x8") -> str:
    return f"net n\ninput {source} classes 10\nx: {line}\n"


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


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv 3x3 8 groups=3 > conv 3x3 9 groups=3", "3 groups do not divide 8 outgoing"),
        ("conv 3x3 8 groups=4", "4 groups do not divide 3 incoming channels"),
        ("conv 9x9 8 valid", "conv kernel 9x9 is larger than the grid 8x8"),
        ("conv 3x3 8 valid dilation=4", "conv kernel 3x3 is larger than the grid 8x8"),
        ("conv 11x1 8 pad=(1, 0)", "conv kernel 11x1 is larger than the grid 8x8 padded by 1x0"),
        ("conv 2x2 8", "'same' with kernel 2 at stride 1 cannot keep the grid"),
        ("conv 3x4/(2, 1) 8", "'same' with kernel 4 at stride 1 cannot keep the grid"),
        ("conv 3x3x3 8", "kernel 3x3x3 has 3 sizes, but the grid has 2"),
        ("conv 3x3/(1, 2, 1) 8", "stride 1x2x1 has 3 sizes, but the grid has 2"),
        ("conv 3x3 8 pad=(1, 1, 1)", "conv pad 1x1x1 has 3 sizes, but the grid has 2"),
        ("conv 3x3 0", "channels is a positive whole number, got 0"),
        ("conv 3x3 (7/2)", "channels is a positive whole number, got 7/2"),
        ("conv 0x3 8", "kernel is a positive whole number, got 0"),
        ("conv 3x3/0 8", "stride is a positive whole number, got 0"),
        ("conv 3x3 8 pad=(0 - 1)", "pad is a whole number, got -1"),
        ("conv 3x3 8 groups=0", "groups is a positive whole number, got 0"),
        ("maxpool valid", "maxpool needs a kernel, as in: maxpool 3x3/2 valid"),
        ("maxpool 3x3", "maxpool must say 'same' or 'valid'"),
        ("avgpool 9x9 valid", "avgpool kernel 9x9 is larger than the grid 8x8"),
        ("maxpool 3x3 pad=2", "maxpool pads by more than half its kernel"),
        ("maxpool 2x2 same", "'same' with kernel 2 at stride 1 cannot keep the grid"),
        ("flatten > conv 1x1 8", "conv takes a map, got vector 192"),
        ("flatten > maxpool 1 valid", "maxpool"),
        ("flatten > avgpool global", "avgpool takes a map, got vector 192"),
        ("flatten > flatten", "flatten takes a map, got vector 192"),
        ("flatten > lrn", "lrn takes a map, got vector 192"),
        ("linear 10", "linear takes a vector or a 1x1 map, got map 3x8x8"),
        ("dropout 1", "dropout takes a share from 0 to below 1, got 1.0"),
        ("dropout (0 - 0.1)", "dropout takes a share from 0 to below 1"),
        ("[ conv 3x3/2 8 | id ]", "'|' joins equal grids, got 8x4x4 and 3x8x8"),
        ("[ flatten | id ]", "'|' joins equal grids, got 192 and 3x8x8"),
        ("[ conv 1x1 8 + id ]", "'+' joins equal shapes, got 8x8x8 and 3x8x8"),
        ("[ conv 1x1 2 * id ]", "'*' cannot spread 2x8x8 and 3x8x8 to one shape"),
        ("[ maxpool 2x2/2 valid * id ]", "'*' cannot spread 3x4x4 and 3x8x8 to one shape"),
        ("[ flatten * id ]", "'*' cannot spread 192 and 3x8x8 to one shape"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(
    line: str, message: str, bound: Bound
) -> None:
    with pytest.raises(NetError) as caught:
        bound(text_of(line))
    assert message in caught.value.message
    assert caught.value.place is not None
    assert caught.value.place.line == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv 3x3", "conv needs kernel[/stride] channels; channels is missing"),
        ("conv 3x3 8 9", "conv takes kernel[/stride] channels; this is one more"),
        ("conv 3x3 8 sme", "this is one more; did you mean 'same'?"),
        ("conv 3x3 8/2", "conv takes no '/' here"),
        ("conv 3x3 8 same/2", "'same' takes no '/'"),
        ("conv 3x3 8 group=2", "conv has no 'group='; it takes pad=, dilation=, groups="),
        ("conv 3x3 8 group=2", "did you mean 'groups'?"),
        ("conv 3x3 8 groups=1 groups=2", "conv is given its groups twice"),
        ("conv 3x3 8 same valid", "conv is given its pad twice"),
        ("avgpool global 3x3", "avgpool is given its kernel twice"),
        ("conv 3x3 8 act=swish", "act= takes one of: none, relu"),
        ("conv 3x3 8 norm=4", "norm= takes one of: none, batch"),
        ("maxpool 3x3 valid ceil=1", "ceil= takes a bare word"),
        ("maxpool 3x3 valid act=relu", "maxpool has no 'act='"),
        ("relu 2", "relu takes no arguments; this is one more"),
        ("relu p=2", "relu has no 'p='; it takes no named arguments"),
        ("lrn size=(3, 3)", "a number is needed here, not sizes"),
        ("conv (h=1, w=7) 8", "sizes have no names, got 'h='"),
        ("dropout", "dropout needs p; p is missing"),
    ],
)
def test_arguments_that_an_op_does_not_take_are_refused(
    line: str, message: str, bound: Bound
) -> None:
    with pytest.raises(NetError) as caught:
        bound(text_of(line))
    assert message in caught.value.message
    assert caught.value.place is not None
