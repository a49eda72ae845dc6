"""The walk over a template that grows a graph, one assignment at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from math import gcd
from typing import Any

from explorer.errors import NetError
from explorer.graph import Node, Output, Scope
from explorer.ops import JOINS, Argument, Op, OpError, Zero, accept, infer
from explorer.space.clash import in_branches
from explorer.space.expression import Expression, evaluate
from explorer.space.given import given
from explorer.space.space import Space
from explorer.space.template import (
    BranchElement,
    Copies,
    Element,
    Guard,
    Head,
    JoinElement,
    Load,
    OpArgument,
    OpElement,
    Select,
    Sequence,
    Site,
    Store,
)


class Reader(dict[str, Any]):
    """The values of the choices; remembers which were asked for."""

    def __init__(self, values: Mapping[str, Any], classes: int | None) -> None:
        super().__init__(values)
        self.read: set[str] = set()
        self._classes = classes

    def __getitem__(self, path: str) -> Any:
        if path == "classes":
            if self._classes is None:
                example = "as in: input 3x224x224 classes 1000"
                raise NetError(f"the input does not say how many classes there are, {example}")
            return self._classes
        self.read.add(path)
        return super().__getitem__(path)


@dataclass(slots=True)
class Binder:
    """Walks a template and grows the lists of nodes and scopes; ``current`` flows through it."""

    space: Space
    knobs: Reader
    with_heads: bool
    nodes: list[Node] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=lambda: [Scope("", -1)])
    current: int = 0
    scope: int = 0
    values: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    entered: dict[int, int] = field(default_factory=dict)  # what entered the call that made it
    heads: list[Output] = field(default_factory=list)
    spared: set[int] = field(default_factory=set)  # read by what is left out on purpose

    def run(self, root: Sequence) -> None:
        header = self.space.header
        for index, (source, place) in enumerate(zip(header.inputs, header.places, strict=True)):
            self.nodes.append(Node(source.label, source, (), source.what, 0, place))
            self.values[f":{source.label}"] = index
        self.values["input"] = 0
        self.channels["input"] = self.nodes[0].shape.channels
        self.sequence(root)

    def outputs(self) -> tuple[Output, ...]:
        exits = self.space.outputs
        for exit_ in exits:
            self.load(exit_.key, exit_.site)
        named = [Output(exit_.name, self.values[exit_.key]) for exit_ in exits]
        return (*(named or [Output("output", self.current)]), *self.heads)

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
        start = self.current
        if sequence.entry is not None:
            self.values[sequence.entry] = start
            self.values[f"{sequence.entry}:before"] = self.before(start)
            self.channels[sequence.entry] = self.nodes[start].shape.channels
        for element in sequence.elements:
            self.element(element)
        if sequence.entry is not None and self.current != start:
            self.entered.setdefault(self.current, start)  # the innermost call made it
        self.scope = outer

    def before(self, start: int) -> int:
        """What entered the last call on the way to a value, past ops that read one value."""
        here = start
        while here not in self.entered and len(self.nodes[here].inputs) == 1:
            (here,) = self.nodes[here].inputs
        return self.entered.get(here, start)

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
            case Head():
                self.head(element)

    def head(self, head: Head) -> None:
        """An auxiliary head; the value that flows on is the one that arrived."""
        start = self.current
        if self.with_heads:
            self.sequence(head.body)
            self.heads.append(Output(head.body.scope or "", self.current, head.weight))
            self.current = start
        else:
            self.spared |= {start, *(self.values[key] for key in _loads(head.body, self.values))}

    def load(self, key: str, site: Site) -> None:
        self.check_there(key, site)
        self.current = self.values[key]

    def check_there(self, key: str, site: Site) -> None:
        if key not in self.values:
            name = key.rpartition(":")[2]
            message = f"the value '{name}' is not computed under this assignment"
            raise NetError(message, site.place, site.calls)

    def join(self, element: JoinElement) -> None:
        start = self.current
        ends: dict[int, int] = {}  # by the number of the branch, from 1
        for number, branch in enumerate(element.branches, 1):
            if branch.when is not None and not self.decision(branch.when, element.site):
                continue
            self.current = start
            self.sequence(branch.body)
            ends[number] = self.current
        if not ends:
            message = "no branch of this join is left, every 'when' fails"
            raise NetError(message, element.site.place, element.site.calls)
        if element.kind == "+":
            ends = self.without_zeros(ends)
        if len(ends) == 1:
            (self.current,) = ends.values()
            return
        try:
            self.add(JOINS[element.kind](), tuple(ends.values()), element.path, element.site)
        except NetError as error:
            raise in_branches(error, element, tuple(ends)) from None

    def without_zeros(self, ends: dict[int, int]) -> dict[int, int]:
        """What a sum is made of: zeros add nothing, unless there is nothing else."""
        zeros = {end for end in ends.values() if isinstance(self.nodes[end].op, Zero)}
        if len(zeros) == len(set(ends.values())):
            return ends
        self.spared |= zeros
        return {number: end for number, end in ends.items() if end not in zeros}

    def op(self, element: OpElement) -> None:
        arrives = self.nodes[self.current].shape
        with _at(element.site):
            accept(element.op, arrives)
            op = element.op.make(self.arguments(element), len(arrives.grid))
            prelude = op.prelude((arrives,))
        if prelude is not None:
            parent, _, name = element.path.rpartition(".")
            path = f"{parent}.{prelude.name}_{name}" if parent else f"{prelude.name}_{name}"
            self.add(prelude, (self.current,), path, element.site)
        self.add(op, (self.current, *self.also_read(element)), element.path, element.site)

    def also_read(self, element: OpElement) -> list[int]:
        """The values that an op reads beside the one that arrives."""
        found = []
        for argument in element.arguments:
            if argument.key is not None:
                self.check_there(argument.key, element.site)
                found.append(self.values[argument.key])
        return found

    def arguments(self, element: OpElement) -> dict[str, Any]:
        """What an op is given, by parameter."""
        taken = [a for a in element.arguments if a.parameter.kind is not Argument.VALUE]
        header = self.space.header
        values = {a.parameter.name: given(a, self.knobs, self.channels, header) for a in taken}
        if element.bias is not None and values.get("bias") is None:
            values["bias"] = element.bias
        if "groups" in values and self.space.header.width != 1:
            self.fit_groups(values)
        return values

    def fit_groups(self, values: dict[str, Any]) -> None:
        """As many of the groups as still divide channels that the net's width has scaled."""
        arrives = self.nodes[self.current].shape.channels
        values["groups"] = gcd(values["groups"], arrives, values.get("channels", arrives))

    def add(self, op: Op, inputs: tuple[int, ...], path: str, site: Site) -> None:
        with _at(site):
            shape = infer(op, tuple(self.nodes[index].shape for index in inputs))
        self.nodes.append(Node(path, op, inputs, shape, self.scope, site.place))
        self.current = len(self.nodes) - 1

    def value(self, expression: Expression) -> Any:
        return evaluate(expression, self.knobs, self.channels)

    def decision(self, expression: Expression, site: Site) -> Any:
        """The value of an expression that decides what is there."""
        with _at(site):
            return self.value(expression)


def _loads(element: object, known: Mapping[str, int]) -> Iterator[str]:
    """The keys of the values that a piece of a template reads, as far as they are there."""
    if isinstance(element, Load | OpArgument):
        if element.key in known:
            yield str(element.key)
    elif isinstance(element, Mapping):
        yield from _loads(tuple(element.values()), known)
    elif isinstance(element, tuple):
        for item in element:
            yield from _loads(item, known)
    elif isinstance(element, _PIECES):
        for part in fields(element):
            yield from _loads(getattr(element, part.name), known)


_PIECES = (OpElement, Sequence, JoinElement, BranchElement, Select, Guard, Copies)


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
