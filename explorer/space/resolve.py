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
    references,
    shown,
)
from explorer.space.knobs import Choice
from explorer.space.names import Frame, LeverName, Meaning, ValueName, Word, suggestion
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
        what = ", ".join(sorted(_said(ref) for ref in references(result)))
        message = (
            f"a number that is known from the start is needed here, not one that depends on {what}"
        )
        raise NetError(message, expr.place, frame.calls)
    if isinstance(result.value, bool):
        raise NetError("a number is needed here, got a truth value", expr.place, frame.calls)
    return result


def _said(reference: Ref | Channels) -> str:
    """What an expression waits for, in words."""
    return reference.path if isinstance(reference, Ref) else "channels"


def with_calls(error: NetError, frame: Frame) -> NetError:
    """The same error with the chain of calls that led to it."""
    return NetError(error.message, error.place, error.calls or frame.calls)


def largest_count(
    count: Expression, choices: Mapping[str, Choice], classes: int | None, site: Site
) -> tuple[int, int]:
    """The largest count of a repeat, over all values of the knobs that it depends on.

    With it comes how many operations it took to find.

    Raises:
        NetError: it depends on channels or on too many values, or is no whole number somewhere.
    """
    if mentions_channels(count):
        raise NetError("the count of a repeat cannot depend on channels", site.place, site.calls)
    paths = sorted(knob_paths(count) - {"classes"})
    domains = [choices[path].values for path in paths]
    if prod(map(len, domains)) > _MAX_TRIED:
        message = f"the count of a repeat depends on knobs with more than {_MAX_TRIED} values"
        raise NetError(message, site.place, site.calls)
    fixed = {"classes": classes or 1}
    most = 0
    for values in product(*domains):
        knobs = dict(zip(paths, values, strict=True))
        most = max(most, _whole(evaluate(count, knobs | fixed, {}), knobs, site))
    if most > MAX_COPIES:
        message = f"a repeat makes at most {MAX_COPIES} copies, got {most}"
        raise NetError(message, site.place, site.calls)
    return most, prod(map(len, domains)) * (count.size if isinstance(count, Operation) else 0)


def _whole(value: Value, knobs: Mapping[str, Any], site: Site) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    values = ", ".join(f"{path} = {knob}" for path, knob in knobs.items())
    where = f" (with {values})" if values else ""
    message = f"a repeat takes a whole count, got {shown(value)}{where}"
    raise NetError(message, site.place, site.calls)


def _resolved(expr: syntax.Expr, frame: Frame) -> Expression:
    match expr:
        case syntax.Number(text=text) if text.isdecimal():
            return Constant(int(text))
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


def _kind(meaning: Meaning) -> str:
    match meaning:
        case LeverName():
            return "a lever; use it in 'choose'"
        case Word(word=word):
            return f"the word '{word}'"
    return "a value"


def _named(expr: syntax.Name, frame: Frame) -> Expression:
    name, place = expr.name, expr.place
    meaning = frame.find(name)
    if isinstance(meaning, (Constant, Ref, Channels, Operation)):
        return meaning
    if meaning is not None:
        raise NetError(f"a number is needed here, and '{name}' is {_kind(meaning)}", place)
    if name == "channels":
        message = "'channels' stands in a block: it is how many channels enter that"
        raise NetError(message, place)
    no_numbers = (LeverName, ValueName, Word)
    known = [word for word in frame.visible() if not isinstance(frame.find(word), no_numbers)]
    hint = suggestion(name, known)
    if "x" in name and not hint:
        hint = "; a computed kernel is written (k, k)"
    if name[0] == "s" and name[1:].isdigit() and not hint:
        hint = f"; a stride stands behind its kernel: 3x3/{name[1:]}"
    raise NetError(f"no number is called '{name}'{hint}", place)
