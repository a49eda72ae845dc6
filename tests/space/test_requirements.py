"""Requirements that cannot be met are found, and only those."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explorer.errors import NetError
from explorer.language import parse
from explorer.space import Space, elaborate
from explorer.space.bounds import cannot_hold
from explorer.space.expression import Constant, Expression, Operation, Ref, evaluate

SpaceOf = Callable[..., Space]
HEAD = "space s\ninput 3x8x8  classes 5\n"
ENDS = {"a": (1, 4), "b": (-2, 3)}

_numbers = st.recursive(
    st.integers(-3, 6).map(Constant) | st.sampled_from([Ref("a"), Ref("b")]),
    lambda inner: st.builds(
        lambda name, left, right: Operation(name, (left, right)),
        st.sampled_from(["+", "-", "*", "max", "min", "//"]),
        inner,
        inner,
    ),
    max_leaves=4,
)
_tests = st.recursive(
    st.builds(
        lambda name, left, right: Operation(name, (left, right)),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        _numbers,
        _numbers,
    ),
    lambda inner: st.builds(
        lambda name, left, right: Operation(name, (left, right)),
        st.sampled_from(["and", "or"]),
        inner,
        inner,
    ),
    max_leaves=3,
)


@given(_tests)
def test_what_cannot_hold_holds_nowhere(test: Expression) -> None:
    assume(cannot_hold(test, ENDS))
    for a, b in product(range(1, 5), range(-2, 4)):
        with suppress(NetError):  # a division by zero holds nothing
            assert not evaluate(test, {"a": a, "b": b}, {})


_signs = st.sampled_from(["<", "<=", "=="])
_names = st.sampled_from(["a", "b", "c", "a + b", "2*c", "3"])


@given(st.lists(st.tuples(_names, _signs, _names), min_size=1, max_size=3))
def test_a_small_space_is_refused_exactly_when_nothing_satisfies_it(
    written: list[tuple[str, str, str]],
) -> None:
    lines = [" ".join(parts) for parts in written]
    knobs = "".join(f"knob {name} in 1..3\n" for name in "abc")
    text = HEAD + knobs + "".join(f"require {line}\n" for line in lines) + "x: conv 1x1 (a+b+c)\n"
    tests = [(left, {"<": int.__lt__, "<=": int.__le__, "==": int.__eq__}[sign], right)
             for left, sign, right in written]  # fmt: skip
    possible = any(
        all(holds(_value(left, known), _value(right, known)) for left, holds, right in tests)
        for known in (dict(zip("abc", v, strict=True)) for v in product((1, 2, 3), repeat=3))
    )
    constant = any(left == right == "3" and sign == "<" for left, sign, right in written)
    try:
        elaborate(parse(text))
    except NetError as error:
        assert not possible
        assert "no values satisfy" in error.message
    else:
        assert possible or constant  # one without knobs is refused where it is bound


def _value(text: str, known: dict[str, int]) -> int:
    return {**known, "a + b": known["a"] + known["b"], "2*c": 2 * known["c"], "3": 3}[text]


@pytest.mark.parametrize(
    ("requirements", "message"),
    [
        ("require a > 8", "no values satisfy the requirement a > 8 (a in 1..8)"),
        (
            "require a <= c\nrequire a < b\nrequire b < a",
            "no values satisfy a < b and b < a together (a in 1..8, b in 1..8)",
        ),
        (
            "require a < b and b < c and c < a\nrequire c <= 8",
            "no values satisfy the requirement a < b and b < c and c < a "
            "(a in 1..8, b in 1..8, c in 1..8)",
        ),
    ],
)
def test_as_few_requirements_as_do_are_named(
    space_of: SpaceOf, requirements: str, message: str
) -> None:
    knobs = "".join(f"knob {name} in 1..8\n" for name in "abc")
    with pytest.raises(NetError) as caught:
        space_of(f"{HEAD}{knobs}{requirements}\nx: conv 1x1 (a + b + c)\n")
    assert caught.value.message == message


def test_many_values_are_not_tried(space_of: SpaceOf) -> None:
    knobs = "".join(f"knob k{number} in 1..200\n" for number in range(40))
    chain = "".join(f"require k{number} < k{number + 1}\n" for number in range(39))
    total = " + ".join(f"k{number}" for number in range(40))
    before = time.perf_counter()
    space_of(f"{HEAD}{knobs}{chain}x: conv 1x1 ({total})\n")
    assert time.perf_counter() - before < 5
