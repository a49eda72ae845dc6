"""Domains: the grid of values that a knob statement describes, and the words of a lever."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from explorer.errors import NetError
from explorer.language import syntax
from explorer.space.expression import Value, exact
from explorer.space.knobs import Knob, Lever, allowed
from explorer.space.names import suggestion

MAX_VALUES = 10_000  # of one knob

Evaluate = Callable[[syntax.Expr], Value]


def knob_of(statement: syntax.Knob, path: str, value: Evaluate) -> Knob:
    """The knob that a statement declares.

    Raises:
        NetError: an empty or huge domain, or a default that lies outside it.
    """
    domain = statement.domain
    if isinstance(domain, syntax.Choices):
        listed = [value(choice) for choice in domain.values]
        values, log, first = tuple(sorted(set(listed))), False, listed[0]
    else:
        values, log = _grid(domain, value), domain.log
        first = values[0]
    default = first if statement.default is None else value(statement.default)
    knob = Knob(path, values, default, log, statement.place)
    if default not in values:
        place = statement.default.place if statement.default else statement.place
        raise NetError(
            f"the default {default} of {path} is not in its domain; {allowed(knob)}", place
        )
    return knob


def _grid(span: syntax.Span, value: Evaluate) -> tuple[Value, ...]:
    """The multiples of the step inside the range, both ends included."""
    low, high = value(span.low), value(span.high)
    step = value(span.step) if span.step else 1
    if span.step and step <= 0:
        raise NetError(f"a step is positive, got {step}", span.step.place)
    if high < low:
        raise NetError(f"{low}..{high} is empty; the lower end stands first", span.place)
    first, last = ceil(Fraction(low) / step), floor(Fraction(high) / step)
    if last < first:
        raise NetError(f"no multiple of {step} lies in {low}..{high}", span.place)
    if last - first >= MAX_VALUES:
        message = f"a knob has at most {MAX_VALUES} values, got {last - first + 1}"
        raise NetError(f"{message}; take a larger step", span.place)
    if span.log and low <= 0:
        raise NetError(f"a log knob is positive, got {low} at its lower end", span.low.place)
    return _multiples(Fraction(step), first, last)


@lru_cache(maxsize=256)
def _multiples(step: Fraction, first: int, last: int) -> tuple[Value, ...]:
    """Made once for all copies of a knob."""
    return tuple(exact(index * step) for index in range(first, last + 1))


def lever_of(statement: syntax.Lever, path: str) -> Lever:
    """The lever that a statement declares; its first alternative is the default.

    Raises:
        NetError: an alternative twice, or a default that is none of them.
    """
    names = statement.alternatives
    place = statement.place
    again = next((name for name in names if names.count(name) > 1), None)
    if again is not None:
        message = f"'{statement.name}' has the alternative '{again}' twice"
        raise NetError(message, place.at(again) if place else None)
    default = statement.default or names[0]
    if default not in names:
        hint = suggestion(default, list(names))
        message = f"'{default}' is no alternative of '{statement.name}'{hint}"
        where = place.at(default) if place else None
        raise NetError(f"{message} (it has: {', '.join(names)})", where)
    return Lever(path, names, default, statement.place)
