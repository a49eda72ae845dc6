"""Where the columns stand across the flow: near to what they are connected with, apart enough."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from explorer.picture.columns import Columns
from explorer.picture.layers import Layered
from explorer.picture.order import Rows
from explorer.picture.separate import Constraint, Separator

BESIDE = 20.0  # between two boxes
LANE = 12.0  # between a lane and a box or another lane
_ROUNDS = 40
_WORK = 16_000  # columns looked at
_STILL = 0.05
_LIGHT = 0.1  # a lane goes round the boxes, which stand in the middle
_NEARLY, _SNAPS = 16.0, 2


def placed_across(
    placed: Layered, rows: Rows, columns: Columns, sizes: Sequence[float]
) -> list[float]:
    """The middle of every item.

    Args:
        placed: the items and their segments.
        rows: their order.
        columns: what stands exactly below each other; columns that turn out to be nearly in line
            are joined.
        sizes: how far every item extends across the flow.
    """
    places = _places(placed, rows, columns.numbers(), sizes, [0.0] * len(placed.items))
    for _ in range(_SNAPS):
        if not _snap(placed, columns, places):
            break
        places = _places(placed, rows, columns.numbers(), sizes, places)
    return places


def _snap(placed: Layered, columns: Columns, places: Sequence[float]) -> bool:
    """Join columns that are connected and nearly in line; whether there were any."""
    pairs = [
        (item, source)
        for item, sources in enumerate(placed.sources)
        for source in sources
        if 0 < abs(places[item] - places[source]) < _NEARLY
    ]
    pairs.sort(key=lambda pair: abs(places[pair[0]] - places[pair[1]]))
    joined = [columns.join(*pair) for pair in pairs]
    return any(joined)


def _places(
    placed: Layered,
    rows: Rows,
    column: Sequence[int],
    sizes: Sequence[float],
    start: Sequence[float],
) -> list[float]:
    count = max(column) + 1
    near = _neighbours(placed, column, count)
    weights = [sum(others.values()) or 1.0 for others in near]
    separator = Separator(weights, _constraints(placed, rows, column, sizes))
    begun = dict(zip(column, start, strict=True))
    places = separator.solve([begun[number] for number in range(count)])
    for _ in range(min(_ROUNDS, 2 + _WORK // count)):
        # Half the way at once: whole steps of all columns together would swing to and fro.
        wished = [
            (place + _mean(others, places, place)) / 2
            for place, others in zip(places, near, strict=True)
        ]
        before, places = places, separator.solve(wished)
        if max(abs(a - b) for a, b in zip(before, places, strict=True)) < _STILL:
            break
    return [round(2 * places[number]) / 2 for number in column]


def _neighbours(placed: Layered, column: Sequence[int], count: int) -> list[dict[int, float]]:
    """For every column those that it has segments to, with how strongly they pull."""
    has_box = {column[index] for index, item in enumerate(placed.items) if not item.is_lane}
    near: list[dict[int, float]] = [{} for _ in range(count)]
    for item, sources in enumerate(placed.sources):
        for one, other in ((column[item], column[source]) for source in sources):
            if one != other:
                pull = 1.0 if {one, other} <= has_box else _LIGHT
                near[one][other] = near[one].get(other, 0.0) + pull
                near[other][one] = near[other].get(one, 0.0) + pull
    return near


def _mean(others: dict[int, float], places: Sequence[float], usual: float) -> float:
    weight = sum(others.values())
    pull = sum(places[other] * count for other, count in others.items())
    return pull / weight if weight else usual


def _constraints(
    placed: Layered, rows: Rows, column: Sequence[int], sizes: Sequence[float]
) -> list[Constraint]:
    gaps: dict[tuple[int, int], float] = {}
    for left, right in (pair for row in rows for pair in pairwise(row)):
        is_lane = placed.items[left].is_lane or placed.items[right].is_lane
        gap = (sizes[left] + sizes[right]) / 2 + (LANE if is_lane else BESIDE)
        ends = column[left], column[right]
        gaps[ends] = max(gap, gaps.get(ends, 0.0))
    return [Constraint(left, right, gap) for (left, right), gap in gaps.items()]
