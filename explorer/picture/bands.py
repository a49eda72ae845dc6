"""Bands: the background of each run of equal grid along the main path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from explorer.ops import Shape
from explorer.picture.metrics import text_width
from explorer.picture.picture import Band, Label, Point, Rect
from explorer.picture.sheet import Plane, Sheet
from explorer.picture.words import grid_of, grid_words

SIZE = 9.0
_BESIDE = 10.0  # around a label
_ROW = 20.0  # the height of the labels' row when the flow runs across


def label_room(sheet: Sheet) -> float:
    """How much room the labels need across the flow."""
    if sheet.is_across:
        return _ROW
    widths = [text_width(grid_words(shape), SIZE) for shape in _shapes(sheet)]
    return max(widths) + _BESIDE


def bands(
    sheet: Sheet, across: tuple[float, float], along: tuple[float, float], plane: Plane
) -> Iterator[Band]:
    """The bands from the input to the output; together they cover the whole flow."""
    start = along[0]
    for number, (shape, last) in enumerate(_runs(sheet)):
        rows = sheet.ways.rows
        end = (rows[last][1] + rows[last + 1][0]) / 2 if last + 1 < len(rows) else along[1]
        rect = plane.rect(across, (start, end))
        yield Band(rect, _label(rect, grid_words(shape)), number % 2 == 1)
        start = end


def _shapes(sheet: Sheet) -> list[Shape]:
    return [sheet.cells.last(sheet.cells.cells[cell]).shape for cell in sheet.main]


def _runs(sheet: Sheet) -> Iterator[tuple[Shape, int]]:
    """The first shape of each run, and the last layer that it reaches."""
    numbered = enumerate(_shapes(sheet))
    for _, run in groupby(numbered, key=lambda pair: grid_of(pair[1])):
        found = list(run)
        yield found[0][1], found[-1][0]


def _label(rect: Rect, text: str) -> Label:
    at = Point(rect.left + _BESIDE - 2, round(rect.top + 0.6 * _ROW, 2))
    return Label(at, text, SIZE, faint=True)
