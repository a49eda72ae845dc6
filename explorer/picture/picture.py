"""What a picture is, in numbers: points of 1/72 inch, x to the right, y downwards.

:func:`explorer.picture.layout.layout` computes one, :mod:`explorer.picture.draw` puts it on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["input", "op", "join", "block"]
Anchor = Literal["left", "center", "right"]


class Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Rect:
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def center(self) -> Point:
        return Point(self.left + self.width / 2, self.top + self.height / 2)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in a box; ``height`` is that of the letters, not of the line."""

    text: str
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """An op with what follows it closely, a join, or a closed scope.

    Attributes:
        path: of the first node, or of the scope.
        share: of the net's macs.
        copies: how many equal scopes in a row it stands for.
    """

    path: str
    kind: Kind
    lines: tuple[Line, ...]
    rect: Rect
    share: float
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Edge:
    """A value on its way: ``source`` and ``target`` are indices of boxes."""

    source: int
    target: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text, vertically centred on its point."""

    at: Point
    text: str
    size: float
    anchor: Anchor = "left"
    bold: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """The background of one run of equal grid along the main path."""

    rect: Rect
    label: Label
    shaded: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """A line beside the boxes of an open scope, which carries the scope's name."""

    path: str
    start: Point
    end: Point
    label: Label


@dataclass(frozen=True, slots=True)
class Legend:
    """The colour bar: from no macs to ``most``, the share at its dark end."""

    rect: Rect
    most: float
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, in the order from the background to the front."""

    name: str
    width: float
    height: float
    bands: tuple[Band, ...]
    brackets: tuple[Bracket, ...]
    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    legend: Legend | None
