"""Groups become classes; those with equal bodies share one, which takes what differs as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from explorer.export.body import Body, Number, make_body, make_chain
from explorer.export.layout import Call, Expression, Hole
from explorer.export.names import Names, argument_names, camel, class_name, number_name
from explorer.export.tree import Form, Group, Leaf
from explorer.graph import Graph

MAX_NUMBERS = 12  # that a constructor takes; beyond, groups share a class only if they are equal
_OTHERS = ("x", "y", "z")  # arguments that are called differently wherever the class is used
_WIDTH = "width"  # the kind of numbers that count channels, and what arguments call them
_WIDTHS = ("channels", "_features", "normalized_shape", "embedding_dim")
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


Member = tuple[Group, tuple[Number, ...]]


def draw(graph: Graph, root: Group, root_name: str, reserved: Sequence[str]) -> list[Blueprint]:
    """The classes of a net in the order of the graph, the net's own first."""
    names = Names([*reserved, root_name])
    drawer = _Drawer(graph, root_name, names, dict(argument_names(root)))
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
        same: dict[Body, list[Member]] = {}
        for group in groups:
            make = make_chain if group.form is Form.CHAIN else make_body
            body, numbers = make(group, self.construct)
            same.setdefault(body, []).append((group, numbers))
        for body, members in same.items():
            for sharing in _sharing(members):
                if sharing[0][0].form is Form.CLASS or len(sharing) > 1:
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
        columns = _columns(members)
        called = self.parameters(members, columns)
        texts = tuple(called.get(column, column[1]) for column in columns)
        parameters = tuple((name, columns.index(column)) for column, name in called.items())
        blueprint = Blueprint(
            self.class_name(groups),
            body,
            groups,
            texts,
            parameters,
            _agreed([self.arguments[group] for group in groups]),
        )
        self.blueprints.append(blueprint)
        self.known |= {group: (blueprint, numbers) for group, numbers in members}

    def class_name(self, groups: tuple[Group, ...]) -> str:
        if groups[0].parent is None:
            return self.root_name
        named = next((group for group in groups if group.block), groups[0])
        if groups[0].form is Form.CHAIN:
            return self.names.give(named.block or "part")
        short = class_name(named) or "Part"
        is_variant = short in self.names and named.block is not None
        return self.names.give(short + camel(named.path.replace(".", "_")) * is_variant)

    def parameters(self, members: list[Member], columns: list[Column]) -> dict[Column, str]:
        """The names of the numbers in which the groups differ; what enters comes first."""
        shapes = [self.graph.nodes[group.inputs[0]].shape for group, _ in members]
        entering = (_WIDTH, *(str(shape.channels) for shape in shapes))
        first: dict[Column, int] = {}
        for hole, column in enumerate(columns):
            if _differs(column):
                first.setdefault(column, hole)
        names = Names((*_IN_INIT, *(b.name for b in self.blueprints if b.is_function)))
        called = {entering: names.give("channels")} if entering in first else {}
        group, numbers = members[0]
        for column, hole in first.items():
            if column not in called:
                called[column] = names.give(number_name(self.graph, group, numbers[hole]))
        return called


# A kind of number, and what stands in one hole, group by group. Equal columns are one parameter.
Column = tuple[str, ...]


def _columns(members: list[Member]) -> list[Column]:
    return [
        (_kind(same[0]), *(number.text for number in same))
        for same in zip(*(numbers for _, numbers in members), strict=True)
    ]


def _kind(number: Number) -> str:
    return _WIDTH if number.argument.endswith(_WIDTHS) else number.argument


def _differs(column: Column) -> bool:
    return len(set(column[1:])) > 1


def _sharing(members: list[Member]) -> Iterator[list[Member]]:
    """The groups that share a class, out of those with equal bodies."""
    differing = {column for column in _columns(members) if _differs(column)}
    if len(differing) <= MAX_NUMBERS:
        yield members
        return
    equal: dict[Column, list[Member]] = {}
    for member in members:
        equal.setdefault(tuple(number.text for number in member[1]), []).append(member)
    yield from equal.values()


def _agreed(arguments: list[tuple[str, ...]]) -> tuple[str, ...]:
    """One name for each argument of forward; where groups disagree, ``x``, ``y``, ``z``."""
    names = Names(("self", "torch"))
    found = []
    for place, wanted in enumerate(zip(*arguments, strict=True)):
        other = _OTHERS[place] if place < len(_OTHERS) else f"x{place + 1}"
        found.append(names.give(wanted[0] if len(set(wanted)) == 1 else other))
    return tuple(found)
