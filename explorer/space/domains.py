"""Domains: the grid of values that a knob statement describes, and the words of a lever."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from explorer.errors import NetError
from explorer.language import syntax
from explorer.space.expression import Value, exact
from explorer.space.knobs import Knob, Lever, allowed

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
    if step <= 0:
        raise NetError(f"a step is positive, got {step}", span.place)
    first, last = ceil(Fraction(low) / step), floor(Fraction(high) / step)
    if last < first:
        raise NetError(f"no multiple of {step} lies in {low}..{high}", span.place)
    if last - first >= MAX_VALUES:
        raise NetError(f"a knob has at most {MAX_VALUES} values; take a larger step", span.place)
    if span.log and low <= 0:
        raise NetError("a log knob is positive", span.place)
    return tuple(exact(Fraction(index) * step) for index in range(first, last + 1))


def lever_of(statement: syntax.Lever, path: str) -> Lever:
    """The lever that a statement declares; its first alternative is the default.

    Raises:
        NetError: an alternative twice, or a default that is none of them.
    """
    names = statement.alternatives
    if len(set(names)) < len(names):
        raise NetError(
            f"the alternatives of '{statement.name}' differ from each other", statement.place
        )
    default = statement.default or names[0]
    if default not in names:
        message = f"'{default}' is no alternative of '{statement.name}': {', '.join(names)}"
        raise NetError(message, statement.place)
    return Lever(path, names, default, statement.place)
