"""Brackets: lines beside the boxes of open scopes, with the scopes' names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.picture.metrics import text_width
from explorer.picture.picture import Bracket, Label
from explorer.picture.scopes import Scopes, around
from explorer.picture.sheet import Plane, Sheet
from explorer.picture.words import with_block

SIZE = 8.0
_GAP = 10.0  # before a line
_NAME = 5.0  # between a line and its name
_ROW = 14.0  # a line and its name when the flow runs across
_NESTED = 2  # levels of scopes that are named


@dataclass(frozen=True, slots=True)
class _Span:
    """Where an open scope begins and ends along the flow; ``column`` 0 has none inside it."""

    path: str
    text: str
    start: float
    end: float
    column: int


def bracket_room(sheet: Sheet, scopes: Scopes) -> float:
    """How much room lines and names need across the flow."""
    return sum(_widths(_spans(sheet, scopes), sheet.is_across))


def brackets(
    sheet: Sheet, scopes: Scopes, across: tuple[float, float], plane: Plane
) -> Iterator[Bracket]:
    """The brackets, right of the boxes or below them."""
    spans = _spans(sheet, scopes)
    widths = _widths(spans, sheet.is_across)
    first = across[1] - sum(widths)
    for span in spans:
        place = first + sum(widths[: span.column])
        yield _bracket(span, place, plane)


def _bracket(span: _Span, place: float, plane: Plane) -> Bracket:
    middle = (span.start + span.end) / 2
    if plane.is_across:
        label = Label(plane.point(place + 8, middle), span.text, SIZE, "center", faint=True)
    else:
        label = Label(plane.point(place + _NAME, middle), span.text, SIZE, faint=True)
    start, end = plane.point(place, span.start), plane.point(place, span.end)
    return Bracket(span.path, start, end, label)


def _widths(spans: list[_Span], is_across: bool) -> list[float]:
    """The room of each column."""
    found = [0.0] * _NESTED
    for span in spans:
        room = _ROW if is_across else text_width(span.text, SIZE) + _NAME
        found[span.column] = max(found[span.column], room + _GAP)
    return found


def _spans(sheet: Sheet, scopes: Scopes) -> list[_Span]:
    """The open scopes that have a stretch of the flow to themselves."""
    inside = _cells_inside(sheet, scopes)
    columns = _columns(list(inside), scopes)
    found: list[_Span] = []
    for column in reversed(range(_NESTED)):  # the inner ones leave out the outer ones' names
        spans = [
            _span(sheet, scopes, scope, inside[scope], column, [span.path for span in found])
            for scope in inside
            if columns[scope] == column
        ]
        found += _apart(sorted(spans, key=lambda span: span.start), sheet.is_across)
    return found


def _cells_inside(sheet: Sheet, scopes: Scopes) -> dict[int, list[int]]:
    """The open scopes of more than one box, with their cells; of equal ones the outermost."""
    found: dict[int, list[int]] = {}
    graph = scopes.graph
    for index, cell in enumerate(sheet.cells.cells):
        own = graph.nodes[cell.nodes[0]].scope
        start = graph.scopes[cell.scopes[0]].parent if cell.scopes else own
        for scope in around(scopes.graph, start):
            if scopes.is_level(scope):
                found.setdefault(scope, []).append(index)
    outermost = {tuple(cells): scope for scope, cells in sorted(found.items(), reverse=True)}
    return {scope: list(cells) for cells, scope in outermost.items() if _is_alone(sheet, cells)}


def _is_alone(sheet: Sheet, cells: tuple[int, ...]) -> bool:
    """Whether cells, more than one, have their layers to themselves."""
    layer = [item.layer for item in sheet.placed.items[: len(sheet.cards)]]
    first, last = min(layer[cell] for cell in cells), max(layer[cell] for cell in cells)
    return 1 < len(cells) == sum(first <= number <= last for number in layer)


def _columns(shown: list[int], scopes: Scopes) -> dict[int, int]:
    """How many levels of shown scopes each contains."""
    found = dict.fromkeys(shown, 0)
    for scope in sorted(shown, reverse=True):  # a scope comes after those around it
        outer = [other for other in around(scopes.graph, scope)[1:] if other in found]
        if outer:
            found[outer[0]] = max(found[outer[0]], found[scope] + 1)
    return found


def _span(
    sheet: Sheet, scopes: Scopes, scope: int, cells: list[int], column: int, outer: list[str]
) -> _Span:
    named = scopes.graph.scopes[scope]
    name = named.path
    for path in outer:
        name = named.path.removeprefix(f"{path}.") if named.path.startswith(f"{path}.") else name
    extents = [sheet.extent(cell) for cell in cells]
    start, end = min(start for start, _ in extents), max(end for _, end in extents)
    return _Span(named.path, with_block(name, named), start, end, column)


def _apart(spans: list[_Span], is_across: bool) -> list[_Span]:
    """Without those that lie beside one before them, or are too short for their names."""
    found: list[_Span] = []
    for span in spans:
        fits = not is_across or text_width(span.text, SIZE) <= span.end - span.start
        if fits and (not found or found[-1].end < span.start):
            found.append(span)
    return found
