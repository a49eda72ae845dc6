"""Edges as strokes: every piece once, however many edges share it.

A line that is drawn twice looks bolder than others, so pieces that lie on each other are joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import hypot

from explorer.picture.picture import Edge, Point

_BEND = 5.0  # radius
_ARROW = (5.5, 2.4)  # length and half the width
_HIDDEN = 0.8  # of an arrow's length: where its line ends
Line = tuple[Point, Point]
Bend = tuple[Point, Point, Point]  # from, round, to


@dataclass(frozen=True, slots=True)
class Strokes:
    """Straight lines, round bends, and the corners of arrow heads, in a fixed order."""

    lines: tuple[Line, ...]
    bends: tuple[Bend, ...]
    heads: tuple[tuple[Point, ...], ...]


def strokes(edges: Sequence[Edge]) -> Strokes:
    """What is to be drawn for all edges together."""
    lines: list[Line] = []
    bends: set[Bend] = set()
    for edge in edges:
        *before, end = edge.points
        points = [*before, _towards(end, before[-1], _HIDDEN * _ARROW[0])]
        corners = [_bend(*triple) for triple in zip(points, points[1:], points[2:], strict=False)]
        bends.update(corners)
        starts = [points[0], *(bend[2] for bend in corners)]
        ends = [*(bend[0] for bend in corners), points[-1]]
        lines += zip(starts, ends, strict=True)
    heads = sorted({_head(edge.points[-2], edge.points[-1]) for edge in edges})
    return Strokes(tuple(_joined(lines)), tuple(sorted(bends)), tuple(heads))


def _bend(before: Point, corner: Point, after: Point) -> Bend:
    near = (hypot(corner.x - end.x, corner.y - end.y) / 2 for end in (before, after))
    radius = min(_BEND, *near)
    return _towards(corner, before, radius), corner, _towards(corner, after, radius)


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = hypot(end.x - start.x, end.y - start.y) or 1.0
    part = min(1.0, distance / length)
    x, y = start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part
    return Point(round(x, 2), round(y, 2))


def _head(before: Point, end: Point) -> tuple[Point, ...]:
    length, half = _ARROW
    base = _towards(end, before, length)
    x, y = (end.x - base.x) / length * half, (end.y - base.y) / length * half
    return end, Point(base.x - y, base.y + x), Point(base.x + y, base.y - x), end


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines without overlaps: those that lie on each other become one."""
    groups: dict[tuple[int, float], list[tuple[float, float]]] = {}
    others: set[Line] = set()
    for one, other in lines:
        if one.x == other.x or one.y == other.y:
            axis = int(one.x != other.x)  # along x if the points differ there
            span = sorted((one[1 - axis], other[1 - axis]))
            groups.setdefault((axis, one[axis]), []).append((span[0], span[1]))
        else:
            others.add((one, other))
    for (axis, level), spans in sorted(groups.items()):
        for low, high in _merged(spans):
            if axis:
                yield Point(low, level), Point(high, level)
            else:
                yield Point(level, low), Point(level, high)
    yield from sorted(others)


def _merged(spans: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    start, end = None, 0.0
    for low, high in sorted(spans):
        if start is not None and low > end:
            yield start, end
            start = None
        start, end = (low, high) if start is None else (start, max(end, high))
    if start is not None and end > start:
        yield start, end
