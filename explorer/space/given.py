"""What an op is given: the values of its arguments, checked by the kind of each."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from explorer.errors import NetError
from explorer.ops import Argument
from explorer.space.expression import evaluate, round_width, shown
from explorer.space.space import Header
from explorer.space.template import OpArgument
from explorer.space.written import origin, values


def given(
    argument: OpArgument, knobs: Mapping[str, Any], channels: Mapping[str, int], header: Header
) -> Any:
    """Checked numbers, or the word itself.

    Raises:
        NetError: a number that is not of the argument's kind.
    """
    if not argument.values:
        return argument.word
    found = _evaluated(argument, knobs, channels)
    kind, name = argument.parameter.kind, argument.parameter.name
    for index, value in enumerate(found):
        wanted = _wanted(kind, value)
        if wanted is not None:
            said = argument.written[index]
            source = origin(said, value, knobs, channels)
            raise NetError(f"{name} is {wanted}, got {shown(value)}{source}", said.place)
    if kind is Argument.NUMBER:
        return Fraction(found[0])
    if argument.scaled and header.width != 1:
        found = [round_width(value * header.width, header.rounded) for value in found]
    return tuple(found) if argument.is_tuple else found[0]


def _evaluated(
    argument: OpArgument, knobs: Mapping[str, Any], channels: Mapping[str, int]
) -> list[Any]:
    found = []
    for expression, said in zip(argument.values, argument.written, strict=True):
        try:
            found.append(evaluate(expression, knobs, channels))
        except NetError as error:
            if "classes" in dict(said.names):
                raise
            known = values(said, knobs, channels)
            told = f"{error.message} (with {known})" if known else error.message
            raise NetError(told, error.place) from None
    return found


def _wanted(kind: Argument, value: Any) -> str | None:
    """What an argument of this kind is, when the value is not."""
    if kind is Argument.NUMBER:
        return "a number" if isinstance(value, bool) else None
    least = 0 if kind is Argument.PADDING else 1
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return None
    return "a positive whole number" if least else "a whole number, not below 0"
