"""A million assignments at once cost what each costs alone."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from explorer.cost.batch import COSTS, BatchCounter, decode, encode
from explorer.errors import ExplorerError
from explorer.language import parse
from explorer.space import elaborate
from explorer.space.library import find_text
from tests.cost.batch.spaces import SHIPPED, alone, differences, drawn, space_of
from tests.properties.texts import a_space
from tests.soak.mutate import mutated


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_spaces(name: str) -> None:
    """More of them: python -m tests.soak.counts."""
    space = find_text(name, "space").space()
    assert differences(space, drawn(space, 60, seed=1)) == []
    assert not BatchCounter(space).reason


@pytest.mark.parametrize("part", range(4))
def test_texts_with_mistakes(part: int) -> None:
    """What one assignment is refused for, it is refused for among many."""
    pool = [str(a_space(Random(f"batch:{number}"))) for number in range(100)]
    refused = 0
    for number in range(part, 600, 4):
        text = mutated(pool, Random(f"batch:{number}"))
        try:
            space = elaborate(parse(text))
        except ExplorerError:
            continue
        if space.choices:
            codes = drawn(space, 6, seed=number)
            assert differences(space, codes) == [], text
            refused += sum(alone(space, column) is None for column in codes.T)
    assert refused > 0


def test_the_batch_may_have_any_size() -> None:
    space = find_text("plain", "space").space()
    codes = drawn(space, 5000, seed=0)
    counter = BatchCounter(space)
    every = counter.count(codes)["macs"]
    for size in (0, 1, 63, 64, 65, 257, 1024, 1025, 4097):
        assert (counter.count(codes[:, :size])["macs"] == every[:size]).all()


def test_codes_say_assignments() -> None:
    space = find_text("inception", "space").space()
    codes = drawn(space, 3, seed=0)
    assert (encode(space, [decode(space, column) for column in codes.T]) == codes).all()
    defaults = {path: choice.default for path, choice in space.choices.items()}
    assert decode(space, encode(space, [{}])[:, 0]) == defaults


_SPACE = """space test
input 3x{side}x{side}
knob n in {{1, {wide}}}
a: conv 3x3 (64*n) > conv 3x3 (64*n) > conv 3x3 (64*n)
"""


@pytest.mark.parametrize(
    ("side", "wide", "kind"),
    [(32, 2, np.float64), (512, 4096, np.int64), (262144, 262144, object)],
)
def test_nothing_overflows_and_nothing_is_rounded(side: int, wide: int, kind: type) -> None:
    space = space_of(_SPACE.format(side=side, wide=wide))
    counter = BatchCounter(space)
    counter.count(drawn(space, 1, 0))
    program = counter._program(("macs", "params", "activations"))
    assert program is not None
    assert program.dtype is kind
    assert differences(space, np.array([[0, 1]], np.int16)) == []


def test_a_way_that_is_not_taken_does_no_harm() -> None:
    """Arithmetic that has no meaning where its op is not there."""
    space = space_of("""
        space test
        input 3x8x8
        lever on in {yes, no}
        knob g in {0, 1, 2}
        a: conv 1x1 8 > choose on { yes: conv 3x3 8 groups=g | no: id } > conv 1x1 4
        """)
    assert differences(space, np.array([[0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2]], np.int16)) == []


def test_what_arrays_cannot_do_is_counted_alone() -> None:
    space = space_of("""
        space test
        input 3x8x8
        knob a in 0..4
        knob b in 0..4
        c: conv 1x1 (8/(a - b))
        """)
    counter = BatchCounter(space)
    codes = drawn(space, 40, seed=0)
    counts = counter.count(codes, COSTS)
    assert "division" in counter.reason
    assert 0 < counts.valid.sum() < 40
    assert differences(space, codes) == []


def test_grids_that_differ_between_alternatives() -> None:
    space = space_of("""
        space test
        input 3x32x32
        lever cut in {early, late}
        knob k in {1, 3, 5}
        a: conv k 8 valid > choose cut { early: maxpool 2x2/2 valid | late: id }
        b: conv 3x3 16 > choose cut { early: id | late: maxpool 2x2/2 valid } > conv k 8 > flatten
           > linear 10
        """)
    codes = np.array([[0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2]], np.int16)
    assert differences(space, codes) == []
