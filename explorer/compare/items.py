"""A graph as chains of layers: what stands in a row, and what stands side by side in a join.

The chains follow from the edges alone (every join closes what opened at its dominator), so two
texts that name and divide their lines differently still give chains that can be laid side by side.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from explorer.compare.facts import TAILS, family, full, sized
from explorer.graph import Graph, Node
from explorer.ops import Input, Op

_ROOT = -1  # in front of all inputs


@dataclass(frozen=True, eq=False)
class Item:
    """A layer with the normalisation and activation behind it; a join also has its branches.

    Attributes:
        indices: of its own nodes: the layer, then its tail.
        incoming: channels of the first value that it reads.
        names: the parts of its path that a person chose.
        branches: of what reads several values: a chain for each, from where they part.
    """

    node: Node
    indices: tuple[int, ...]
    tail: tuple[Op, ...]
    incoming: int
    names: tuple[str, ...]
    branches: tuple[Chain, ...] = ()

    @property
    def op(self) -> Op:
        return self.node.op

    @property
    def path(self) -> str:
        return self.node.path

    def everything(self) -> Iterator[Item]:
        """The layer itself and all that lies in its branches."""
        yield self
        for branch in self.branches:
            for item in branch:
                yield from item.everything()

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """The indices of all nodes in it."""
        return tuple(index for item in self.everything() for index in item.indices)

    @cached_property
    def profile(self) -> Profile:
        return profile((self,))


Chain = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is in a piece, at three grains, whatever its order."""

    families: Counter[str]
    sizes: Counter[str]
    details: Counter[str]

    @property
    def size(self) -> int:
        return self.families.total()


def profile(chain: Chain) -> Profile:
    """The layers of a chain, counted; joins count as themselves and what is in them."""
    inside = [item for outer in chain for item in outer.everything()]
    return Profile(
        Counter(family(item.op) for item in inside),
        Counter(sized(item.op) for item in inside),
        Counter(detail(item) for item in inside),
    )


def detail(item: Item) -> str:
    """A layer and its tail, in full."""
    return " > ".join(full(op) for op in (item.op, *item.tail))


def chains_of(graph: Graph, words: frozenset[str]) -> dict[str, Chain]:
    """The chains to every output by its name, the first of which is the net behind its inputs.

    ``words`` are what numbered parts of a path are made of. A layer is in one chain only.
    """
    builder = _Builder(graph, words)
    first, *others = graph.outputs
    found = {"": builder.chain(_ROOT, first.node)}
    return found | {other.name: builder.chain(_ROOT, other.node) for other in others}


def numbered_words(*graphs: Graph) -> frozenset[str]:
    """The words that a text numbers by itself: ops, blocks that were called, branches, copies."""
    ops = {node.op.name for graph in graphs for node in graph.nodes}
    blocks = {scope.block for graph in graphs for scope in graph.scopes if scope.block}
    return frozenset({"b", "repeat"} | ops | blocks)


@dataclass(slots=True)
class _Builder:
    graph: Graph
    words: frozenset[str]
    above: dict[int, int] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    tails: dict[int, list[int]] = field(default_factory=dict)
    placed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.above = dominators(self.graph)
        for index, node in enumerate(self.graph.nodes):
            self._belong(index, node)

    def _belong(self, index: int, node: Node) -> None:
        """Give a node to the layer in front of it, or make it a layer."""
        if self._is_tail(node):
            self.heads[index] = self.heads[node.inputs[0]]
            self.tails[self.heads[index]].append(index)
        else:
            self.heads[index] = index
            self.tails[index] = []

    def _is_tail(self, node: Node) -> bool:
        """Whether a node is all that reads the layer in front of it."""
        if node.op.name not in TAILS or len(node.inputs) != 1:
            return False
        (source,) = node.inputs
        is_seen = any(output.node == source for output in self.graph.outputs)
        is_input = isinstance(self.graph.nodes[source].op, Input)
        return len(self.graph.readers[source]) == 1 and not is_seen and not is_input

    def chain(self, start: int, end: int) -> Chain:
        """What lies between two nodes, the first of which every way to the second passes.

        A layer that another chain has already is where this one begins.
        """
        found = []
        while end != start and end not in self.placed:
            self.placed.add(end)
            if self.heads[end] == end and not isinstance(self.graph.nodes[end].op, Input):
                found.append(end)
            end = self.above[end]
        return tuple(self._item(index) for index in reversed(found))

    def _item(self, index: int) -> Item:
        node, tail = self.graph.nodes[index], self.tails[index]
        several = node.inputs if len(node.inputs) > 1 else ()
        return Item(
            node,
            (index, *tail),
            tuple(self.graph.nodes[one].op for one in tail),
            self.graph.nodes[node.inputs[0]].shape.channels,
            _chosen(node.path, self.words),
            tuple(self.chain(self.above[index], source) for source in several),
        )


def dominators(graph: Graph) -> dict[int, int]:
    """For every node the last one that all ways to it pass; -1 where there is none."""
    above, depth = {_ROOT: _ROOT}, {_ROOT: 0}
    for index, node in enumerate(graph.nodes):
        common, *others = node.inputs or (_ROOT,)
        for other in others:
            while common != other:
                if depth[common] >= depth[other]:
                    common = above[common]
                else:
                    other = above[other]
        above[index] = common
        depth[index] = depth[common] + 1
    return above


def _chosen(path: str, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(part for part in path.split(".") if not _is_numbered(part, words))


def _is_numbered(part: str, words: frozenset[str]) -> bool:
    word = re.sub(r"\d+$", "", part)
    return word != part and all(piece in words for piece in word.split("_") if piece)
