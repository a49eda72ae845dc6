"""A call of a block: its arguments become the names that the block sees."""

from __future__ import annotations

from explorer.errors import NetError
from explorer.language import syntax
from explorer.ops import ACTS, NORMS
from explorer.space.expression import Channels
from explorer.space.names import Frame, LeverName, Meaning, ValueName, Word, suggestion
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
            value = _meaning(parameter.default, top)
        else:
            message = f"{block.name}({_names(block)}) needs {parameter.name}"
            raise NetError(message, call.place, frame.calls)
        inner.declare(parameter.name, value, parameter.place)
    return inner


def _given(call: syntax.Call, block: syntax.Block, frame: Frame) -> dict[str, Meaning]:
    """The arguments as written, by parameter."""
    names = [parameter.name for parameter in block.parameters]
    given: dict[str, Meaning] = {}
    for index, item in enumerate(call.items):
        name = item.name or (names[index] if index < len(names) else "")
        if name not in names or name in given:
            message = f"{block.name}({_names(block)}) {_problem(name, names, len(call.items))}"
            raise NetError(message, item.place, frame.calls)
        given[name] = _meaning(item.value, frame)
    return given


def _meaning(value: syntax.Expr, frame: Frame) -> Meaning:
    """What an argument of a call passes on: a number, or a word, a lever, a value by its name."""
    if isinstance(value, syntax.Name):
        known = frame.find(value.name)
        if isinstance(known, LeverName | ValueName | Word):
            return known
        if known is None and value.name in (*NORMS, *ACTS):
            return Word(value.name)
    return resolve(value, frame)


def _problem(name: str, names: list[str], count: int) -> str:
    """What is wrong with an argument that no parameter is left for."""
    if not name:
        wanted = f"{len(names)} value{'s'[: len(names) - 1]}" if names else "no values"
        return f"takes {wanted}, got {count}"
    if name in names:
        return f"is given its {name} twice"
    return f"has no parameter '{name}'{suggestion(name, names)}"


def _names(block: syntax.Block) -> str:
    return ", ".join(parameter.name for parameter in block.parameters)
