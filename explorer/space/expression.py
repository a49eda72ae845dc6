"""Arithmetic that waits for its knobs: exact numbers, no names left but knobs and ``channels``.

An expression is resolved once, while a space is elaborated; what does not depend on a knob is
folded to a constant there. Nothing is ever evaluated as Python.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from explorer.errors import NetError, Place

Value = int | Fraction | bool


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value


@dataclass(frozen=True, slots=True)
class Ref:
    """The value of the knob with this path."""

    path: str


@dataclass(frozen=True, slots=True)
class Channels:
    """How many channels enter the call that the expression belongs to; ``key`` names that value."""

    key: str


@dataclass(frozen=True, slots=True)
class Operation:
    """``size`` counts the operations in it, those that it shares with others each time anew."""

    function: str
    operands: tuple[Expression, ...]
    place: Place | None = None
    size: int = field(default=1, compare=False, repr=False)


Expression = Constant | Ref | Channels | Operation


def round_width(value: Value, multiple: int) -> int:
    """The nearest multiple, but at least one and never below 90 % of ``value``.

    Tan & Le 2019 (EfficientNet) and Sandler et al. 2018 round their widths like this, to 8.
    """
    rounded = max(multiple, int(value + Fraction(multiple, 2)) // multiple * multiple)
    return rounded + multiple if rounded < Fraction(9, 10) * value else rounded


def _divide(left: Any, right: Any) -> Value:
    return exact(Fraction(left) / right)


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "+": (2, operator.add),
    "-": (2, operator.sub),
    "*": (2, operator.mul),
    "/": (2, _divide),
    "//": (2, operator.floordiv),
    "<": (2, operator.lt),
    "<=": (2, operator.le),
    ">": (2, operator.gt),
    ">=": (2, operator.ge),
    "==": (2, operator.eq),
    "!=": (2, operator.ne),
    "and": (2, lambda left, right: left and right),
    "or": (2, lambda left, right: left or right),
    "not": (1, operator.not_),
    "negative": (1, operator.neg),
    "ceil": (1, math.ceil),
    "floor": (1, math.floor),
    "round": (1, lambda value: math.floor(value + Fraction(1, 2))),
    "to8": (1, lambda value: round_width(value, 8)),
    "max": (-2, max),
    "min": (-2, min),
    "scaled": (3, lambda value, width, multiple: round_width(value * width, multiple)),
}
_UNNAMED = ("and", "or", "not", "negative", "scaled")
NAMED = tuple(name for name in FUNCTIONS if name.isalnum() and name not in _UNNAMED)


def exact(value: Value) -> Value:
    """A fraction without a remainder becomes the whole number that it is."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    return value


def shown(value: Value) -> str:
    """A value as an error shows it."""
    return "a truth value" if isinstance(value, bool) else str(value)


def operation(function: str, operands: tuple[Expression, ...], place: Place | None) -> Expression:
    """The operation, folded when every operand is known.

    Raises:
        NetError: a wrong number of operands, arithmetic that has no result, or far too much of it.
    """
    arity, _ = FUNCTIONS[function]
    if len(operands) != arity and not (arity < 0 and len(operands) >= -arity):
        wanted = f"{-arity} values or more" if arity < 0 else "one value"
        raise NetError(f"{function} takes {wanted}, got {len(operands)}", place)
    size = 1 + sum(o.size for o in operands if isinstance(o, Operation))
    if size > MAX_OPERATIONS:
        raise NetError(f"a number is made by more than {MAX_OPERATIONS} operations", place)
    result = Operation(function, operands, place, size)
    if all(isinstance(operand, Constant) for operand in operands):
        return Constant(evaluate(result, {}, {}))
    return result


def evaluate(
    expression: Expression, knobs: Mapping[str, Any], channels: Mapping[str, int]
) -> Value:
    """The value of an expression.

    Args:
        expression: what to evaluate.
        knobs: a value for every knob path.
        channels: for every call that is open, how many channels entered it.

    Raises:
        NetError: division by zero, a number too large to be meant.
    """
    match expression:
        case Constant(value):
            return value
        case Ref(path):
            return knobs[path]  # type: ignore[no-any-return]
        case Channels(key):
            return channels[key]
    values = [evaluate(operand, knobs, channels) for operand in expression.operands]
    return calculate(expression.function, values, expression.place)


def calculate(function: str, values: Sequence[Value], place: Place | None) -> Value:
    """What a function makes of values.

    Raises:
        NetError: division by zero, a number too large or too fine to be meant.
    """
    try:
        result: Any = FUNCTIONS[function][1](*values)
    except ZeroDivisionError:
        raise NetError("division by zero", place) from None
    if not isinstance(result, bool) and abs(result) > _LARGEST:
        raise NetError(f"numbers lie between -10^15 and 10^15, got {exact(result)}", place)
    if Fraction(result).denominator > _FINEST:
        raise NetError("a fraction has a denominator of at most 150 digits", place)
    return exact(result)


MAX_OPERATIONS = 1_000  # of one number
_LARGEST = 10**15
_FINEST = 10**150


def references(expression: Expression) -> Iterator[Ref | Channels]:
    """Every knob and every channel count that an expression waits for."""
    if isinstance(expression, Operation):
        for operand in expression.operands:
            yield from references(operand)
    elif not isinstance(expression, Constant):
        yield expression


def knob_paths(expression: Expression) -> set[str]:
    return {ref.path for ref in references(expression) if isinstance(ref, Ref)}


def mentions_channels(expression: Expression) -> bool:
    return any(isinstance(ref, Channels) for ref in references(expression))
