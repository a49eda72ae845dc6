"""What a class consists of: the layers that it makes and the steps that its forward takes.

Numbers stand in a body as holes, so that scopes which differ in nothing but their widths have
equal bodies.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from explorer.build import snippets
from explorer.export.layout import Call, Expression, Hole, call, is_plain
from explorer.export.tree import Form, Group, Item, Leaf, Part, has_layers, items
from explorer.ops import Layer, Snippet, TorchFunction

# Arguments of torch.nn for which one number stands for the same number on every axis.
_SIZES = {"kernel_size", "stride", "padding", "dilation", "output_size", "scale_factor"}

Ref = tuple[int, int]  # a value: which step put it out (-1: an argument), and as the how manieth


@dataclass(frozen=True, slots=True)
class Number:
    """What a hole holds in one scope: the text, of which node's argument, and its name."""

    text: str
    node: int
    argument: str


@dataclass(frozen=True, slots=True)
class Step:
    """One call in a forward: of what ``access`` leads to, or of a function of torch."""

    access: tuple[str, ...]
    function: TorchFunction | None
    inputs: tuple[Ref, ...]
    outputs: int


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
    steps = tuple(_step(item, refs) for item in found)
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


def _step(item: Item, refs: dict[int, Ref]) -> Step:
    inputs = tuple(refs[value] for value in item.part.inputs)
    function = item.part.specification if isinstance(item.part, Leaf) else None
    if isinstance(function, TorchFunction):
        return Step((), function, inputs, 1)
    return Step(item.access, None, inputs, len(item.part.outputs))


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
    values = [("", name, value) for name, value in positional]
    values += [
        (f"{name}=", _counted(name, value, specification), value)
        for name, value in specification.kwargs
    ]
    shown = tuple(
        (before, _argument(leaf.index, name, value, numbers)) for before, name, value in values
    )
    return Call(f"{specification.name}(" if is_snippet else f"nn.{specification.name}(", shown)


def _counted(name: str, value: object, specification: Layer | Snippet) -> str:
    """What an argument counts: the groups of a depthwise convolution are its channels."""
    is_depthwise = name == "groups" and value == specification.args[0]
    return "in_channels" if is_depthwise else name


def _argument(node: int, name: str, value: object, numbers: list[Number]) -> Expression:
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float, tuple)):
        return json.dumps(value) if isinstance(value, str) else repr(value)
    if name in _SIZES and isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    numbers.append(Number(repr(value), node, name))
    return Hole(len(numbers) - 1)
