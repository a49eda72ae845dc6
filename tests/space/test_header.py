"""What a text says once for all, and what a protocol may say instead."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from explorer.errors import NetError
from explorer.ops import image, vector
from explorer.space import Candidate, Rebind, Space
from explorer.space.space import Expected

SpaceOf = Callable[..., Space]
Bound = Callable[..., Candidate]


def widths(candidate: Candidate) -> list[int]:
    return [n.shape.channels for n in candidate.graph.nodes if n.op.name in ("conv", "linear")]


def test_the_header_is_read(space_of: SpaceOf) -> None:
    space = space_of(
        'net small "A title"\ninput 3x8x16\n'
        "expect macs=1e3 params=12\nparam a = 1/2\nparam b = a*3\nx: id\n"
    )
    assert (space.name, space.title) == ("small", "A title")
    assert space.header.input == image(3, 8, 16)
    assert space.header.classes is None
    assert (space.header.width, space.header.rounded) == (1, 1)
    assert space.header.params == {"a": Fraction(1, 2), "b": Fraction(3, 2)}
    assert space.expected == Expected({"macs": 1000, "params": 12})


def test_sizes_may_be_computed_from_params(space_of: SpaceOf) -> None:
    text = "net n\nparam side = 16\ninput (3, 2*side, side/2)  classes (side - 6)\nx: id\n"
    assert space_of(text).header.input == image(3, 32, 8)
    assert space_of(text).header.classes == 10
    assert space_of(text, Rebind(params={"side": 8})).header.input == image(3, 16, 4)


def test_one_dimension(bound: Bound) -> None:
    text = "net n\ninput 1x40  classes 10\nx: conv 9/4 32 > avgpool global > linear classes\n"
    assert [node.shape.sizes for node in bound(text).graph.nodes] == [
        (1, 40),
        (32, 10),
        (32, 1),
        (32,),
        (10,),
    ]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("input 3x8x8\n", "the 'net' statement is missing"),
        ("net n\n", "the 'input' statement is missing, as in: input 3x224x224 classes 1000"),
        ("net n\nnet m\ninput 3x8x8\n", "a text has one 'net' statement"),
        ("net n\ninput 3x8x8\ninput 3x8x8\n", "each of several inputs has a name"),
        ("net n\ninput a: 3x8x8\ninput a: 3x8x8\n", "'a' is declared twice"),
        ("net n\ninput conv: 3x8x8\n", "'conv' is a word of the language"),
        ("net n\ninput mpa 3x8x8\n", "an input is one of: map, vector, tokens, ids; got 'mpa'"),
        ("net n\ninput tokens 8\n", "an input of tokens is their number and their channels"),
        ("net n\ninput ids 3x8\n", "an input of ids is their number"),
        ("net n\ninput vector 3x8\n", "an input of a vector is its channels"),
        ("net n\ninput ids 8 dtype float32\n", "the dtype of ids is one of: int64, int32"),
        ("net n\ninput 3x8x8 dtype half\n", "the dtype of map is one of: float32, uint8"),
        ("net n\ninput (c=3, 8, 8)\n", "sizes have no names, got 'c='"),
        (
            "net n\ninput a: 3x8x8 classes 2\ninput b: 3x8x8 classes 2\n",
            "'classes' is said once, at one of the inputs",
        ),
        ("net n\ninput 3x0x8\n", "an input is channels and a grid"),
        ("net n\ninput 3x8x8x8\n", "an input is channels and a grid"),
        ("net n\ninput ()\n", "an input is channels and a grid"),
        ("net n\ninput (3)\n", "an input is channels and a grid"),
        ("net n\ninput (3, 7/2, 2)\n", "an input is channels and a grid"),
        (
            "net n\ninput (3, side, 8)\n",
            "no param above is called 'side'",
        ),
        ("net n\ninput 3x8x8 classes 0\n", "'classes' is a positive whole number, got 0"),
        ("net n\ninput 3x8x8 classes 1.5\n", "'classes' is a positive whole number, got 3/2"),
        ("net n\ninput 3x8x8 width 0 rounded 8\n", "'width' is positive, got 0"),
        ("net n\ninput 3x8x8 width 1 rounded 0.5\n", "'rounded' is a positive whole number"),
        ("net n\ninput 3x8x8\nparam a = 1\nparam a = 2\n", "'a' is declared twice"),
        ("net n\ninput 3x8x8\nparam a = 1/0\n", "division by zero"),
        ("net n\ninput 3x8x8\nparam a = b\nparam b = 1\n", "no param above is called 'b'"),
        ("net n\ninput 3x8x8\ndefault cnov same\n", "no op is called 'cnov'; did you mean 'conv'?"),
        ("net n\ninput 3x8x8\ndefault conv same\ndefault conv valid\n", "has its defaults already"),
        ("net n\ninput 3x8x8\nexpect flops=3\n", "'expect' takes macs=, params= or activations="),
        ("net n\ninput 3x8x8\nexpect macs=1.5\n", "a count is a whole number, got 3/2"),
        ("language 2\nnet n\ninput 3x8x8\n", "this text is in language 2; this version reads 1"),
        ("net n\ninput 3x8x8\nmember m (a=1)\n", "no param, knob or lever at the top is called"),
        ("net n\ninput 3x8x8\nparam a = 1\nmember m (1)\n", "a member names its values"),
        ("net n\ninput 3x8x8\nparam a = 1\nmember m (a=1, a=2)\n", "'a' is given twice"),
        ("net n\ninput 3x8x8\nmember m ()\nmember m ()\n", "'m' is declared twice"),
        ("net n\ninput 3x8x8\nexpect macs=1\nexpect macs=1\n", "a text has one 'expect'"),
        ("net n\ninput 3x8x8\noutput a\na: id\noutput a\n", "a text has one 'output' statement"),
        ("net n\ninput 3x8x8\na: id\noutput b\n", "'b' is no value of the text"),
        ("net n\ninput 3x8x8\na: relu\noutput a, a\n", "'a' leaves twice"),
        (
            "net n\ninput 3x8x8\nblock c():\n  id\nblock c():\n  id\n",
            "'c' is declared twice; first in line 3",
        ),
    ],
)
def test_a_header_without_sense_is_refused(space_of: SpaceOf, head: str, message: str) -> None:
    with pytest.raises(NetError) as caught:
        space_of(f"{head}x: id\n")
    assert message in caught.value.message
    assert caught.value.place is not None or "missing" in message


def test_a_default_may_be_overwritten(bound: Bound) -> None:
    text = (
        "net n\ninput 3x8x8\ndefault conv valid act=relu\ndefault batchnorm eps=0.001\n"
        "x: conv 3x3 8 > conv 3x3 8 same act=none > conv 1x1 8 norm=batch\n"
    )
    graph = bound(text).graph
    assert [node.op.name for node in graph.nodes[1:]] == [
        *("conv", "relu", "conv", "conv", "batchnorm", "relu")
    ]
    assert [node.shape.grid for node in graph.nodes[1:4]] == [(6, 6)] * 3
    assert "eps=1/1000" in str(graph.nodes[5].op)


EARLY = """\
net n
param first = 2
param second = first
param width = 8
input 3x32x32  classes 10
x: conv 3x3/first width > conv 3x3/second (2*width) > avgpool global > linear classes
"""


def test_a_protocol_rebinds_params_and_what_follows_from_them(bound: Bound) -> None:
    grids = {1: (32, 32), 2: (8, 8), 4: (2, 2)}
    for stride, grid in grids.items():
        candidate = bound(EARLY, rebind=Rebind(params={"first": stride}))
        assert candidate.graph.nodes[2].shape.grid == grid
    both = bound(EARLY, rebind=Rebind(params={"first": 1, "second": 2}))
    assert both.graph.nodes[2].shape.grid == (16, 16)


def test_a_protocol_rebinds_input_and_classes(bound: Bound) -> None:
    candidate = bound(EARLY, rebind=Rebind(input=image(1, 28, 28), classes=3))
    assert candidate.graph.input == image(1, 28, 28)
    assert candidate.graph.classes == 3
    assert candidate.graph.nodes[-1].shape == vector(3)


def test_a_param_that_is_not_there_is_refused(space_of: SpaceOf) -> None:
    with pytest.raises(NetError) as caught:
        space_of(EARLY, Rebind(params={"frist": 1}))
    assert caught.value.message == (
        "the text has no param 'frist'; did you mean 'first'? (it has: first, second, width)"
    )


WIDE = """\
space s
input 3x8x8  classes 10  width 1 rounded 8
knob n = 32 in 8..64 step 8
param fixed = 24
x: conv 3x3 n > conv 1x1 (2*fixed) > conv 3x3 48 groups=4
block gate():
  [ id * avgpool global > conv 1x1 (channels//3) > conv 1x1 channels ]
se: gate()
head: conv 1x1 (3*classes) > avgpool global > linear 100 > linear classes
"""


def test_the_width_scales_what_mentions_neither_channels_nor_classes(bound: Bound) -> None:
    assert widths(bound(WIDE)) == [32, 48, 48, 16, 48, 30, 100, 10]
    half = bound(WIDE, rebind=Rebind(width=Fraction(1, 2)))
    assert widths(half) == [16, 24, 24, 8, 24, 30, 48, 10]


def test_a_width_in_the_text_is_a_width_like_another(bound: Bound) -> None:
    half = "net n\ninput 3x8x8  width 0.5 rounded 4\nx: conv 1x1 24 > conv 1x1 7\n"
    assert widths(bound(half)) == [12, 4]
    assert widths(bound(half, rebind=Rebind(width=Fraction(2)))) == [48, 16]


def test_a_width_of_one_changes_nothing_and_rounds_nothing(bound: Bound) -> None:
    text = "net n\ninput 3x8x8  width 1 rounded 8\nx: conv 1x1 13\n"
    assert widths(bound(text)) == [13]


def test_kernels_and_groups_are_not_scaled(bound: Bound) -> None:
    text = "net n\ninput 4x8x8  width 2 rounded 1\nx: conv 3x3/2 8 groups=2 dilation=1 pad=1\n"
    (op,) = [node.op for node in bound(text).graph.nodes if node.op.name == "conv"]
    assert str(op) == (
        "conv kernel=(3, 3) channels=16 stride=(2, 2) pad=(1, 1) dilation=(1, 1) groups=2 bias=True"
    )


def test_a_width_keeps_a_residual_around_channels_intact(bound: Bound) -> None:
    block = "block res():\n  [ conv 3x3 channels + id ]\n"
    text = f"net n\ninput 3x8x8\n{block}stem: conv 3x3 16\na: res()\n"
    candidate = bound(text, rebind=Rebind(width=Fraction(3, 2)))
    assert widths(candidate) == [24, 24]


def test_classes_that_are_not_said_cannot_be_used(bound: Bound) -> None:
    for line in ("linear classes", "if (classes > 2) (relu)", "[ id | id when (classes > 1) ]"):
        with pytest.raises(NetError, match="does not say how many classes there are") as caught:
            bound(f"net n\ninput 3x1x1\nx: {line}\n")
        assert caught.value.place is not None


RESIDUAL = """space residual
input 3x32x32  classes 10  width 1 rounded 8
default conv norm=batch act=relu
block unit(n):
  [ conv 3x3 n act=none
  + id when (channels == n)
  + conv 1x1 n act=none when (n != channels) ] > relu
x: conv 3x3 64 > unit(64) > unit(128) > unit(128)
"""


@pytest.mark.parametrize("width", [Fraction(1, 8), Fraction(1, 3), Fraction(1), Fraction(5, 4)])
def test_channels_and_widths_are_compared_at_one_scale(bound: Bound, width: Fraction) -> None:
    """A residual keeps its shortcuts under any width of a protocol."""
    graph = bound(RESIDUAL, rebind=Rebind(width=width)).graph
    joins = [node.inputs for node in graph.nodes if node.op.name == "add"]
    assert len(joins) == 3
    projected = [sum(graph.nodes[i].op.name == "batchnorm" for i in join) for join in joins]
    assert projected == [1, 2, 1]


def test_groups_follow_the_width(bound: Bound) -> None:
    text = "net n\ninput 3x8x8  width 1 rounded 8\nx: conv 1x1 128 > conv 3x3 128 groups=32\n"
    groups = [
        bound(text, rebind=Rebind(width=width)).graph.nodes[2].op.groups  # type: ignore[attr-defined]
        for width in (Fraction(1), Fraction(1, 4), Fraction(1, 8))
    ]
    assert groups == [32, 32, 16]
