"""What random texts have found: each once, as small as it became."""

from __future__ import annotations

from random import Random

import pytest

from explorer.errors import NetError
from explorer.graph import lint
from explorer.space import bind
from tests.properties.meaning import closing_keeps_the_computation, space_of
from tests.soak.follow import failure
from tests.soak.properties import read

# The net that a space was closed to was another, or none.
CLOSED = (
    "[ zero + relu + silu ]",
    "[ zero + relu ]",
    "[ conv 1x1 6 > zero + relu + id ]",
    "[ [ zero > elu + zero + id ] + elu ]",
    "[ zero as z + relu ] > [ id | z ]",
    "cell(6)",
    "[ cell(6) + sigmoid ] > [ part 1/2 when (n > 2) | id ] > cell(12)",
    "[ relu when (classes < 3) + silu ]",
    "repeat 2 as i (repeat 1 as j (repeat 1 (conv 1x1 (6*i))))",
)


@pytest.mark.parametrize("chain", CLOSED)
@pytest.mark.parametrize("kind", ["net", "space"])
def test_closing_keeps_the_computation(chain: str, kind: str) -> None:
    more = "knob n in 1..3\n" if kind == "space" else "param n = 2\n"
    block = (
        "block cell(c):\n  [ conv 1x1 c when (channels != c) + id when (channels == c) + zero ]\n"
    )
    text = f"{kind} n\ninput 6x4x4 classes 5\n{more}{block}a: cell(6)\nb: {chain}\n"
    for seed in range(4):
        closing_keeps_the_computation(read(text), Random(seed))


def test_every_input_of_a_net_is_read() -> None:
    text = "net n\ninput a: 3x8x8\ninput b: 3x8x8\nx: a > relu\n"
    with pytest.raises(NetError, match="nothing reads the input 'b'"):
        bind(space_of(text))
    space = text.replace("net n", "space n\nknob k in 1..2").replace("relu", "conv 1x1 k")
    assert lint(bind(space_of(space)).graph) == []


# What an error told badly, or what was no error of ours.
MISTAKES = (
    "space n\ninput vector 1 width 1 rounded 4\n[batchnorm eps=1x1+(f)]\n",
    'net n "a title\rinput 3x8x8\ra: relu\r',
    'net n "\x00\x0b\u2028\ninput 3x8x8\na: relu\n',
    "net n\ninput 3x8x8\na: \x00 > \u2028\n",
    f"net n\ninput 3x8x8\na: {'a' * 5000}\n",
    f"net n\ninput 3x8x8\na: relu {'9' * 40} > {'b' * 5000} c\n",
)


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_in_one_line(text: str) -> None:
    assert failure(text) is None
