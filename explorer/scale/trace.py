"""What every piece of a text is given and what it makes: found by binding the text once.

Whether a module keeps the grid cannot be read from the text (a stride may be a parameter), so the
net is walked as ``bind`` walks it, and every piece notes the shapes that pass through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.errors import Place
from explorer.language import syntax
from explorer.ops import Op, Shape
from explorer.space import Space, complete
from explorer.space.template import Copies, Element, Head, Load, Select, Site, Store
from explorer.space.walk import Binder, Reader


class Flow(NamedTuple):
    """What arrives at a piece, what leaves it, and the multiply-adds in between."""

    before: Shape
    after: Shape
    macs: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The shapes that pass through the pieces of a text, by their places.

    Attributes:
        flows: what passes, each time that a piece is reached.
        counts: how many copies a ``repeat`` makes, each time that it is reached.
        loads: the pieces that go on from a value of another line.
        macs: of the whole net.
    """

    flows: Mapping[Place, list[Flow]]
    counts: Mapping[Place, list[int]]
    loads: frozenset[Place]
    macs: int

    def of(self, element: syntax.Element) -> list[Flow]:
        """Everything that passes through an element; nothing where it is never reached."""
        if isinstance(element, syntax.Group):
            return [flow for part in element.chain.parts for flow in self.of(part.element)]
        return self.flows.get(element.place, []) if element.place else []

    def copies(self, repeat: syntax.Repeat) -> tuple[int, ...]:
        """How many copies a repeat makes, wherever it is reached."""
        return tuple(self.counts.get(repeat.place, ())) if repeat.place else ()

    def keeps_grid(self, element: syntax.Element) -> bool:
        """Whether the grid that leaves is always the one that arrives."""
        return all(a.kind == b.kind and a.grid == b.grid for a, b, _ in self.of(element))

    def sees_grid(self, element: syntax.Element) -> bool:
        """Whether what arrives always has more than one cell: a classifier's layers see one."""
        flows = self.of(element)
        return bool(flows) and all(max(flow.before.grid, default=1) > 1 for flow in flows)

    def is_load(self, element: syntax.Element) -> bool:
        return element.place in self.loads


def trace(space: Space) -> Trace:
    """The shapes inside a space at its defaults, without auxiliary heads.

    Raises:
        NetError: it cannot be bound.
    """
    knobs = Reader(complete(space.choices, {}), space.header.classes)
    tracer = _Tracer(space, knobs, with_heads=False)
    tracer.run(space.root)
    return Trace(tracer.flows, tracer.counts, frozenset(tracer.loads), tracer.macs)


@dataclass
class _Tracer(Binder):
    """Grows the graph as its parent does, and notes what passes."""

    flows: dict[Place, list[Flow]] = field(default_factory=dict)
    counts: dict[Place, list[int]] = field(default_factory=dict)
    loads: set[Place] = field(default_factory=set)
    macs: int = 0

    def add(self, op: Op, inputs: tuple[int, ...], path: str, site: Site) -> None:
        super().add(op, inputs, path, site)
        shapes = tuple(self.nodes[index].shape for index in inputs)
        self.macs += op.cost(shapes, self.nodes[self.current].shape).macs

    def element(self, element: Element) -> None:
        before, macs = self.nodes[self.current].shape, self.macs
        super().element(element)
        if isinstance(element, Store | Head | Select) or element.site.place is None:
            return
        place = element.site.place
        flow = Flow(before, self.nodes[self.current].shape, self.macs - macs)
        self.flows.setdefault(place, []).append(flow)
        if isinstance(element, Copies):
            count = int(self.decision(element.count, element.site))
            self.counts.setdefault(place, []).append(count)
        elif isinstance(element, Load):
            self.loads.add(place)
