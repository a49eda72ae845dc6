"""A graph folded to what is drawn: one cell for each box.

A norm or an activation goes into the cell of the op before it, a closed scope is one cell, and
equal closed scopes in a row are one cell with a number of copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from explorer.cost import Cost, node_cost
from explorer.graph import Graph, Node
from explorer.ops import ACTS, JOINS, NORMS
from explorer.picture.scopes import around

JOIN_NAMES = {op.name for op in JOINS.values()}
_TAILS = {name for name in (*NORMS.values(), *ACTS.values()) if name} | {"flatten"}


@dataclass(frozen=True, slots=True)
class Cell:
    """The nodes of one box, in the order of the text.

    Attributes:
        scopes: the closed scopes that it is, one for each copy; empty for an op.
    """

    nodes: tuple[int, ...]
    scopes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Folded:
    """A graph and its cells, in the order of the text; every cell reads only cells before it."""

    graph: Graph
    cells: tuple[Cell, ...]

    @cached_property
    def home(self) -> dict[int, int]:
        """The cell that each node is in."""
        return {node: index for index, cell in enumerate(self.cells) for node in cell.nodes}

    @cached_property
    def inputs(self) -> tuple[tuple[int, ...], ...]:
        """The cells that each cell reads, each once, in the order in which it reads them."""
        return tuple(self._reads(index) for index in range(len(self.cells)))

    @cached_property
    def readers(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.cells]
        for index, sources in enumerate(self.inputs):
            for source in sources:
                found[source].append(index)
        return tuple(map(tuple, found))

    def head(self, cell: Cell) -> Node:
        return self.graph.nodes[cell.nodes[0]]

    def last(self, cell: Cell) -> Node:
        return self.graph.nodes[cell.nodes[-1]]

    def cost(self, cell: Cell) -> Cost:
        costs = (node_cost(self.graph, self.graph.nodes[index]) for index in cell.nodes)
        return sum(costs, start=Cost())

    def is_join(self, cell: Cell) -> bool:
        return not cell.scopes and self.head(cell).op.name in JOIN_NAMES

    def _reads(self, index: int) -> tuple[int, ...]:
        nodes = self.cells[index].nodes
        sources = (self.home[source] for node in nodes for source in self.graph.nodes[node].inputs)
        return tuple(dict.fromkeys(source for source in sources if source != index))


def fold(graph: Graph, closed: Sequence[int | None]) -> Folded:
    """The cells of a graph.

    Args:
        graph: what is drawn.
        closed: for every node, the closed scope that it lies in, or None.
    """
    heads = _heads(graph)
    groups: dict[tuple[str, int], list[int]] = {}
    for index, scope in enumerate(closed):
        key = ("op", heads[index]) if scope is None else ("scope", scope)
        groups.setdefault(key, []).append(index)
    cells = [_cell(kind, number, nodes, heads) for (kind, number), nodes in groups.items()]
    return _stacked(Folded(graph, tuple(sorted(cells, key=lambda cell: cell.nodes[0]))))


def _cell(kind: str, number: int, nodes: list[int], heads: list[int]) -> Cell:
    """A scope of one op is drawn as the op."""
    is_scope = kind == "scope" and len({heads[node] for node in nodes}) > 1
    return Cell(tuple(nodes), (number,) if is_scope else ())


def _heads(graph: Graph) -> list[int]:
    """For every node the one in whose box it is drawn; its own index for most."""
    heads: list[int] = []
    for index, node in enumerate(graph.nodes):
        follows = node.op.name in _TAILS and len(node.inputs) == 1
        before = node.inputs[0] if follows else index
        heads.append(heads[before] if follows and _is_close(graph, before, index) else index)
    return heads


def _is_close(graph: Graph, before: int, index: int) -> bool:
    """Whether nothing but ``index`` reads ``before``, which stands in the same scope or within."""
    one, other = graph.nodes[before], graph.nodes[index]
    is_within = other.scope in around(graph, one.scope)
    return bool(one.inputs) and graph.readers[before] == (index,) and is_within


# ---- equal scopes in a row


def _stacked(folded: Folded) -> Folded:
    runs: list[list[int]] = [[0]] if folded.cells else []
    for before, index in pairwise(range(len(folded.cells))):
        if _repeats(folded, before, index):
            runs[-1].append(index)
        else:
            runs.append([index])
    return Folded(folded.graph, tuple(_together(folded, run) for run in runs))


def _together(folded: Folded, run: list[int]) -> Cell:
    cells = [folded.cells[index] for index in run]
    nodes = tuple(node for cell in cells for node in cell.nodes)
    return Cell(nodes, tuple(scope for cell in cells for scope in cell.scopes))


def _repeats(folded: Folded, before: int, index: int) -> bool:
    """Whether a cell does once more what the one before it did, to that one's value alone."""
    one, other = folded.cells[before], folded.cells[index]
    if not one.scopes or not other.scopes:
        return False
    if folded.readers[before] != (index,) or folded.inputs[index] != (before,):
        return False
    return _does(folded.graph, one) == _does(folded.graph, other)


def _does(graph: Graph, cell: Cell) -> list[object]:
    """What a closed scope computes, whatever its nodes are called."""
    scope, first = graph.scopes[cell.scopes[0]], cell.nodes[0]
    is_repeated = scope.block is not None or scope.path.rpartition(".")[2].isdigit()
    doing: list[object] = [scope.block if is_repeated else scope.path, scope.parent]
    for index in cell.nodes:
        node = graph.nodes[index]
        sources = tuple(max(source - first, -1) for source in node.inputs)
        doing.append((str(node.op), node.shape, node_cost(graph, node), sources))
    return doing
