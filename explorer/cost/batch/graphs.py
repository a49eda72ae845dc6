"""What all graphs of a space are together: nodes that are there under conditions."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.cost.batch.atoms import Exact
from explorer.cost.batch.numbers import Algebra
from explorer.cost.batch.truth import Truth, UncompilableError
from explorer.ops import Input, Op, Shape

MAX_NODES = 200_000

Phi = tuple[tuple[Truth, int], ...]  # nodes, and when a value is that one


@dataclass(frozen=True, slots=True, eq=False)
class TracedNode:
    """A node of all graphs in which ``exists`` holds. Its shape's channels may be a formula."""

    op: Op
    inputs: tuple[Phi, ...]
    shape: Shape
    shapes: tuple[Shape, ...]  # that it reads
    exists: Truth


@dataclass(slots=True)
class Trace:
    """What a walk gathers.

    Attributes:
        nodes: in an order in which they can be computed; the inputs first.
        outputs: the values that leave the net.
        refused: conditions under which an assignment has no graph.
        reads: when each choice has a part in the graph, by its index.
    """

    algebra: Algebra
    nodes: list[TracedNode] = field(default_factory=list)
    outputs: list[Phi] = field(default_factory=list)
    refused: list[Truth] = field(default_factory=list)
    reads: dict[int, Truth] = field(default_factory=dict)

    def needed(self) -> list[Truth]:
        """For each node, when an output depends on it; the inputs are always there."""
        truths = self.algebra.truths
        found = [truths.of(isinstance(node.op, Input)) for node in self.nodes]
        for phi in self.outputs:
            for when, index in phi:
                found[index] = found[index] | when
        for index in range(len(self.nodes) - 1, -1, -1):
            if found[index] is truths.false:
                continue
            for phi in self.nodes[index].inputs:
                for when, source in phi:
                    found[source] = found[source] | (found[index] & when)
        return found

    def read(self, choice: int, when: Truth) -> None:
        """Note that a choice has a part in the graph."""
        self.reads[choice] = self.reads[choice] | when if choice in self.reads else when

    def refuse(self, truth: Truth) -> None:
        """Note assignments that have no graph."""
        if truth is not self.algebra.truths.false:
            self.refused.append(truth)

    def add(self, op: Op, inputs: tuple[Phi, ...], shapes: tuple[Shape, ...], exists: Truth) -> int:
        """A new node; its index.

        Raises:
            UncompilableError: there are too many.
        """
        if len(self.nodes) >= MAX_NODES:
            raise UncompilableError(f"it has more than {MAX_NODES} nodes")
        self.nodes.append(TracedNode(op, inputs, op.shape(shapes), shapes, exists))
        return len(self.nodes) - 1

    def forms(self, phi: Phi, when: Truth) -> list[tuple[Truth, Phi, Shape]]:
        """A value by kind and grid: when it is of that form, its nodes, and a shape of it."""
        groups: dict[object, list[tuple[Truth, int]]] = {}
        for entry in restrict(phi, when):
            shape = self.nodes[entry[1]].shape
            groups.setdefault((shape.kind, shape.grid), []).append(entry)
        found = []
        for entries in groups.values():
            together = entries[0][0]
            for other, _ in entries[1:]:
                together = together | other
            found.append((together, tuple(entries), self.shape_of(tuple(entries))))
        return found

    def shape_of(self, phi: Phi) -> Shape:
        """The shape of a value of one kind and grid."""
        first = self.nodes[phi[0][1]].shape
        return first if len(phi) == 1 else Shape(first.kind, self.channels_of(phi), first.grid)

    def channels_of(self, phi: Phi) -> Exact:
        return self.algebra.switch((when, self.nodes[node].shape.channels) for when, node in phi)


def restrict(phi: Phi, when: Truth) -> Phi:
    """A value where a condition holds."""
    kept = ((here & when, node) for here, node in phi)
    return tuple(entry for entry in kept if entry[0] is not when.table.false)


def merged(phi: Phi) -> Phi:
    """The same value with one entry for each node."""
    joined: dict[int, Truth] = {}
    for when, node in phi:
        joined[node] = joined[node] | when if node in joined else when
    return tuple((when, node) for node, when in joined.items())
