"""An assignment is text that can be fed back, and a space says how much it leaves open."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from explorer.errors import NetError
from explorer.space import Space, bind
from explorer.space.extent import depth, size_in_words
from explorer.space.knobs import read_assignment, write_assignment
from explorer.space.library import open_space

SpaceOf = Callable[..., Space]


def test_an_assignment_makes_the_round_trip() -> None:
    space = open_space("inception")
    dice = random.Random(4)
    for _ in range(5):
        drawn = {path: dice.choice(choice.values) for path, choice in space.choices.items()}
        first = bind(space, drawn)
        text = write_assignment(space.choices, first.assignment)
        assert bind(space, read_assignment(text)) == first


def test_an_assignment_says_what_is_allowed(space_of: SpaceOf) -> None:
    space = space_of(
        "space s\ninput 3x8x8\nknob n = 8 in 4..16 step 4\nknob w = 1 in 1/2..2 step 1/4\n"
        "knob k in {1, 3, 7}\nknob d in 1..3\nlever p in {max, avg}\n"
        "x: repeat d (conv (k, k) n) > conv 1x1 (4*w) > choose p { max: relu | avg: tanh }\n"
    )
    assert write_assignment(space.choices, bind(space).assignment).splitlines() == [
        "n = 8    # in 4..16 step 4",
        "w = 1    # in 1/2..2 step 1/4",
        "k = 1    # in {1, 3, 7}",
        "d = 1    # in 1..3",
        "p = max  # in {max, avg}",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n 8\n", "line 1: 'n 8' is not 'path = value'"),
        ("# none\n\nn =\n", "line 3: 'n =' is not 'path = value'"),
        ("n = 8\nn = 9\n", "line 2: 'n = 9' is given twice"),
    ],
)
def test_what_is_no_assignment_is_refused(text: str, message: str) -> None:
    with pytest.raises(NetError) as caught:
        read_assignment(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("lines", "deep"),
    [
        ("x: relu", 0),
        ("knob n in 1..4\nx: conv 1x1 n", 1),
        ("lever a in {u, v}\nx: choose a { u: relu | v: tanh }", 1),
        ("knob n in 1..4\nlever a in {u, v}\nx: choose a { u: conv 1x1 n | v: tanh }", 2),
        ("knob n in 1..4\nknob d in 1..2\nx: repeat d (conv 1x1 n) > conv 1x1 n", 2),
        (
            "knob n in 1..4\nlever a in {u, v}\nlever b in {s, t}\n"
            "x: choose a { u: choose b { s: conv 1x1 n | t: relu } | v: tanh }",
            3,
        ),
        ("knob n in 1..4\nx: if (n > 2) (conv 1x1 n)", 2),
        ("knob n in 1..4\nx: [ relu | conv 1x1 n when (n > 2) ]", 2),
    ],
)
def test_the_depth_of_choice(space_of: SpaceOf, lines: str, deep: int) -> None:
    assert depth(space_of(f"space s\ninput 3x8x8\n{lines}\n")) == deep


def test_sizes_that_nobody_counts_are_rounded() -> None:
    assert size_in_words(open_space("inception")) == "about 10^129"
    assert size_in_words(open_space("googlenet")) == "1"
