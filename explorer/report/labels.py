"""Where labels go so that nobody has to guess: pure geometry, in points of 1/72 inch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, inf


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.top <= other.bottom or other.top <= self.bottom)

    def moved(self, x: float, y: float) -> Box:
        return Box(self.left + x, self.bottom + y, self.right + x, self.top + y)

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def gap(self, other: Box) -> float:
        """How far apart the two are; 0 where they touch."""
        aside = max(other.left - self.right, self.left - other.right, 0.0)
        upwards = max(other.bottom - self.top, self.bottom - other.top, 0.0)
        return hypot(aside, upwards)

    def slid_into(self, frame: Box) -> Box:
        """The nearest box of this size inside the frame."""
        right = max(frame.left - self.left, 0.0) or min(frame.right - self.right, 0.0)
        up = max(frame.bottom - self.bottom, 0.0) or min(frame.top - self.top, 0.0)
        return self.moved(right, up)


def around(x: float, y: float, reach: float, up: float | None = None) -> Box:
    """The box of a mark: ``reach`` to the sides, ``up`` (or as far) upwards and downwards."""
    height = reach if up is None else max(reach, up)
    return Box(x - reach, y - height, x + reach, y + height)


@dataclass(frozen=True, slots=True)
class Label:
    """A text of some size, ``gap`` away from an anchor; ``is_right``: rather to its right."""

    x: float
    y: float
    width: float
    height: float
    gap: float = 5.0
    is_right: bool = False


def place(
    labels: Sequence[Label], obstacles: Sequence[Box], frame: Box, lines: Sequence[Box] = ()
) -> list[tuple[float, float] | None]:
    """The lower left corner of each label, from its anchor; None where there is no room.

    Anchors lie on a front that rises to the right, so above and to the left is free most often.
    A label is rather across one of ``lines`` than nearer to another mark than to its own.
    """
    taken = list(obstacles)
    corners: list[tuple[float, float] | None] = []
    for label in labels:
        start = Box(label.x, label.y, label.x + label.width, label.y + label.height)
        tried = [start.moved(*offset) for offset in _offsets(label)]
        fitting = [box for box in tried if _is_free(box, taken, frame)]
        own = [box for box in fitting if _is_nearest(box, label, obstacles)]
        ranked = [*_clear(own, lines), *own, *_clear(fitting, lines), *fitting]
        free = next(iter(ranked), None)
        corners.append((free.left - label.x, free.bottom - label.y) if free else None)
        taken += [free] if free else []
    return corners


def _offsets(label: Label) -> list[tuple[float, float]]:
    """How far to move a label that begins at its anchor: the best first."""
    gap, half = label.gap, -label.height / 2
    left, right, below = -label.width - gap, gap, -label.height - gap
    near = [(left, gap / 2), (right, below + gap / 2), (left, below), (right, gap)]
    far = [(left - gap, 2 * gap), (right, 2 * below), (left, 3 * gap), (left, 2 * below)]
    found = [*near, (right, half), (left, half), *far]
    return sorted(found, key=lambda offset: label.is_right and offset[0] < 0)


def _clear(boxes: Sequence[Box], lines: Sequence[Box]) -> list[Box]:
    return [box for box in boxes if not any(map(box.overlaps, lines))]


def _is_nearest(box: Box, label: Label, marks: Sequence[Box]) -> bool:
    """Whether no mark is nearer to a label than the one at its own anchor."""
    anchor = Box(label.x, label.y, label.x, label.y)
    own = [mark for mark in marks if mark.holds(label.x, label.y)] or [anchor]
    others = [box.gap(mark) for mark in marks if mark not in own]
    return min(map(box.gap, own)) <= min(others, default=inf)


def _is_free(box: Box, taken: Sequence[Box], frame: Box) -> bool:
    return box.slid_into(frame) == box and not any(map(box.overlaps, taken))


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Positions moved apart until neighbours are ``gap`` from each other, in the same order."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    groups = [[positions[index]] for index in order]
    merged: list[list[float]] = []
    for group in groups:
        merged.append(group)
        while len(merged) > 1 and _start(merged[-1], gap) < _end(merged[-2], gap) + gap:
            last = merged.pop()
            merged[-1] = merged[-1] + last
    spots = [_start(group, gap) + gap * index for group in merged for index in range(len(group))]
    assert all(high - low >= gap - 1e-9 for low, high in pairwise(spots))
    found = dict(zip(order, spots, strict=True))
    return [found[index] for index in range(len(positions))]


def _start(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _end(group: Sequence[float], gap: float) -> float:
    return _start(group, gap) + gap * (len(group) - 1)
