"""What a class consists of: the layers that it makes and the steps that its forward takes.

Numbers stand in a body as holes, so that scopes which differ in nothing but their widths have
equal bodies.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import nn

from explorer.build import snippets
from explorer.export.layout import Call, Expression, Hole, call, is_plain
from explorer.export.tree import Form, Group, Item, Leaf, Part, has_layers, items
from explorer.ops import Layer, Snippet, TorchFunction

# Arguments of torch.nn for which one number stands for the same number on every axis.
_SIZES = {"kernel_size", "stride", "padding", "dilation", "output_size", "scale_factor"}

# Arguments that a convolution has also where they are not written, so that one class can serve
# convolutions with and without them.
_DEFAULTS: dict[str, object] = {"stride": 1, "padding": 0}

# Arguments of functions that count channels, as arguments of layers that do so are called.
_CHANNELS = {"start": "start_channels", "length": "part_channels"}

Ref = tuple[int, int]  # a value: which step put it out (-1: an argument), and as the how manieth


@dataclass(frozen=True, slots=True)
class Number:
    """What a hole holds in one scope: the text, of which node's argument, and its name."""

    text: str
    node: int
    argument: str


@dataclass(frozen=True, slots=True)
class Step:
    """One call in a forward: of what ``access`` leads to, or of a function of torch.

    The named arguments of a function are ``options``; its own ``kwargs`` are empty.
    """

    access: tuple[str, ...]
    function: TorchFunction | None
    inputs: tuple[Ref, ...]
    outputs: int
    options: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A class without its name, its numbers and the names of its arguments.

    Equal bodies make one class.
    """

    layers: tuple[tuple[str, Expression], ...]
    steps: tuple[Step, ...]
    returns: tuple[Ref, ...]
    arguments: int


# Gives the call that makes a group which is written elsewhere, and adds the numbers that it takes;
# None for a group that is to be written where it stands.
Maker = Callable[[Group, list[Number]], Call | None]


def make_body(group: Group, maker: Maker) -> tuple[Body, tuple[Number, ...]]:
    """The body of a group's class, and what this group has in its holes."""
    numbers: list[Number] = []
    layers = tuple(
        (name, _construct(part, maker, numbers))
        for name, part in group.parts.items()
        if has_layers(part)
    )
    found = ordered_items(group)
    refs: dict[int, Ref] = {value: (-1, place) for place, value in enumerate(group.inputs)}
    for step, item in enumerate(found):
        refs |= {value: (step, place) for place, value in enumerate(item.part.outputs)}
    steps = tuple(_step(item, refs, numbers) for item in found)
    returns = tuple(refs[value] for value in group.outputs)
    return Body(layers, steps, returns, len(group.inputs)), tuple(numbers)


def make_chain(group: Group, maker: Maker) -> tuple[Body, tuple[Number, ...]]:
    """The same for a chain: one nameless layer, and no steps, since the chain has its own."""
    numbers: list[Number] = []
    layers = (("", _assemble(group, maker, numbers)),)
    return Body(layers, (), (), len(group.inputs)), tuple(numbers)


def ordered_items(group: Group) -> list[Item]:
    """What the forward calls, in an order in which it can be computed."""
    return sorted(items(group), key=lambda item: item.part.indices[0])


def _step(item: Item, refs: dict[int, Ref], numbers: list[Number]) -> Step:
    inputs = tuple(refs[value] for value in item.part.inputs)
    function = item.part.specification if isinstance(item.part, Leaf) else None
    if not isinstance(function, TorchFunction):
        return Step(item.access, None, inputs, len(item.part.outputs))
    index = item.part.indices[0]
    options = tuple(
        (name, _argument(index, _CHANNELS.get(name, name), value, numbers))
        for name, value in function.kwargs
    )
    return Step((), replace(function, kwargs=()), inputs, 1, options)


def holes(body: Body) -> list[int]:
    """The holes in what the forward calls."""
    options = (value for step in body.steps for _, value in step.options)
    return [value.index for value in options if isinstance(value, Hole)]


def _construct(part: Part, maker: Maker, numbers: list[Number]) -> Expression:
    """The expression that makes a part."""
    if isinstance(part, Leaf):
        return _layer(part, numbers)
    return maker(part, numbers) or _assemble(part, maker, numbers)


def _assemble(group: Group, maker: Maker, numbers: list[Number]) -> Call:
    """The container around the parts of a chain or a holder."""
    inner = {
        name: _construct(part, maker, numbers)
        for name, part in group.parts.items()
        if has_layers(part)
    }
    return _holder(inner) if group.form is Form.HOLDER else _sequential(inner)


def _holder(layers: dict[str, Expression]) -> Call:
    pairs = tuple((f'"{name}": ', layer) for name, layer in layers.items())
    return call("nn.ModuleDict", Call("{", pairs, "}"))


def _sequential(layers: dict[str, Expression]) -> Call:
    if list(layers) == [str(number) for number in range(1, len(layers) + 1)]:
        return call("copies", *layers.values())
    if all(is_plain(name) for name in layers):
        return Call("chain(", tuple((f"{name}=", layer) for name, layer in layers.items()))
    pairs = (Call("(", (("", f'"{name}"'), ("", layer))) for name, layer in layers.items())
    return call("nn.Sequential", call("OrderedDict", Call("[", tuple(("", p) for p in pairs), "]")))


def _layer(leaf: Leaf, numbers: list[Number]) -> Call:
    """A layer or snippet with its arguments, the numbers among them as holes."""
    specification = leaf.specification
    assert isinstance(specification, (Layer, Snippet))
    is_snippet = isinstance(specification, Snippet)
    made = getattr(snippets if is_snippet else nn, specification.name)
    # strict=False: a layer has more parameters than a specification says.
    positional = zip(inspect.signature(made).parameters, specification.args, strict=False)
    shown = [("", _argument(leaf.index, name, value, numbers)) for name, value in positional]
    defaults = _DEFAULTS if specification.name.startswith("Conv") else {}
    for name, value in (defaults | dict(specification.kwargs)).items():
        counted = _counted(name, value, specification)
        given = _argument(leaf.index, counted, value, numbers)
        if isinstance(given, Hole) and name in defaults:
            given = replace(given, default=repr(defaults[name]))
        shown.append((f"{name}=", given))
    return Call(
        f"{specification.name}(" if is_snippet else f"nn.{specification.name}(", tuple(shown)
    )


def _counted(name: str, value: object, specification: Layer | Snippet) -> str:
    """What an argument counts: the groups of a depthwise convolution are its channels."""
    is_depthwise = name == "groups" and value == specification.args[0]
    return "in_channels" if is_depthwise else name


def _argument(node: int, name: str, value: object, numbers: list[Number]) -> Expression:
    is_number = isinstance(value, (int, float, tuple)) and not isinstance(value, bool)
    if name == "dim" or not is_number:
        return json.dumps(value) if isinstance(value, str) else repr(value)
    if name in _SIZES and isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    numbers.append(Number(repr(value), node, name))
    return Hole(len(numbers) - 1)
