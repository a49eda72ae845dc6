"""What only one of two nets has: blocks, layers, branches, and which lever put them there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from explorer.compare.change import Change, Spot
from explorer.compare.facts import arguments, family, layer_lever, short, sized
from explorer.compare.items import Chain, Item
from explorer.compare.words import told
from explorer.graph import Graph, Scope

Side = Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of layers that the other net does not have, and what stands around it.

    Attributes:
        alone: whether nothing else is in the chain, as in a branch.
    """

    run: Chain
    before: Item | None
    behind: Item | None
    alone: bool


class Owner:
    """One of the two nets, and how to say that only it has something."""

    def __init__(self, graph: Graph, side: Side) -> None:
        self.graph, self.side = graph, side
        self.sizes = Counter(self._scopes(range(len(graph.nodes))))

    def change(self, lever: str, what: str, path: str, where: str = "") -> Change:
        """That this net has ``what``, and the other has not."""
        if self.side == "a":
            return Change(lever, what, what, None, (Spot(path, None),), where)
        return Change(lever, what, None, what, (Spot(None, path),), where)

    def branch(self, branch: Chain, join: Item) -> Change:
        """That a join has a branch more."""
        return self.change("branch", told(branch), join.path, join.op.name)

    def gap(self, gap: Gap, known: Collection[str] = ()) -> Iterator[Change]:
        """What a run of layers is: whole pieces with a name, and layers one by one.

        Layers whose paths are ``known`` were found to stand elsewhere in the other net.
        """
        gap = replace(gap, run=tuple(item for item in gap.run if item.path not in known))
        inside = [index for item in gap.run for index in item.nodes]
        counts = Counter(self._scopes(inside))
        whole = {scope for scope, count in counts.items() if scope and self.sizes[scope] == count}
        told_scopes = set()
        for position, item in enumerate(gap.run):
            scope = self._piece(item, whole)
            if scope is None:
                yield self._layer(gap, position)
            elif scope not in told_scopes:
                told_scopes.add(scope)
                yield self._block(self.graph.scopes[scope], self.sizes[scope], gap.run, item)

    def _scopes(self, nodes: range | list[int]) -> Iterator[int]:
        """Every scope around every node."""
        for index in nodes:
            scope = self.graph.nodes[index].scope
            while scope >= 0:
                yield scope
                scope = self.graph.scopes[scope].parent

    def _piece(self, item: Item, whole: set[int]) -> int | None:
        """The largest named piece around a layer of which the other net has nothing."""
        found, scope = None, item.node.scope
        while scope in whole:
            is_more = self.sizes[scope] > len(item.indices)
            found = scope if is_more or self.graph.scopes[scope].block else found
            scope = self.graph.scopes[scope].parent
        return found

    def _block(self, scope: Scope, nodes: int, run: Chain, first: Item) -> Change:
        if scope.block:
            size = f"({nodes} nodes)" if nodes > 1 else ""
            return self.change("depth", f"block {scope.block}", scope.path, size)
        prefix = f"{scope.path}."
        inside = tuple(item for item in run if item.path.startswith(prefix)) or (first,)
        return self.change("depth", told(inside), scope.path)

    def _layer(self, gap: Gap, position: int) -> Change:
        item = gap.run[position]
        behind = (*gap.run[position + 1 :], gap.behind)[0]
        before = (gap.before, *gap.run[:position])[-1]
        if _is_point(item):
            if behind is not None and _is_wide(behind):
                return self.change("reduction", "1x1", item.path, f"before {sized(behind.op)}")
            if before is not None and family(before.op) == "pooling":
                return self.change("projection", "1x1", item.path, f"behind {sized(before.op)}")
            if gap.alone and len(gap.run) == 1:
                return self.change("projection", "1x1", item.path)
        if item.branches:
            return self.change("depth", told((item,)), item.path)
        return self.change(layer_lever(item.op), short(item.op), item.path)


def _is_point(item: Item) -> bool:
    return item.op.name == "conv" and set(arguments(item.op)["kernel"]) == {1}


def _is_wide(item: Item) -> bool:
    return family(item.op) == "conv" and max(arguments(item.op)["kernel"]) > 1
