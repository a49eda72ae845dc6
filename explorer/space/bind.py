"""An assignment turns a space into one graph."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from explorer.errors import NetError
from explorer.graph import Graph, Node, Scope, prune
from explorer.ops import JOINS, Argument, Input, Op, OpError, infer
from explorer.space.expression import Expression, Value, evaluate, knob_paths, round_width
from explorer.space.knobs import Assignment, complete, write_value
from explorer.space.space import Space
from explorer.space.template import (
    Copies,
    Element,
    Guard,
    JoinElement,
    Load,
    OpArgument,
    OpElement,
    Select,
    Sequence,
    Site,
    Store,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A space with an assignment, and the graph that they are.

    Attributes:
        assignment: a value for every choice; inactive ones are pinned to their default.
        active: the choices that have a part in the graph.
    """

    assignment: Mapping[str, Value | str]
    active: frozenset[str]
    graph: Graph

    def written(self) -> dict[str, int | str]:
        """The assignment as JSON holds it."""
        return {path: write_value(value) for path, value in self.assignment.items()}


def bind(space: Space, assignment: Assignment | None = None) -> Candidate:
    """The candidate that an assignment describes; what is not assigned keeps its default.

    Raises:
        NetError: an unknown name, a value outside its domain, a requirement that does not hold,
            shapes that do not fit.
    """
    full = complete(space.choices, assignment or {})
    knobs = _Reader(full, space.header.classes)
    binder = _Binder(space, knobs)
    try:
        binder.run(space.root)
    except RecursionError:
        raise NetError(f"{space.name}: brackets and calls are nested too deeply") from None
    _check_requirements(space, full)
    graph = Graph(
        space.name, tuple(binder.nodes), binder.current, tuple(binder.scopes), space.header.classes
    )
    pruned = prune(graph)
    if space.is_net and len(pruned.nodes) < len(graph.nodes):
        raise _unread(graph, pruned)
    active = frozenset(knobs.read)
    return Candidate(_pinned(space, full, active), active, pruned)


def _pinned(
    space: Space, full: Mapping[str, Value | str], active: frozenset[str]
) -> dict[str, Value | str]:
    """Inactive choices at their defaults, but for those that a requirement needs as they are."""
    kept = set(active)
    while True:
        pinned = {
            path: value if path in kept else space.choices[path].default
            for path, value in full.items()
        }
        broken = broken_requirements(space, pinned)
        if not broken:
            return pinned
        kept.update(path for requirement in broken for path in knob_paths(requirement.test))


def _check_requirements(space: Space, full: Mapping[str, Value | str]) -> None:
    for requirement in broken_requirements(space, full):
        raise NetError(
            f"the assignment breaks a requirement: {requirement.text}",
            requirement.site.place,
            requirement.site.calls,
        )


def broken_requirements(space: Space, full: Mapping[str, Value | str]) -> list[Any]:
    """The requirements that do not hold under a full assignment."""
    values = {**full, "classes": space.header.classes or 1}
    return [r for r in space.requirements if not evaluate(r.test, values, {})]


def _unread(graph: Graph, pruned: Graph) -> NetError:
    kept = {node.path for node in pruned.nodes}
    lost = next(node for node in graph.nodes if node.path not in kept)
    return NetError(f"nothing reads '{lost.path}'", lost.place)


class _Reader(dict[str, Any]):
    """The values of the choices; remembers which were asked for."""

    def __init__(self, values: Mapping[str, Any], classes: int | None) -> None:
        super().__init__(values)
        self.read: set[str] = set()
        self._classes = classes

    def __getitem__(self, path: str) -> Any:
        if path == "classes":
            if self._classes is None:
                raise NetError("the input does not say how many classes there are")
            return self._classes
        self.read.add(path)
        return super().__getitem__(path)


@dataclass(slots=True)
class _Binder:
    """Walks a template and grows the lists of nodes and scopes; ``current`` flows through it."""

    space: Space
    knobs: _Reader
    nodes: list[Node] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=lambda: [Scope("", -1)])
    current: int = 0
    scope: int = 0
    values: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)

    def run(self, root: Sequence) -> None:
        source = self.space.header.input
        self.nodes.append(Node("input", Input(source), (), source, 0))
        self.values["input"] = 0
        self.channels["input"] = source.channels
        self.sequence(root)

    def sequence(self, sequence: Sequence) -> None:
        outer = self.scope
        if sequence.scope is not None and sequence.scope != self.scopes[outer].path:
            place = sequence.site.place
            self.scopes.append(Scope(sequence.scope, outer, sequence.block, place))
            self.scope = len(self.scopes) - 1
        elif sequence.block is not None and self.scopes[outer].block is None and outer:
            # A call that stands alone shares the name of what is around it.
            self.scopes[outer] = Scope(
                self.scopes[outer].path,
                self.scopes[outer].parent,
                sequence.block,
                sequence.site.place,
            )
        if sequence.entry is not None:
            self.values[sequence.entry] = self.current
            self.channels[sequence.entry] = self.nodes[self.current].shape.channels
        for element in sequence.elements:
            self.element(element)
        self.scope = outer

    def element(self, element: Element) -> None:
        match element:
            case OpElement():
                self.op(element)
            case Sequence():
                self.sequence(element)
            case JoinElement():
                self.join(element)
            case Select(lever=lever, options=options):
                self.sequence(options[self.knobs[lever]])
            case Guard(test=test, site=site):
                chosen = element.then if self.decision(test, site) else element.otherwise
                if chosen is not None:
                    self.sequence(chosen)
            case Copies(count=count, site=site):
                for copy in element.copies[: int(self.decision(count, site))]:
                    self.sequence(copy)
            case Load(key=key, site=site):
                self.load(key, site)
            case Store(key=key):
                self.values[key] = self.current

    def load(self, key: str, site: Site) -> None:
        if key not in self.values:
            name = key.rpartition(":")[2]
            raise NetError(
                f"the value '{name}' is not there under this assignment", site.place, site.calls
            )
        self.current = self.values[key]

    def join(self, element: JoinElement) -> None:
        start = self.current
        ends = []
        for branch in element.branches:
            if branch.when is not None and not self.decision(branch.when, element.site):
                continue
            self.current = start
            self.sequence(branch.body)
            ends.append(self.current)
        if not ends:
            raise NetError("no branch of this join is left", element.site.place, element.site.calls)
        if len(ends) == 1:
            self.current = ends[0]
        else:
            self.add(JOINS[element.kind](), tuple(ends), element.path, element.site)

    def op(self, element: OpElement) -> None:
        with _at(element.site):
            values = {a.parameter.name: self.argument(a) for a in element.arguments}
            if element.bias is not None:
                values["bias"] = element.bias
            rank = len(self.space.header.input.grid)
            op = element.op.make(values, rank)
            prelude = op.prelude((self.nodes[self.current].shape,))
        if prelude is not None:
            parent, _, name = element.path.rpartition(".")
            path = f"{parent}.{prelude.name}_{name}" if parent else f"{prelude.name}_{name}"
            self.add(prelude, (self.current,), path, element.site)
        self.add(op, (self.current,), element.path, element.site)

    def add(self, op: Op, inputs: tuple[int, ...], path: str, site: Site) -> None:
        with _at(site):
            shape = infer(op, tuple(self.nodes[index].shape for index in inputs))
        self.nodes.append(Node(path, op, inputs, shape, self.scope, site.place))
        self.current = len(self.nodes) - 1

    # ---- arguments

    def value(self, expression: Expression) -> Any:
        return evaluate(expression, self.knobs, self.channels)

    def decision(self, expression: Expression, site: Site) -> Any:
        """The value of an expression that decides what is there."""
        with _at(site):
            return self.value(expression)

    def argument(self, argument: OpArgument) -> Any:
        """What an op is given: checked numbers, or the word itself.

        Raises:
            OpError: a number that is not of the argument's kind.
        """
        if not argument.values:
            return argument.word
        values = [self.value(expression) for expression in argument.values]
        kind = argument.parameter.kind
        if kind is Argument.NUMBER:
            if isinstance(values[0], bool):
                raise OpError(f"{argument.parameter.name} is a number, got a truth value")
            return Fraction(values[0])
        if argument.scaled:
            header = self.space.header
            values = [
                round_width(value * header.width, header.rounded) if header.width != 1 else value
                for value in values
            ]
        least = 0 if kind is Argument.PADDING else 1
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                what = "a whole number" if least == 0 else "a positive whole number"
                raise OpError(f"{argument.parameter.name} is {what}, got {value}")
        return tuple(values) if argument.is_tuple else values[0]


@contextmanager
def _at(site: Site) -> Any:
    """An op's complaint gets the place in the text that it is about."""
    try:
        yield
    except OpError as error:
        raise NetError(str(error), site.place, site.calls) from None
    except NetError as error:
        place = error.place or site.place
        raise NetError(error.message, place, error.calls or site.calls) from None
