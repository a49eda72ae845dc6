"""Interval arithmetic: what cannot hold, whatever values the knobs take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.space.expression import Constant, Expression, Operation, Ref

Interval = tuple[Any, Any]
Ends = Mapping[str, Interval]


def cannot_hold(test: Expression, ends: Ends) -> bool:
    """Whether a condition fails for all values between the ends; False where that is not seen."""
    if isinstance(test, Constant):
        return not test.value
    if not isinstance(test, Operation):
        return False
    if test.function in ("and", "or"):
        parts = [cannot_hold(operand, ends) for operand in test.operands]
        return any(parts) if test.function == "and" else all(parts)
    if test.function not in _NEVER:
        return False
    left, right = (_interval(operand, ends) for operand in test.operands)
    return left is not None and right is not None and bool(_NEVER[test.function](left, right))


# When a comparison of two intervals holds for no values.
_NEVER = {
    "<": lambda left, right: left[0] >= right[1],
    "<=": lambda left, right: left[0] > right[1],
    ">": lambda left, right: left[1] <= right[0],
    ">=": lambda left, right: left[1] < right[0],
    "==": lambda left, right: left[1] < right[0] or right[1] < left[0],
}


def _interval(expression: Expression, ends: Ends) -> Interval | None:
    """The values between which an expression lies, where its functions are simple."""
    match expression:
        case Constant(value):
            return value, value
        case Ref(path):
            return ends[path]
        case Operation(function=function, operands=operands) if function in _INTERVALS:
            parts = [_interval(operand, ends) for operand in operands]
            known = [part for part in parts if part is not None]
            return _INTERVALS[function](*known) if len(known) == len(parts) else None
    return None


def _times(left: Interval, right: Interval) -> Interval:
    corners = [mine * theirs for mine in left for theirs in right]
    return min(corners), max(corners)


_INTERVALS: dict[str, Any] = {
    "+": lambda left, right: (left[0] + right[0], left[1] + right[1]),
    "-": lambda left, right: (left[0] - right[1], left[1] - right[0]),
    "*": _times,
    "negative": lambda inner: (-inner[1], -inner[0]),
    "max": lambda *parts: (max(part[0] for part in parts), max(part[1] for part in parts)),
    "min": lambda *parts: (min(part[0] for part in parts), min(part[1] for part in parts)),
}
