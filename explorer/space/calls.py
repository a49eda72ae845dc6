"""A call of a block: its arguments become the names that the block sees."""

from __future__ import annotations

from explorer.errors import NetError
from explorer.language import syntax
from explorer.space.expression import Channels, Expression
from explorer.space.names import Frame, Meaning
from explorer.space.resolve import resolve


def open_frame(call: syntax.Call, block: syntax.Block, frame: Frame, entry: str) -> Frame:
    """The names inside a call: the block's parameters, and what is declared at the top.

    Args:
        call: the call, whose arguments are resolved in ``frame``.
        block: what is called; the defaults of its parameters are resolved at the top.
        frame: the names where the call stands.
        entry: the key under which the value that enters the call is kept.

    Raises:
        NetError: an argument too many, or one that is missing.
    """
    top = frame
    while top.outer is not None:
        top = top.outer
    calls = (call.place, *frame.calls) if call.place else frame.calls
    names: dict[str, Meaning] = {"channels": Channels(entry)}
    inner = Frame(entry, names, top, calls, (*frame.blocks, block.name), top.scaling)
    given = _given(call, block, frame)
    for parameter in block.parameters:
        if parameter.name in given:
            value = given[parameter.name]
        elif parameter.default is not None:
            value = resolve(parameter.default, top)
        else:
            message = f"{block.name}({_names(block)}) needs {parameter.name}"
            raise NetError(message, call.place, frame.calls)
        inner.declare(parameter.name, value, parameter.place)
    return inner


def _given(call: syntax.Call, block: syntax.Block, frame: Frame) -> dict[str, Expression]:
    """The arguments as written, by parameter."""
    names = [parameter.name for parameter in block.parameters]
    given: dict[str, Expression] = {}
    for index, item in enumerate(call.items):
        name = item.name or (names[index] if index < len(names) else None)
        if name is None or name not in names or name in given:
            what = f"'{name}'" if name else "this"
            message = f"{block.name} takes ({_names(block)}); {what} is not one more of these"
            raise NetError(message, item.place, frame.calls)
        given[name] = resolve(item.value, frame)
    return given


def _names(block: syntax.Block) -> str:
    return ", ".join(parameter.name for parameter in block.parameters)
