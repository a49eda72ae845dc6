"""The flat, immutable graph of ops that a bound text means, with the scopes that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from explorer.errors import Place
from explorer.ops import Input, Op, Shape

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.

    Attributes:
        path: its name and, in the module, the prefix of its state_dict keys.
        inputs: indices of the nodes it reads, all smaller than its own.
        shape: what it puts out, for one image.
        scope: index of the scope that it stands in.
    """

    path: str
    op: Op
    inputs: tuple[int, ...]
    shape: Shape
    scope: int
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A piece of the text that has a name: a labelled line, a block call, a branch, a copy.

    Attributes:
        path: the common prefix of its nodes' paths; empty for the whole net.
        block: the block that was called, if it was one.
        parent: index of the scope around it; -1 for the whole net.
    """

    path: str
    parent: int
    block: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A value that leaves the net.

    Attributes:
        name: what readers call it.
        node: index of the node that makes it.
        weight: of its loss, when it is an auxiliary head that training alone has; otherwise None.
    """

    name: str
    node: int
    weight: Fraction | None = None


@dataclass(frozen=True)
class Graph:
    """A net: nodes in an order in which they can be computed, the inputs before all others."""

    name: str
    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    scopes: tuple[Scope, ...]
    classes: int | None = None

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The nodes that read nothing, in the order in which the net takes them."""
        return tuple(node for node in self.nodes if isinstance(node.op, Input))

    @property
    def input(self) -> Shape:
        """The shape of the first input; of most nets the only one."""
        return self.nodes[0].shape

    @property
    def output(self) -> int:
        """The node whose value leaves the net first; of most nets the only one."""
        return self.outputs[0].node

    @property
    def heads(self) -> tuple[Output, ...]:
        """The auxiliary heads, which a graph has only where it was bound with them."""
        return tuple(output for output in self.outputs if output.weight is not None)

    def shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes that a node reads."""
        return tuple(self.nodes[index].shape for index in node.inputs)

    @cached_property
    def readers(self) -> tuple[tuple[int, ...], ...]:
        """For every node, the nodes that read it."""
        found: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                found[source].append(index)
        return tuple(tuple(indices) for indices in found)

    def depth(self, *ops: str) -> int:
        """The largest number of nodes with one of these op names on a path to the first output."""
        longest: list[int] = []
        for node in self.nodes:
            before = max((longest[index] for index in node.inputs), default=0)
            longest.append(before + (node.op.name in ops))
        return longest[self.output]

    def to_networkx(self) -> networkx.DiGraph[str]:
        """The same graph for analysis and drawing.

        Nodes are paths, with the attributes ``op``, ``arguments``, ``shape``, ``scope``, ``macs``
        and ``params``; edges carry ``position``, the reader's input that they are.
        """
        import networkx

        result: networkx.DiGraph[str] = networkx.DiGraph(name=self.name)
        for node in self.nodes:
            cost = node.op.cost(self.shapes(node), node.shape)
            result.add_node(
                node.path,
                op=node.op.name,
                arguments=str(node.op),
                shape=node.shape.sizes,
                scope=self.scopes[node.scope].path,
                macs=cost.macs,
                params=cost.params,
            )
            for position, source in enumerate(node.inputs):
                result.add_edge(self.nodes[source].path, node.path, position=position)
        return result
