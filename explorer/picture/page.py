"""The page around a laid out net: bands of equal grid, names of open scopes, and the header."""

from __future__ import annotations

from math import ceil

from explorer.picture.bands import bands, label_room
from explorer.picture.brackets import bracket_room, brackets
from explorer.picture.header import MARGIN, Header, header
from explorer.picture.picture import Box, Edge, Picture, Point
from explorer.picture.scopes import Scopes
from explorer.picture.sheet import Plane, Sheet

PAD = 14.0  # between the boxes and the end of the bands


def page(sheet: Sheet, scopes: Scopes, title: str) -> Picture:
    """Everything on the page."""
    along = (-PAD, sheet.end + PAD)
    before, after = ceil(label_room(sheet)), ceil(bracket_room(sheet, scopes))
    narrow = (sheet.low - PAD - before, sheet.high + PAD + after)
    length, width = along[1] - along[0], narrow[1] - narrow[0]
    top = header(sheet, title, length if sheet.is_across else width)
    across = narrow if sheet.is_across else _widened(narrow, top.width, after - before)
    size = (length, width) if sheet.is_across else (across[1] - across[0], length)
    plane = _plane(sheet, across, along, top)
    return Picture(
        name=sheet.cells.graph.name,
        width=round(2 * MARGIN + max(top.width, size[0]), 2),
        height=round(2 * MARGIN + top.height + size[1], 2),
        bands=tuple(bands(sheet, across, along, plane)),
        brackets=tuple(brackets(sheet, scopes, across, plane)),
        edges=tuple(_edges(sheet, plane)),
        boxes=tuple(_box(sheet, plane, cell) for cell in range(len(sheet.cards))),
        labels=top.labels,
        legend=top.legend,
    )


def _widened(across: tuple[float, float], wanted: float, lean: float) -> tuple[float, float]:
    """Bands as wide as the header at least; room beside the net brings it nearer to the middle."""
    low, high = across
    more = max(0, ceil(wanted - (high - low)))
    left = round(min(max((more + lean) / 2, 0.0), more))
    return low - left, high + more - left


def _plane(
    sheet: Sheet, across: tuple[float, float], along: tuple[float, float], top: Header
) -> Plane:
    """From the sheet to the part of the page below the header."""
    start = (along[0], across[0]) if sheet.is_across else (across[0], along[0])
    moved = Point(MARGIN - start[0], MARGIN + top.height - start[1])
    return Plane(sheet.is_across, moved)


def _box(sheet: Sheet, plane: Plane, cell: int) -> Box:
    card, place, half = sheet.cards[cell], sheet.places[cell], sheet.width(cell) / 2
    folded = sheet.cells.cells[cell]
    graph = sheet.cells.graph
    path = graph.scopes[folded.scopes[0]].path if folded.scopes else sheet.cells.head(folded).path
    rect = plane.rect((place - half, place + half), sheet.extent(cell))
    return Box(path, card.kind, card.lines, rect, card.share, card.copies)


def _edges(sheet: Sheet, plane: Plane) -> list[Edge]:
    return [
        Edge(source, target, tuple(plane.point(*spot) for spot in way))
        for (source, target), way in sheet.ways.edges.items()
    ]
