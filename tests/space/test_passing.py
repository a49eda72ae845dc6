"""What a call passes to a block: numbers, words, levers and values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.errors import NetError
from explorer.graph import fingerprint
from explorer.language import print_syntax
from explorer.space import Candidate, bind
from explorer.space.close import close
from explorer.space.library import Text

Bound = Callable[..., Candidate]
WORDS = """space words
input 3x8x8  classes 4
default conv norm=batch
knob n = 8 in 4..16 step 4

block unit(n, a = relu, m = none):
  conv 3x3 n act=a > a > conv 1x1 n norm=m > m

x: unit(n) > unit(8, silu) > unit(8, none, batch) > outer(tanh)
block outer(b):
  unit(4, b, m=layer)
"""
LEVER = """space tied
input 8x8x8
lever pool in {max, avg}
lever other in {max, avg}

block down(p):
  choose p { max: maxpool 2x2/2 valid | avg: avgpool 2x2/2 valid }

x: down(pool) > down(other) > down(p=pool)
"""
VALUE = """net passed
input ids 16

block layer(memory):
  [ attention 2 to=memory + id ] > [ memory > linear 8 + id ]

m: embedding 100 8 as first > linear 8
x: layer(first) > layer(m)
"""


def ops(candidate: Candidate) -> list[str]:
    return [node.op.name for node in candidate.graph.nodes[1:]]


def test_a_word_is_an_activation_or_a_normalisation(bound: Bound) -> None:
    assert ops(bound(WORDS)) == [
        *("conv", "batchnorm", "relu", "relu", "conv"),
        *("conv", "batchnorm", "silu", "silu", "conv"),
        *("conv", "batchnorm", "conv", "batchnorm", "batchnorm"),
        *("conv", "batchnorm", "tanh", "tanh", "conv", "layernorm", "layernorm"),
    ]


def test_a_lever_is_passed_by_its_name(bound: Bound) -> None:
    assert ops(bound(LEVER, {"pool": "avg"})) == ["avgpool", "maxpool", "avgpool"]


def test_a_value_is_passed_by_its_name(bound: Bound) -> None:
    graph = bound(VALUE).graph
    read = [graph.nodes[n.inputs[1]].path for n in graph.nodes if n.op.name == "attention"]
    assert read == ["m.first.embedding1", "m.linear1"]


@pytest.mark.parametrize(
    ("text", "assignment"),
    [
        (WORDS, {}),
        (WORDS, {"n": 16}),
        (LEVER, {"pool": "avg"}),
        (LEVER, {"other": "avg"}),
        (VALUE, {}),
    ],
)
def test_what_is_passed_survives_closing(text: str, assignment: dict[str, object]) -> None:
    whole = Text("t", text)
    closed = Text("c", print_syntax(close(whole, assignment)))
    expected = fingerprint(bind(whole.space(), assignment).graph)
    assert fingerprint(bind(closed.space()).graph) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("unit(8, silu)", "unit(8, slu)"), "no number is called 'slu'"),
        (("unit(8, silu)", "unit(silu)"), "a number is needed here, and 'n' is the word 'silu'"),
        (("unit(8, silu)", "unit(8, batch)"), "act= takes one of"),
        (("outer(tanh)", "outer(n)"), "act= takes one of"),
    ],
)
def test_a_word_in_the_wrong_place_is_refused(
    bound: Bound, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(NetError) as caught:
        bound(WORDS.replace(*change))
    assert message in caught.value.message
    assert caught.value.calls or "slu" in message


def test_channels_are_those_of_a_block(bound: Bound) -> None:
    with pytest.raises(NetError, match="'channels' stands in a block"):
        bound("net n\ninput 3x8x8\nx: conv 1x1 (2*channels)\n")


def test_a_linear_layer_may_bring_its_activation(bound: Bound) -> None:
    text = "net n\ninput vector 8\nx: linear 4 act=relu > linear 4 norm=batch\n"
    graph = bound(text).graph
    assert ops(bound(text)) == ["linear", "relu", "linear", "batchnorm"]
    assert [str(node.op) for node in graph.nodes if node.op.name == "linear"] == [
        "linear channels=4",
        "linear channels=4 bias=False",
    ]
