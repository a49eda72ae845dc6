"""Groups become classes; those with equal bodies share one, which takes what differs as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import nn

from explorer.export.body import Body, Number, holes, make_body, make_chain
from explorer.export.forward import RESERVED
from explorer.export.layout import Call, Expression, Hole
from explorer.export.names import Names, argument_names, class_name, number_names, written_name
from explorer.export.sharing import (
    WIDTH,
    Column,
    Member,
    columns_of,
    differs,
    halves,
    home,
    is_worthwhile,
    shared,
)
from explorer.export.surface import entering
from explorer.export.tree import Form, Group, Leaf
from explorer.graph import Graph

_OTHERS = ("x", "y", "z")  # arguments that are called differently wherever the class is used
_IN_INIT = ("self", "super", "nn", "torch", "chain", "copies", "OrderedDict")


@dataclass(frozen=True, slots=True, eq=False)
class Blueprint:
    """A class to be written, or a function that makes a chain which the text calls repeatedly.

    Attributes:
        name: of the class or function.
        body: what it consists of, with holes.
        groups: the scopes that it stands for, in the order of the graph.
        texts: what stands in the body's holes: a number, or the name of a parameter.
        parameters: of the constructor: the name, and a hole that it fills.
        arguments: of forward.
    """

    name: str
    body: Body
    groups: tuple[Group, ...]
    texts: tuple[str, ...]
    parameters: tuple[tuple[str, int], ...]
    arguments: tuple[str, ...]

    @property
    def is_function(self) -> bool:
        return self.groups[0].form is Form.CHAIN

    @property
    def attributes(self) -> list[str]:
        """What stands in the holes of the forward, which reads parameters as attributes."""
        names = [name for name, _ in self.parameters]
        return [f"self.{text}" if text in names else text for text in self.texts]

    @property
    def kept(self) -> list[str]:
        """The parameters that the forward reads."""
        read = {self.texts[hole] for hole in holes(self.body)}
        return [name for name, _ in self.parameters if name in read]


def draw(graph: Graph, root: Group, root_name: str, reserved: Sequence[str]) -> list[Blueprint]:
    """The classes of a net in the order of the graph, the net's own first."""
    names = Names([*reserved, root_name])
    entered = {value: port.name for value, port in enumerate(entering(graph))}
    drawer = _Drawer(graph, root_name, names, dict(argument_names(root, entered)))
    for groups in _levels(root):
        drawer.level(groups)
    return sorted(drawer.blueprints, key=lambda b: _position(b.groups[0]))


def _position(group: Group) -> tuple[int, int]:
    """First what begins first, and what is around before what is inside."""
    return (group.indices[0] if group.parent else 0, -len(group.indices))


def _levels(root: Group) -> list[list[Group]]:
    """The groups that may become classes, by how many of these lie inside one another there."""
    levels: list[list[Group]] = []
    _height(root, levels)
    return levels


def _height(group: Group, levels: list[list[Group]]) -> int:
    inner = [part for part in group.parts.values() if not isinstance(part, Leaf)]
    height = max((_height(part, levels) for part in inner), default=0)
    is_called = group.form is Form.CHAIN and group.block is not None
    if group.form is not Form.CLASS and not is_called:
        return height
    if height == len(levels):
        levels.append([])
    levels[height].append(group)
    return height + 1


@dataclass(slots=True)
class _Drawer:
    """Goes from the innermost classes out, so that a body names only classes that are known."""

    graph: Graph
    root_name: str
    names: Names
    arguments: Mapping[Group, tuple[str, ...]]
    blueprints: list[Blueprint] = field(default_factory=list)
    known: dict[Group, tuple[Blueprint, tuple[Number, ...]]] = field(default_factory=dict)

    def level(self, groups: list[Group]) -> None:
        same: dict[tuple[Body, str], list[Member]] = {}
        for group in groups:
            make = make_chain if group.form is Form.CHAIN else make_body
            body, numbers = make(group, self.construct)
            same.setdefault((body, home(group)), []).append((group, numbers))
        for (body, _), members in same.items():
            for sharing in shared(members):
                if sharing[0][0].form is Form.CLASS or is_worthwhile(body, sharing):
                    self.add(body, sharing)

    def construct(self, group: Group, numbers: list[Number]) -> Call | None:
        """The call that makes a group, if it has a class or function for it."""
        if group not in self.known:
            return None
        blueprint, own = self.known[group]
        holes: list[tuple[str, Expression]] = []
        for _, hole in blueprint.parameters:
            holes.append(("", Hole(len(numbers))))
            numbers.append(own[hole])
        return Call(f"{blueprint.name}(", tuple(holes))

    def add(self, body: Body, members: list[Member]) -> None:
        groups = tuple(group for group, _ in members)
        columns = columns_of(members)
        fillers = self.fillers(columns, members[0][1])
        called = self.parameters(body, members, fillers)
        texts = called | halves(called)
        given = [(name, fillers[column]) for column, name in called.items()]
        blueprint = Blueprint(
            self.class_name(groups),
            body,
            groups,
            tuple(texts.get(column, column[1]) for column in columns),
            tuple((name, hole) for name, hole in given if name in texts.values()),
            _agreed([self.arguments[group] for group in groups]),
        )
        self.blueprints.append(blueprint)
        self.known |= {group: (blueprint, numbers) for group, numbers in members}

    def fillers(self, columns: list[Column], numbers: Sequence[Number]) -> dict[Column, int]:
        """A hole for each number that differs: one that the text has a name for, or the first."""
        found: dict[Column, int] = {}
        for hole, column in enumerate(columns):
            if not differs(column):
                continue
            first = found.setdefault(column, hole)
            if not self.is_written(numbers[first]) and self.is_written(numbers[hole]):
                found[column] = hole
        return found

    def is_written(self, number: Number) -> bool:
        return written_name(self.graph, number) is not None

    def class_name(self, groups: tuple[Group, ...]) -> str:
        if groups[0].parent is None:
            return self.root_name
        named = next((group for group in groups if group.block), groups[0])
        if groups[0].form is Form.CHAIN:
            return self.names.give(named.block or "part")
        return self.names.give(class_name(named) or "Part")

    def parameters(
        self, body: Body, members: list[Member], fillers: Mapping[Column, int]
    ) -> dict[Column, str]:
        """The names of the numbers in which the groups differ; what enters comes first."""
        shapes = [self.graph.nodes[group.inputs[0]].shape for group, _ in members]
        width = (WIDTH, *(str(shape.channels) for shape in shapes))
        names = Names((*_IN_INIT, *_attributes(body), *self.functions))
        called = {width: names.give("channels")} if width in fillers else {}
        group, numbers = members[0]
        others = {c: numbers[hole] for c, hole in fillers.items() if c not in called}
        wanted = number_names(self.graph, group, list(others.values()))
        return called | dict(zip(others, map(names.give, wanted), strict=True))

    @property
    def functions(self) -> list[str]:
        return [blueprint.name for blueprint in self.blueprints if blueprint.is_function]


def _attributes(body: Body) -> list[str]:
    """What a number must not be called where the forward reads it as an attribute."""
    return [*dir(nn.Module()), *(name for name, _ in body.layers)] if holes(body) else []


def _agreed(arguments: list[tuple[str, ...]]) -> tuple[str, ...]:
    """One name for each argument of forward; where groups disagree, ``x``, ``y``, ``z``."""
    names = Names(name for name in RESERVED if name != "x")
    found = []
    for place, wanted in enumerate(zip(*arguments, strict=True)):
        other = _OTHERS[place] if place < len(_OTHERS) else f"x{place + 1}"
        found.append(names.give(wanted[0] if len(set(wanted)) == 1 else other))
    return tuple(found)
