"""The graph as a tree of named parts, each with the form that it takes in Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from torch import nn

from explorer.errors import ExplorerError
from explorer.graph import Graph
from explorer.ops import Specification, TorchFunction


class Form(Enum):
    """What a group of layers becomes."""

    CHAIN = "layers one after another: an nn.Sequential"
    CLASS = "a class with a forward of its own"
    HOLDER = "a container of names; the class around it calls what is inside"
    FUNCTIONS = "nothing: it has no layers, so the class around it computes it"


@dataclass(slots=True, eq=False)
class Leaf:
    """One node: a layer, or a function of torch. Values are called by their node's index."""

    name: str
    index: int
    specification: Specification
    inputs: tuple[int, ...]

    @property
    def outputs(self) -> tuple[int, ...]:
        return (self.index,)

    @property
    def indices(self) -> list[int]:
        return [self.index]

    @property
    def is_layer(self) -> bool:
        return not isinstance(self.specification, TorchFunction)


@dataclass(slots=True, eq=False)
class Group:
    """What shares a prefix of its paths: the whole net, a label, a call, a branch, a copy.

    Attributes:
        parts: by the next segment of the path, in the order of the graph.
        indices: every node inside, ascending.
        inputs: the values from outside that are read inside, in the order of reading.
        outputs: the values from inside that are read outside.
    """

    name: str
    path: str
    block: str | None = None
    parent: Group | None = None
    parts: dict[str, Part] = field(default_factory=dict)
    indices: list[int] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    form: Form = Form.CLASS


Part = Leaf | Group


@dataclass(frozen=True, slots=True)
class Item:
    """A part that a class calls, and the names through which the class reaches it."""

    access: tuple[str, ...]
    part: Part


def grow(graph: Graph) -> Group:
    """The tree of a graph; the root is the whole net.

    Raises:
        ExplorerError: two nodes share a path, or a layer's path is the prefix of another's.
    """
    blocks = {scope.path: scope.block for scope in graph.scopes}
    root = Group("", "")
    entering = tuple(range(len(graph.inputs)))
    for index in range(len(entering), len(graph.nodes)):
        _hang(graph, index, root, blocks)
    leaving = tuple(output.node for output in graph.outputs)
    _settle(graph, root, frozenset(leaving))
    root.inputs, root.outputs, root.form = entering, leaving, Form.CLASS
    return root


def items(group: Group, access: tuple[str, ...] = ()) -> Iterator[Item]:
    """What a class must call, part by part; holders and functions are opened up."""
    for name, part in group.parts.items():
        path = (*access, name)
        if isinstance(part, Group) and part.form in (Form.HOLDER, Form.FUNCTIONS):
            yield from items(part, path)
        else:
            yield Item(path, part)


def has_layers(part: Part) -> bool:
    if isinstance(part, Leaf):
        return part.is_layer
    return any(has_layers(inner) for inner in part.parts.values())


def _hang(graph: Graph, index: int, root: Group, blocks: dict[str, str | None]) -> None:
    """Put one node where its path says."""
    node = graph.nodes[index]
    *parents, name = node.path.split(".")
    here = root
    for depth, parent in enumerate(parents, start=1):
        path = ".".join(parents[:depth])
        inner = here.parts.setdefault(parent, Group(parent, path, blocks.get(path), here))
        if isinstance(inner, Leaf):
            raise ExplorerError(f"'{path}' is a layer and also stands around '{node.path}'")
        here = inner
    if name in here.parts:
        raise ExplorerError(f"two layers are called '{node.path}'; rename one of them")
    here.parts[name] = Leaf(name, index, node.op.layer(graph.shapes(node)), node.inputs)


def _settle(graph: Graph, group: Group, leaving: frozenset[int]) -> None:
    """Find out what every group reads and puts out, and so its form; the innermost first."""
    for part in group.parts.values():
        if isinstance(part, Group):
            _settle(graph, part, leaving)
    group.indices = sorted(index for part in group.parts.values() for index in part.indices)
    inside = set(group.indices)
    read = (source for index in group.indices for source in graph.nodes[index].inputs)
    group.inputs = tuple(dict.fromkeys(source for source in read if source not in inside))
    group.outputs = tuple(
        index
        for index in group.indices
        if index in leaving or not inside.issuperset(graph.readers[index])
    )
    group.form = _form(group)


def _form(group: Group) -> Form:
    if not has_layers(group):
        return Form.FUNCTIONS
    # A part of the order that other nodes interrupt cannot be computed in one call.
    interrupted = group.indices[-1] - group.indices[0] >= len(group.indices)
    if not interrupted and _is_chain(group):
        return Form.CHAIN
    has_numbers = any(name.isdigit() for name in group.parts)
    return Form.HOLDER if interrupted or has_numbers else Form.CLASS


def _is_chain(group: Group) -> bool:
    """Whether each part reads the one before and nothing else."""
    current = group.inputs
    for name, part in group.parts.items():
        is_callable = part.is_layer if isinstance(part, Leaf) else part.form in _CALLABLE
        # A label such as 'append' is a method of nn.Sequential, which it would hide.
        if not is_callable or part.inputs != current or hasattr(nn.Sequential, name):
            return False
        current = part.outputs
    return len(group.inputs) == 1 and len(current) == 1 and group.outputs == current


_CALLABLE = (Form.CHAIN, Form.CLASS)
