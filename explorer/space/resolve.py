"""Expressions of the text to expressions of the space: every name replaced by what it means."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any

from explorer.errors import NetError
from explorer.language import syntax
from explorer.space.expression import (
    NAMED,
    Channels,
    Constant,
    Expression,
    Operation,
    Ref,
    Value,
    evaluate,
    knob_paths,
    mentions_channels,
    operation,
)
from explorer.space.knobs import Choice
from explorer.space.names import Frame, LeverName, ValueName, suggestion
from explorer.space.template import Site

MAX_COPIES = 1_000  # of one repeat
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_MAX_TRIED = 10_000  # values of knobs tried to find the largest count of a repeat


def resolve(expr: syntax.Expr, frame: Frame) -> Expression:
    """The expression with the names of ``frame`` resolved, folded as far as it is known.

    Raises:
        NetError: an unknown name, a name that is no number, arithmetic that has no result.
    """
    try:
        return _resolved(expr, frame)
    except NetError as error:
        raise with_calls(error, frame) from None


def constant(expr: syntax.Expr, frame: Frame) -> Value:
    """The value of an expression that must not wait for anything.

    Raises:
        NetError: it depends on a knob, on channels or on the classes.
    """
    return resolve_constant(expr, frame).value


def resolve_constant(expr: syntax.Expr, frame: Frame) -> Constant:
    """Like :func:`constant`, as an expression."""
    result = resolve(expr, frame)
    if not isinstance(result, Constant):
        raise NetError("this must not depend on a knob or on channels", expr.place, frame.calls)
    return result


def with_calls(error: NetError, frame: Frame) -> NetError:
    """The same error with the chain of calls that led to it."""
    return NetError(error.message, error.place, error.calls or frame.calls)


def largest_count(
    count: Expression, choices: Mapping[str, Choice], classes: int | None, site: Site
) -> int:
    """The largest count of a repeat, over all values of the knobs that it depends on.

    Raises:
        NetError: it depends on channels or on too many values, or is no whole number somewhere.
    """
    if mentions_channels(count):
        raise NetError("the count of a repeat cannot depend on channels", site.place, site.calls)
    paths = sorted(knob_paths(count) - {"classes"})
    domains = [choices[path].values for path in paths]
    if prod(len(domain) for domain in domains) > _MAX_TRIED:
        raise NetError("the count of a repeat has too many values", site.place, site.calls)
    fixed = {"classes": classes or 1}
    most = 0
    for values in product(*domains):
        knobs = dict(zip(paths, values, strict=True))
        most = max(most, _whole(evaluate(count, knobs | fixed, {}), knobs, site))
    if most > MAX_COPIES:
        raise NetError(f"{most} copies are more than {MAX_COPIES}", site.place, site.calls)
    return most


def _whole(value: Value, knobs: Mapping[str, Any], site: Site) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    shown = ", ".join(f"{path} = {knob}" for path, knob in knobs.items())
    where = f" (with {shown})" if shown else ""
    raise NetError(f"a repeat takes a whole count, got {value}{where}", site.place, site.calls)


def _resolved(expr: syntax.Expr, frame: Frame) -> Expression:
    match expr:
        case syntax.Number():
            value = expr.value
            return Constant(int(value) if value.denominator == 1 else value)
        case syntax.Name():
            return _named(expr, frame)
        case syntax.Tuple(items=(syntax.Item(value=inner, name=None),)):
            return _resolved(inner, frame)
        case syntax.Unary(op=op, operand=operand):
            function = "negative" if op == "-" else "not"
            return operation(function, (_resolved(operand, frame),), expr.place)
        case syntax.Binary(op=op, left=left, right=right):
            operands = (_resolved(left, frame), _resolved(right, frame))
            if op in _COMPARISONS:
                operands = _to_one_scale(*operands, frame)
            return operation(op, operands, expr.place)
        case syntax.Function():
            return _function(expr, frame)
    raise NetError("a number is needed here, not sizes", expr.place)


def _to_one_scale(
    left: Expression, right: Expression, frame: Frame
) -> tuple[Expression, Expression]:
    """Both sides of a comparison as they are under the net's width.

    ``channels`` has been scaled where it was made; a width of the text that it is compared with
    has not, unless it is made of ``channels`` too.
    """
    width, multiple = frame.scaling
    mine, theirs = mentions_channels(left), mentions_channels(right)
    if width == 1 or mine == theirs:
        return left, right
    factors = (Constant(width), Constant(multiple))
    if mine:
        return left, operation("scaled", (right, *factors), None)
    return operation("scaled", (left, *factors), None), right


def _function(expr: syntax.Function, frame: Frame) -> Expression:
    if expr.name not in NAMED:
        known = f"known: {', '.join(NAMED)}"
        hint = suggestion(expr.name, list(NAMED))
        raise NetError(f"no function is called '{expr.name}'{hint}; {known}", expr.place)
    operands = tuple(_resolved(argument, frame) for argument in expr.arguments)
    return operation(expr.name, operands, expr.place)


def _named(expr: syntax.Name, frame: Frame) -> Expression:
    name, place = expr.name, expr.place
    meaning = frame.find(name)
    if isinstance(meaning, (Constant, Ref, Channels, Operation)):
        return meaning
    if meaning is not None:
        what = "a lever; use it in 'choose'" if isinstance(meaning, LeverName) else "a value"
        raise NetError(f"a number is needed here, and '{name}' is {what}", place)
    known = [word for word in frame.visible() if not isinstance(frame.find(word), ValueName)]
    hint = suggestion(name, known)
    if "x" in name and not hint:
        hint = "; a computed kernel is written (k, k)"
    raise NetError(f"no number is called '{name}'{hint}", place)
