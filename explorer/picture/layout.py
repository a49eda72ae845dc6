"""From a graph to a picture in numbers; nothing here draws."""

from __future__ import annotations

from collections.abc import Collection

from explorer.graph import Graph
from explorer.picture.boxes import Card, cards
from explorer.picture.cells import Folded, fold
from explorer.picture.columns import Columns
from explorer.picture.layers import layered, main_path
from explorer.picture.order import ordered
from explorer.picture.page import page
from explorer.picture.picture import Picture
from explorer.picture.place import placed_across
from explorer.picture.route import Frame, routed
from explorer.picture.scopes import Scopes
from explorer.picture.sheet import Sheet

READABLE = 90  # boxes; up to so many a net is drawn as open as it can be


def layout(
    graph: Graph,
    title: str = "",
    depth: int | None = None,
    opened: Collection[str] = (),
    across: bool = False,
) -> Picture:
    """The picture of a net.

    Args:
        graph: the net.
        title: what is written below its name.
        depth: how many levels of scopes are open; by default the most that give a readable number
            of boxes.
        opened: paths of scopes that are open whatever the depth.
        across: from left to right instead of from top to bottom.

    Raises:
        ExplorerError: a path to open is no scope.
    """
    scopes = Scopes(graph)
    scopes.check(opened)
    return page(sheet(folded(scopes, depth, opened), across), scopes, title)


def folded(scopes: Scopes, depth: int | None, opened: Collection[str] = ()) -> Folded:
    """The cells at a depth, or at the deepest that is readable."""
    depths = range(scopes.deepest, -1, -1) if depth is None else [depth]
    for level in depths:
        found = fold(scopes.graph, scopes.closed(level, opened))
        if len(found.cells) <= READABLE:
            break
    return found


def sheet(cells: Folded, across: bool) -> Sheet:
    """Every cell and every edge at its place."""
    found = cards(cells)
    placed = layered(cells)
    rows = ordered(placed)
    lanes = [0.0] * (len(placed.items) - len(found))
    sides = [[_size(card, across) for card in found], [_size(card, not across) for card in found]]
    wide, long = [*sides[0], *lanes], [*sides[1], *lanes]
    room = [size + 2 * card.margin for size, card in zip(sides[0], found, strict=True)]
    places = placed_across(placed, rows, Columns(cells, placed, rows), [*room, *lanes])
    ways = routed(Frame(cells, placed, rows, places, wide, long))
    return Sheet(cells, tuple(found), placed, tuple(places), ways, main_path(cells, placed), across)


def _size(card: Card, is_height: bool) -> float:
    return card.height if is_height else card.width
