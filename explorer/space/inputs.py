"""What an input statement says of one input: its kind, its sizes, its type of number."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from explorer.errors import NetError
from explorer.language import syntax
from explorer.language.printer import expression as show
from explorer.ops import Input, Shape
from explorer.ops.shape import Kind
from explorer.ops.source import FLOATING, WHOLE
from explorer.space.expression import Value, shown
from explorer.space.names import suggestion

Evaluate = Callable[[syntax.Expr], Value]

# How many sizes each kind has, and how that is said.
_SIZES = {
    "map": ((2, 3), "an input is channels and a grid, as in 3x224x224 or 1x40"),
    "tokens": ((2,), "an input of tokens is their number and their channels: tokens 196x768"),
    "ids": ((1,), "an input of ids is their number: ids 16"),
    "vector": ((1,), "an input of a vector is its channels: vector 10"),
}


def read_input(source: syntax.Input, value: Evaluate) -> Input:
    """The input that a statement declares.

    Raises:
        NetError: an unknown kind or type of number, sizes that the kind does not have.
    """
    kind = _kind(source)
    shape = _shape(kind, _sizes(source, kind, value))
    return Input(shape, _dtype(source, kind), source.name or "input")


def _kind(source: syntax.Input) -> Kind:
    for kind in get_args(Kind):
        if source.kind == kind or (source.kind is None and kind == "map"):
            return kind  # type: ignore[no-any-return]
    known = list(get_args(Kind))
    hint = suggestion(str(source.kind), known)
    message = f"an input is one of: {', '.join(known)}; got '{source.kind}'{hint}"
    raise NetError(message, source.place.at(str(source.kind)) if source.place else None)


def _sizes(source: syntax.Input, kind: Kind, value: Evaluate) -> list[int]:
    match source.shape:
        case syntax.Dims(sizes=written):
            sizes: list[Value] = list(written)
        case syntax.Tuple(items=items):
            for item in items:
                if item.name is not None:
                    raise NetError(f"sizes have no names, got '{item.name}='", item.place)
            sizes = [value(item.value) for item in items]
        case _:
            sizes = [value(source.shape)]
    whole = [size for size in sizes if isinstance(size, int) and size > 0]
    counts, message = _SIZES[kind]
    if len(whole) != len(sizes) or len(sizes) not in counts:
        got = "x".join(map(shown, sizes)) or "no sizes"
        raise NetError(f"{message}; got {got}", source.shape.place)
    return whole


def _shape(kind: Kind, sizes: list[int]) -> Shape:
    match kind:
        case "map":
            return Shape(kind, sizes[0], tuple(sizes[1:]))
        case "tokens":
            return Shape(kind, sizes[1], (sizes[0],))
        case "ids":
            return Shape(kind, 0, (sizes[0],))
        case "vector":
            return Shape(kind, sizes[0])


def _dtype(source: syntax.Input, kind: Kind) -> str:
    allowed = WHOLE if kind == "ids" else FLOATING
    if source.dtype is None:
        return allowed[0]
    word = source.dtype.name if isinstance(source.dtype, syntax.Name) else ""
    if word not in allowed:
        hint = suggestion(word, list(allowed))
        message = f"the dtype of {kind} is one of: {', '.join(allowed)}; got {show(source.dtype)}"
        raise NetError(message + hint, source.dtype.place)
    return word
