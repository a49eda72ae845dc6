"""An op as written to the elements that it is: the op itself, its normalisation, its activation."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.errors import NetError
from explorer.language import syntax
from explorer.ops import ACTS, NORMS, OPS, Op
from explorer.space import arguments as args
from explorer.space.names import Frame, PathScope
from explorer.space.resolve import resolve, resolve_constant, with_calls
from explorer.space.template import Element, OpElement, Site

Defaults = Mapping[str, tuple[syntax.Argument, ...]]


def op_elements(
    element: syntax.Apply, defaults: Defaults, frame: Frame, scope: PathScope
) -> list[Element]:
    """What an op and its ``norm=`` and ``act=`` become, each a node of its own.

    Args:
        element: the op as written.
        defaults: the arguments that ops start from, by op.
        frame: what names mean here.
        scope: gives the nodes their paths.

    Raises:
        NetError: arguments that the op does not take.
    """
    op = OPS[element.name]
    given = _given(op, element.arguments, defaults, frame)
    norm = NORMS[args.tail_word(given, "norm")] if op.tail else None
    act = ACTS[args.tail_word(given, "act")] if op.tail else None
    first = _node(op, given, element, frame, scope, bias=norm is None if op.tail else None)
    elements: list[Element] = [first]
    for name in (norm, act):
        if name is not None:
            usual = _given(OPS[name], (), defaults, frame)
            elements.append(_node(OPS[name], usual, element, frame, scope, bias=None))
    return elements


def check_defaults(defaults: Defaults, frame: Frame) -> None:
    """Read the defaults of all ops once, whether anything uses them or not.

    Raises:
        NetError: arguments that an op does not take.
    """
    for name in defaults:
        _given(OPS[name], (), defaults, frame)


def _given(
    op: type[Op], written: tuple[syntax.Argument, ...], defaults: Defaults, frame: Frame
) -> args.Arguments:
    """The net's defaults for an op, and what is written over them."""
    try:
        own = args.read_arguments(op, written, lambda value: resolve(value, frame), frame)
    except NetError as error:
        raise with_calls(error, frame) from None
    usual = defaults.get(op.name, ())
    return args.read_arguments(op, usual, lambda value: resolve_constant(value, frame), None) | own


def _node(
    op: type[Op],
    given: args.Arguments,
    element: syntax.Apply,
    frame: Frame,
    scope: PathScope,
    bias: bool | None,
) -> OpElement:
    try:
        filled = args.fill(op, given, element)
    except NetError as error:
        raise with_calls(error, frame) from None
    site = Site(element.place, frame.calls)
    return OpElement(op, tuple(filled.values()), scope.numbered(op.name), site, bias)
