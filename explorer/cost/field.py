"""The receptive field: the largest window of input cells that one cell of a value is made of.

After Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", but
walked from the value back to the input: each op says how many cells of its inputs go into so many
neighbours of its value, and where several nodes read one, the most counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.graph import Graph
from explorer.ops import Input

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What one cell of the last grid sees.

    Attributes:
        node: index of the last node, on the way to the first output, whose cells still are places:
            what is behind a global pool or a flattening has none.
        window: cells of the input along each axis, through convolutions, pools and other windows;
            it may be larger than the input, for padding counts.
        sees_all: whether attention, a gate or a group norm on the way shows it all besides.
        output_sees_all: whether the first output depends on every cell of the last grid, or more.
    """

    node: int
    window: Sizes
    sees_all: bool
    output_sees_all: bool


def receptive_field(graph: Graph) -> Field | None:
    """The receptive field of the last grid; None when no input has a grid.

    Of several inputs, the first one that the windows reach is meant. Exact where all windows have
    their centres in common; a bound from above behind ``upsample``, ``avgpool to=``, a grid made of
    tokens, and a ``*`` that spreads what is no global pool.
    """
    last = _last_grid(graph)
    if last is None:
        return None
    seen = _walk_back(graph, last)
    window = next(seen[index] for index in sorted(seen) if _is_input(graph, index))
    return Field(last, window, _knows_all(graph, last), _knows_all(graph, graph.output))


def _knows_all(graph: Graph, index: int) -> bool:
    """Whether a node on the way to this one sees all that it reads."""
    before = _ancestors(graph, index)
    return any(graph.nodes[here].op.sees_all or not _has_places(graph, here) for here in before)


def _has_places(graph: Graph, index: int) -> bool:
    """Whether the cells of a value stand for places of what its node reads."""
    return _span(graph, index, _cell(graph, index)) is not None


def _span(graph: Graph, index: int, cells: Sizes) -> Sizes | None:
    node = graph.nodes[index]
    return node.op.span(cells, graph.shapes(node))


def _cell(graph: Graph, index: int) -> Sizes:
    return (1,) * len(graph.nodes[index].shape.grid)


def _is_input(graph: Graph, index: int) -> bool:
    return isinstance(graph.nodes[index].op, Input)


def _last_grid(graph: Graph) -> int | None:
    """The last value on the way to the first output whose cells stand for places of an input."""
    placed: list[bool] = []
    for index, node in enumerate(graph.nodes):
        reached = _is_input(graph, index) or any(placed[source] for source in node.inputs)
        placed.append(reached and bool(node.shape.grid) and _has_places(graph, index))
    return max((index for index in _ancestors(graph, graph.output) if placed[index]), default=None)


def _ancestors(graph: Graph, index: int) -> set[int]:
    """The node itself, and every node that it is computed from."""
    found = {index}
    for here in range(index, -1, -1):
        if here in found:
            found.update(graph.nodes[here].inputs)
    return found


def _walk_back(graph: Graph, last: int) -> dict[int, Sizes]:
    """By node, how many of its cells one cell of the last node sees through windows."""
    seen = {last: _cell(graph, last)}
    for index in range(last, -1, -1):
        cells = _span(graph, index, seen[index]) if index in seen else None
        if cells is None:
            continue
        for source in graph.nodes[index].inputs:
            known = seen.get(source, cells)
            seen[source] = tuple(max(pair) for pair in zip(known, cells, strict=True))
    return seen
