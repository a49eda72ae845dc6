"""Arithmetic of the language: exact, closed, and never Python's own."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import NetError
from explorer.language import parse
from explorer.language.syntax import Param
from explorer.space.expression import (
    Constant,
    Operation,
    Ref,
    evaluate,
    knob_paths,
    mentions_channels,
    round_width,
)
from explorer.space.names import Frame
from explorer.space.resolve import resolve


def value_of(text: str, **knobs: object) -> object:
    (statement,) = parse(f"param p = {text}").statements
    assert isinstance(statement, Param)
    frame = Frame("input", {name: Ref(name) for name in knobs})
    return evaluate(resolve(statement.value, frame), knobs, {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3 + 1/6", Fraction(1, 2)),
        ("3*(1/3)", 1),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("1e-4*1e4", 1),
        ("7//2", 3),
        ("-7//2", -4),
        ("7/2//1", 3),
        ("2*3 + 4", 10),
        ("2*(3 + 4)", 14),
        ("10 - 3 - 2", 5),
        ("16/4/2", 2),
        ("-2*-3", 6),
        ("ceil(7/2)", 4),
        ("floor(-7/2)", -4),
        ("round(5/2)", 3),
        ("round(-5/2)", -2),
        ("round(2.4)", 2),
        ("max(1, 5/2, 2)", Fraction(5, 2)),
        ("min(3, 2)", 2),
        ("to8(20)", 24),
        ("to8(12)", 16),
        ("to8(3)", 8),
        ("1 < 2", True),
        ("2 <= 1", False),
        ("1/2 == 0.5", True),
        ("1 != 1", False),
        ("not 1 > 2", True),
        ("1 < 2 and 2 < 1 or 3 > 2", True),
        ("1 > 2 or not (2 > 1)", False),
    ],
)
def test_values_are_exact(text: str, value: object) -> None:
    result = value_of(text)
    assert result == value
    assert type(result) is type(value)


def test_a_whole_result_is_an_integer() -> None:
    assert type(value_of("n/2", n=8)) is int
    assert type(value_of("n/2", n=7)) is Fraction


@pytest.mark.parametrize("text", ["1/0", "1//0", "1/(2 - 2)", "max(1, 2/0)"])
def test_division_by_zero_is_the_users_mistake(text: str) -> None:
    with pytest.raises(NetError, match="division by zero") as caught:
        value_of(text)
    assert caught.value.place is not None


def test_division_by_a_knob_that_is_zero_is_found_when_bound(bound: Callable[..., object]) -> None:
    text = "space s\ninput 3x8x8\nknob n in {0, 2}\nx: conv 1x1 (8/n)\n"
    bound(text, {"n": 2})
    with pytest.raises(NetError, match=r"test\.net:4:14: division by zero"):
        bound(text, {"n": 0})


def test_a_number_beyond_reason_is_refused() -> None:
    assert value_of("1e15*1") == 10**15
    with pytest.raises(NetError, match=r"numbers lie between -10.15 and 10.15"):
        value_of("1e15*2")
    with pytest.raises(NetError, match="numbers lie between"):
        value_of("-1e8*1e8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cel(2)", "no function is called 'cel'; did you mean 'ceil'?; known: "),
        ("eval(2)", "no function is called 'eval'"),
        ("ceil(1, 2)", "ceil takes one value, got 2"),
        ("max(1)", "max takes 2 values or more, got 1"),
        ("with + 1", "no number is called 'with'; did you mean 'width'?"),
        ("kxk", "no number is called 'kxk'; a computed kernel is written (k, k)"),
    ],
)
def test_what_is_no_number_is_refused(text: str, message: str) -> None:
    with pytest.raises(NetError) as caught:
        value_of(text, width=1)
    assert message in caught.value.message
    assert caught.value.place is not None


def test_what_is_known_is_folded_and_the_rest_waits() -> None:
    (statement,) = parse("param p = 2*3 + n").statements
    assert isinstance(statement, Param)
    result = resolve(statement.value, Frame("input", {"n": Ref("cell.n")}))
    assert isinstance(result, Operation)
    assert result.operands == (Constant(6), Ref("cell.n"))
    assert knob_paths(result) == {"cell.n"}
    assert not mentions_channels(result)


@given(st.integers(1, 10_000), st.sampled_from([1, 2, 4, 8, 16, 32]))
def test_a_rounded_width_is_a_multiple_close_to_the_width(width: int, multiple: int) -> None:
    rounded = round_width(width, multiple)
    assert rounded % multiple == 0
    assert rounded >= max(multiple, width * Fraction(9, 10))
    assert rounded - width <= multiple


@given(st.fractions(0, 500, max_denominator=64))
def test_a_fraction_is_rounded_like_a_whole_number(width: Fraction) -> None:
    rounded = round_width(width, 8)
    assert rounded >= 8
    assert rounded % 8 == 0
    assert 10 * rounded >= 9 * width


@pytest.mark.parametrize(
    ("width", "rounded"),
    [
        (Fraction(96, 5), 24),
        (Fraction(44, 5), 8),
        (32, 32),
        (Fraction(1, 3), 8),
        (36, 40),
        (35, 32),
    ],
)
def test_widths_are_rounded_as_mobilenet_and_efficientnet_do(
    width: int | Fraction, rounded: int
) -> None:
    assert round_width(width, 8) == rounded


small = st.integers(-50, 50)


@given(small, small, small)
def test_arithmetic_is_that_of_fractions(a: int, b: int, c: int) -> None:
    assert value_of("a*b + c - a", a=a, b=b, c=c) == a * b + c - a
    if b:
        assert value_of("a/b + c", a=a, b=b, c=c) == Fraction(a, b) + c
        assert value_of("a//b", a=a, b=b) == a // b
    assert value_of("a < b or b <= c", a=a, b=b, c=c) == (a < b or b <= c)
