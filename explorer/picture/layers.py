"""Cells in layers, and the lanes of the values that are read further on than the next layer.

The method is that of Sugiyama, Tagawa and Toda (1981): layers by the longest path, a lane of
placeholders for every value that crosses a layer, an order in each layer, then coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from explorer.picture.cells import Folded


@dataclass(frozen=True, slots=True)
class Item:
    """What has a place in a layer: a cell, or the lane of a cell's value on its way."""

    cell: int
    layer: int
    is_lane: bool = False


@dataclass(frozen=True)
class Layered:
    """Items and the segments between those of neighbouring layers.

    Attributes:
        items: the cells first, so that an item's index is its cell's; then the lanes.
        sources: for every item those of the layer before that lead to it, in the order in which
            the cell reads them.
        rows: the items of each layer, from left to right.
    """

    items: tuple[Item, ...]
    sources: tuple[tuple[int, ...], ...]
    rows: tuple[tuple[int, ...], ...]

    @cached_property
    def targets(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.items]
        for index, sources in enumerate(self.sources):
            for source in sources:
                found[source].append(index)
        return tuple(map(tuple, found))

    def source_of(self, cell: int, source: int) -> int:
        """The item in the layer before ``cell`` that brings the value of ``source``."""
        return next(item for item in self.sources[cell] if self.items[item].cell == source)

    def way(self, source: int, target: int) -> list[int]:
        """The items that a value passes from one cell to another, both ends included."""
        items = [target, self.source_of(target, source)]
        while items[-1] != source:
            items.append(self.sources[items[-1]][0])
        return items[::-1]


def layers(folded: Folded) -> list[int]:
    """The layer of every cell: the longest path from the first cell.

    What does not come from the first cell, such as a second input, stands right before what
    reads it.
    """
    found: list[int] = []
    is_early: list[bool] = []
    for index, sources in enumerate(folded.inputs):
        found.append(max((found[source] + 1 for source in sources), default=0))
        is_early.append(index == 0 or any(is_early[source] for source in sources))
    for index in reversed(range(len(found))):
        if not is_early[index] and folded.readers[index]:
            found[index] = min(found[reader] for reader in folded.readers[index]) - 1
    return found


def layered(folded: Folded) -> Layered:
    """Items in the order of the text: branches from left to right as they are written."""
    layer = layers(folded)
    items = [Item(cell, layer[cell]) for cell in range(len(layer))]
    sources: list[tuple[int, ...]] = [() for _ in items]
    lanes: dict[tuple[int, int], int] = {}
    for cell, reads in enumerate(folded.inputs):
        sources[cell] = tuple(
            _lane(source, layer[cell] - 1, items, sources, lanes) for source in reads
        )
    order = _text_order(sources, _ends(folded, layer))
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for index in sorted(range(len(items)), key=order.__getitem__):
        rows[items[index].layer].append(index)
    return Layered(tuple(items), tuple(sources), tuple(map(tuple, rows)))


def _lane(
    cell: int,
    layer: int,
    items: list[Item],
    sources: list[tuple[int, ...]],
    lanes: dict[tuple[int, int], int],
) -> int:
    """The item that carries a cell's value in a layer; all readers of a value share its lane."""
    below: int | None = None
    found = cell
    for level in range(layer, items[cell].layer, -1):
        found, is_new = lanes.get((cell, level), len(items)), (cell, level) not in lanes
        if is_new:
            lanes[cell, level] = found
            items.append(Item(cell, level, is_lane=True))
            sources.append((cell,))
        if below is not None:
            sources[below] = (found,)
        if not is_new:
            break
        below = found
    return lanes.get((cell, layer), cell)


def _ends(folded: Folded, layer: list[int]) -> list[int]:
    """The cells that nothing reads, that of the longest path first."""
    ends = [cell for cell in range(len(layer)) if not folded.readers[cell]]
    return sorted(ends, key=lambda cell: (-layer[cell], cell))


def _text_order(sources: list[tuple[int, ...]], ends: list[int]) -> list[int]:
    """A number for every item, from a walk upwards that takes the branches as they are written."""
    order = [-1] * len(sources)
    count = 0
    stack = ends[::-1]
    while stack:
        index = stack.pop()
        if order[index] < 0:
            order[index] = count
            count += 1
            stack.extend(reversed(sources[index]))
    return order


def main_path(folded: Folded, placed: Layered) -> list[int]:
    """For each layer the cell whose value passes it on the way to the cell furthest down.

    The way keeps to values of the grid that comes out, so that it does not pass through the gate
    of a product.
    """
    last = _ends(folded, [placed.items[cell].layer for cell in range(len(folded.cells))])[0]
    path = [last]
    while folded.inputs[last]:
        grid = folded.last(folded.cells[last]).shape.grid
        same = [c for c in folded.inputs[last] if folded.last(folded.cells[c]).shape.grid == grid]
        before = max(same or folded.inputs[last], key=lambda cell: placed.items[cell].layer)
        path += [before] * (placed.items[last].layer - placed.items[before].layer)
        last = before
    return [last] * placed.items[last].layer + path[::-1]
