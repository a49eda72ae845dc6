"""Boxes and edges at their places, before there is a page around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.picture.boxes import Card
from explorer.picture.cells import Folded
from explorer.picture.layers import Layered
from explorer.picture.picture import Point, Rect
from explorer.picture.route import Routed


@dataclass(frozen=True, slots=True)
class Sheet:
    """A laid out net in its own coordinates: across the flow, and along it.

    Attributes:
        cards: of every cell.
        places: the middle of every item across the flow.
        main: one cell for each layer, along the longest path.
        is_across: whether the flow runs from left to right.
    """

    cells: Folded
    cards: tuple[Card, ...]
    placed: Layered
    places: tuple[float, ...]
    ways: Routed
    main: Sequence[int]
    is_across: bool

    def width(self, cell: int) -> float:
        """The extent of a box across the flow."""
        card = self.cards[cell]
        return card.height if self.is_across else card.width

    def length(self, cell: int) -> float:
        """The extent of a box along the flow."""
        card = self.cards[cell]
        return card.width if self.is_across else card.height

    @property
    def low(self) -> float:
        """Where boxes and lanes begin across the flow."""
        boxes = (self.places[cell] - self._reach(cell) for cell in range(len(self.cards)))
        return min(*boxes, *self.places)

    @property
    def high(self) -> float:
        boxes = (self.places[cell] + self._reach(cell) for cell in range(len(self.cards)))
        return max(*boxes, *self.places)

    @property
    def end(self) -> float:
        """Where the last layer ends along the flow; the first begins at 0."""
        return self.ways.rows[-1][1]

    def extent(self, cell: int) -> tuple[float, float]:
        """Where a box begins and ends along the flow."""
        start, end = self.ways.rows[self.placed.items[cell].layer]
        half = self.length(cell) / 2
        return (start + end) / 2 - half, (start + end) / 2 + half

    def _reach(self, cell: int) -> float:
        return self.width(cell) / 2 + self.cards[cell].margin


@dataclass(frozen=True, slots=True)
class Plane:
    """From a sheet's coordinates to the page's: turned if the flow runs across, and moved."""

    is_across: bool
    moved: Point

    def point(self, across: float, along: float) -> Point:
        x, y = (along, across) if self.is_across else (across, along)
        return Point(round(x + self.moved.x, 2), round(y + self.moved.y, 2))

    def rect(self, across: tuple[float, float], along: tuple[float, float]) -> Rect:
        """The rectangle between two values in each direction."""
        one, other = self.point(across[0], along[0]), self.point(across[1], along[1])
        return Rect(one.x, one.y, round(other.x - one.x, 2), round(other.y - one.y, 2))
