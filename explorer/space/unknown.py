"""Names that mean nothing where they stand, and what is meant instead."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from explorer.errors import NetError
from explorer.language import syntax
from explorer.language.printer import expression as show
from explorer.ops import OPS
from explorer.space.names import LeverName, Meaning, is_reserved, suggestion

# What things are called elsewhere, and how a text writes them.
_ELSEWHERE = {
    **dict.fromkeys(("swish",), "silu"),
    **dict.fromkeys(("bn", "batch_norm"), "batchnorm"),
    **dict.fromkeys(("fc", "dense"), "linear"),
    **dict.fromkeys(("gap", "globalavgpool", "global_avgpool"), "avgpool global"),
    **dict.fromkeys(("depthwise", "dw", "depthwise_conv"), "dwconv"),
    **dict.fromkeys(("concat", "cat"), "[ a | b ]"),
    **dict.fromkeys(("add", "sum"), "[ a + b ]"),
    **dict.fromkeys(("mul", "multiply"), "[ a * b ]"),
    **dict.fromkeys(("identity", "skip"), "id"),
    **dict.fromkeys(("split", "chunk"), "part 1/2"),
    "se": "[ id * avgpool global > conv 1x1 n > conv 1x1 channels act=sigmoid ]",
    "classes": "on the input line: input 3x224x224 classes 1000",
    "pool": "maxpool or avgpool",
    "upsampling": "upsample",
}


def unknown_element(
    element: syntax.Apply,
    meaning: Meaning | None,
    values: Iterable[str],
    blocks: Mapping[str, syntax.Block],
    labels: Container[str] = (),
) -> str:
    """The message for an element of a chain whose name is no op and no value.

    Args:
        element: the element as written.
        meaning: what its name means elsewhere.
        values: the names that would mean a value here.
        blocks: the blocks of the text.
        labels: of lines, whether they stand above or below.
    """
    name = element.name
    if name in blocks:
        return _uncalled(element, blocks[name])
    if isinstance(meaning, LeverName):
        return f"'{name}' is a lever; a chain asks for it by: choose {name} {{ ... }}"
    if name == "classes" and element.arguments:
        return f"'classes' stands {_ELSEWHERE['classes']}"
    if meaning is not None:
        return f"'{name}' is a number; a chain is made of ops, calls and values"
    if name == "id":
        return "'id' takes no arguments"
    if is_reserved(name):
        return f"'{name}' is a word of the language; it begins no element of a chain"
    if name in labels:
        return f"the value '{name}' is computed further down; move its line up"
    if name in _ELSEWHERE:
        return f"no op, block or value is called '{name}'; it is written {_ELSEWHERE[name]}"
    hint = suggestion(name, [*OPS, *values, *blocks])
    if not hint and _is_labelled(element):
        hint = f"; as a label it has a colon: {name}: ..."
    return f"no op, block or value is called '{name}'{hint}"


def unknown_block(call: syntax.Call, blocks: Iterable[str]) -> str:
    """The message for a call of something that is no block."""
    name = call.name
    if name in OPS:
        items = [
            f"({show(item.value)})" if _is_open(item) else show(item.value) for item in call.items
        ]
        return f"'{name}' is an op; its arguments follow spaces: {' '.join([name, *items])}"
    if is_reserved(name):
        return f"'{name}' is a word of the language and no block; its '(' follows a space"
    return f"no block is called '{name}'{suggestion(name, list(blocks))}"


def check_options(choose: syntax.Choose, expected: tuple[str, ...]) -> None:
    """Refuse a ``choose`` that does not list the alternatives of its lever.

    Raises:
        NetError: at the alternative that is wrong.
    """
    lever, known = choose.lever, f" (it has: {', '.join(expected)})"
    found: set[str] = set()
    for name, place in ((option.name, option.place) for option in choose.options):
        at = place.at(name) if place else None
        if name not in expected:
            hint = suggestion(name, list(expected))
            raise NetError(f"'{lever}' has no alternative '{name}'{hint}{known}", at)
        if name in found:
            raise NetError(f"'{lever}' is given its alternative '{name}' twice{known}", at)
        found.add(name)
    for name in expected:
        if name not in found:
            at = choose.place.at(lever) if choose.place else None
            raise NetError(f"'{lever}' is given no chain for its alternative '{name}'", at)


def _is_labelled(element: syntax.Apply) -> bool:
    """Whether an op stands where the first argument would: ``stem conv 3x3 64``."""
    first = element.arguments[0] if element.arguments else None
    value = first.value if isinstance(first, syntax.Positional) else None
    return isinstance(value, syntax.Name) and value.name in OPS


def _is_open(item: syntax.Item) -> bool:
    return not isinstance(item.value, syntax.Number | syntax.Name)


def _uncalled(element: syntax.Apply, block: syntax.Block) -> str:
    """The message for a block that stands in a chain as an op would."""
    first = element.arguments[0] if element.arguments else None
    value = first.value if isinstance(first, syntax.Positional) else None
    if isinstance(value, syntax.Tuple):
        return f"'{block.name}' is a block; its '(' follows at once: {block.name}{show(value)}"
    names = ", ".join(parameter.name for parameter in block.parameters)
    return f"'{block.name}' is a block; call it with its arguments: {block.name}({names})"
