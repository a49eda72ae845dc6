"""Expressions as a text writes them, kept beside what they mean so that errors can show both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.errors import Place
from explorer.language import syntax
from explorer.language.printer import expression as show
from explorer.space.expression import Expression, Value, evaluate, shown


@dataclass(frozen=True, slots=True)
class Written:
    """The text of an expression, where it stands, and what each name in it means."""

    place: Place | None
    text: str = ""
    names: tuple[tuple[str, Expression], ...] = ()


def written(expr: syntax.Expr, resolve: Callable[[syntax.Expr], Expression]) -> Written:
    """An expression whose names ``resolve`` knows; a plain number is its own text."""
    if isinstance(expr, syntax.Number):
        return Written(expr.place)
    names = dict.fromkeys(_names(expr))
    meanings = tuple((name, resolve(syntax.Name(name))) for name in names)
    inner: syntax.Expr = expr
    while isinstance(inner, syntax.Tuple) and len(inner.items) == 1:
        inner = inner.items[0].value
    return Written(expr.place, show(inner), meanings)


def values(said: Written, knobs: Mapping[str, Any], channels: Mapping[str, int]) -> str:
    """The value of every name: ``n = 8, k = 3``."""
    known = {name: evaluate(meaning, knobs, channels) for name, meaning in said.names}
    return ", ".join(f"{name} = {shown(value)}" for name, value in known.items())


def origin(
    said: Written, value: Value, knobs: Mapping[str, Any], channels: Mapping[str, int]
) -> str:
    """Where a value comes from: `` (from n - 8, with n = 8)``, or nothing for a plain number."""
    if said.text in ("", str(value)):
        return ""
    if [said.text] == [name for name, _ in said.names]:
        return f" (from {said.text})"
    with_names = f", with {values(said, knobs, channels)}" if said.names else ""
    return f" (from {said.text}{with_names})"


def _names(expr: syntax.Expr) -> list[str]:
    """The names in an expression, in the order of the text."""
    match expr:
        case syntax.Name(name=name):
            return [name]
        case syntax.Tuple(items=items):
            inner = [item.value for item in items]
        case syntax.Unary(operand=operand):
            inner = [operand]
        case syntax.Binary(left=left, right=right):
            inner = [left, right]
        case syntax.Function(arguments=arguments):
            inner = [*arguments]
        case _:
            inner = []
    return [name for part in inner for name in _names(part)]
