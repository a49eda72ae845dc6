"""The texts and sizes of boxes, before anything has a place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from statistics import median

from explorer.cost import count
from explorer.picture.cells import Cell, Folded
from explorer.picture.metrics import LINE, text_width
from explorer.picture.picture import Kind, Line
from explorer.picture.words import op_words, percent, puts_out, scope_words

FONT, SMALL = 9.0, 7.5
STACK = 3.0  # from one copy to the next behind it
SHADOWS = 2  # copies seen behind the first
_PAD_X, _PAD_Y = 10.0, 5.5
_JOIN = 20.0  # the height of a join, and the diameter of a round one
_STRETCH = 2.5  # over the median width; what is wider is no model for the others
_ALIKE = 1.5  # ops and closed scopes that differ less are equally wide


@dataclass(frozen=True, slots=True)
class Card:
    """What a box says, and its size."""

    kind: Kind
    lines: tuple[Line, ...]
    width: float
    height: float
    share: float
    copies: int

    @property
    def margin(self) -> float:
        """How far the copies behind the box stick out."""
        return STACK * min(self.copies - 1, SHADOWS)


def cards(folded: Folded) -> list[Card]:
    """A card for every cell; ops are equally wide, and so are closed scopes, within limits."""
    macs = count(folded.graph).macs
    plain = [_card(folded, cell, macs) for cell in folded.cells]
    ops, blocks = (_common([c.width for c in plain if c.kind == kind]) for kind in ("op", "block"))
    if max(ops, blocks) <= _ALIKE * min(ops, blocks):
        ops = blocks = max(ops, blocks)
    wanted = {"op": ops, "block": blocks}
    return [replace(card, width=max(card.width, wanted.get(card.kind, 0.0))) for card in plain]


def _common(widths: list[float]) -> float:
    """The largest width that is no outlier."""
    limit = _STRETCH * median(widths) if widths else 0.0
    return max((width for width in widths if width <= limit), default=0.0)


def _card(folded: Folded, cell: Cell, macs: int) -> Card:
    kind, lines = _kind(folded, cell), _lines(folded, cell, macs)
    width = max(text_width(line.text, line.size, line.bold) for line in lines) + 2 * _PAD_X
    height = sum(LINE * line.size for line in lines) + 2 * _PAD_Y
    if kind == "join":
        is_sign = len(lines[0].text) == 1
        width, height = (_JOIN if is_sign else width), _JOIN
    share = folded.cost(cell).macs / macs if macs else 0.0
    return Card(kind, lines, _even(width), _even(height), share, max(1, len(cell.scopes)))


def _even(size: float) -> float:
    """A size whose half is whole, so that middles are exact."""
    return 2.0 * ceil(size / 2)


def _kind(folded: Folded, cell: Cell) -> Kind:
    if cell.scopes:
        return "block"
    if folded.is_join(cell):
        return "join"
    return "op" if folded.head(cell).inputs else "input"


def _lines(folded: Folded, cell: Cell, macs: int) -> tuple[Line, ...]:
    if cell.scopes:
        shape = str(folded.last(cell).shape)
        share = percent(folded.cost(cell).macs / macs) if macs else ""
        below = " · ".join(part for part in (share, shape) if part)
        return (Line(scope_words(folded, cell), FONT, bold=True), Line(below, SMALL))
    first = Line(op_words(folded, cell), _sign_size(folded, cell))
    shape_line = None if folded.is_join(cell) else puts_out(folded, cell)
    return (first, Line(shape_line, SMALL)) if shape_line else (first,)


def _sign_size(folded: Folded, cell: Cell) -> float:
    is_sign = folded.is_join(cell) and len(op_words(folded, cell)) == 1
    return 1.3 * FONT if is_sign else FONT
