"""Where the layers stand along the flow, and the points of every edge.

An edge leaves its box in the middle, runs between the layers on its track, through them in its
lane, and enters the middle of its target. What goes round a box and ends in a sum or a product
enters it from the side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from explorer.picture.cells import Folded
from explorer.picture.layers import Layered
from explorer.picture.order import Rows
from explorer.picture.tracks import Segment, nets, tracks

_LEAD, _PITCH, _TAIL = 10.0, 8.0, 18.0  # before, between and behind the tracks of a gap
_SHORTEST = 22.0  # gap without tracks
_CLEAR = 8.0  # beside a line that enters from the side
Spot = tuple[float, float]  # across, along


@dataclass(frozen=True)
class Frame:
    """What routing reads: items, their rows, their middles across and their sizes both ways."""

    folded: Folded
    placed: Layered
    rows: Rows
    places: Sequence[float]
    across: Sequence[float]
    along: Sequence[float]


@dataclass(frozen=True, slots=True)
class Routed:
    """Beginning and end of every row along the flow, and the points of every edge."""

    rows: tuple[tuple[float, float], ...]
    edges: dict[tuple[int, int], tuple[Spot, ...]]


def routed(frame: Frame) -> Routed:
    """Rows along the flow with room between them for the edges, and the edges."""
    sides = _sides(frame)
    found: list[dict[Segment, int | None]] = [
        tracks(nets(_segments(frame, upper, sides), frame.places)) for upper in frame.rows[:-1]
    ]
    extents = _extents(frame, found)
    heights = {
        segment: _height(extents, number, track)
        for number, gap in enumerate(found)
        for segment, track in gap.items()
    }
    pairs = [(s, cell) for cell, reads in enumerate(frame.folded.inputs) for s in reads]
    edges = {
        (source, target): _points(frame, extents, heights, sides, source, target)
        for source, target in pairs
    }
    return Routed(tuple(extents), edges)


def _segments(frame: Frame, upper: Sequence[int], sides: set[Segment]) -> list[Segment]:
    every = ((item, target) for item in upper for target in frame.placed.targets[item])
    return [segment for segment in every if segment not in sides]


def _extents(frame: Frame, found: Sequence[dict[Segment, int | None]]) -> list[tuple[float, float]]:
    extents: list[tuple[float, float]] = []
    start = 0.0
    for number, row in enumerate(frame.rows):
        end = start + max(frame.along[item] for item in row)
        extents.append((start, end))
        start = end + (_gap(found[number]) if number < len(found) else 0)
    return extents


def _gap(gap: dict[Segment, int | None]) -> float:
    if not gap:
        return _SHORTEST
    last = max((track for track in gap.values() if track is not None), default=0)
    return _LEAD + _PITCH * last + _TAIL


def _height(extents: Sequence[tuple[float, float]], number: int, track: int | None) -> float | None:
    return None if track is None else extents[number][1] + _LEAD + _PITCH * track


def _points(
    frame: Frame,
    extents: Sequence[tuple[float, float]],
    heights: dict[Segment, float | None],
    sides: set[Segment],
    source: int,
    target: int,
) -> tuple[Spot, ...]:
    """The way of one edge, without points in the middle of a straight piece."""
    way = frame.placed.way(source, target)
    spots = [(frame.places[source], _middle(frame, extents, source) + frame.along[source] / 2)]
    for segment in pairwise(way):
        start, end = frame.places[segment[0]], frame.places[segment[1]]
        if segment in sides:
            level = _middle(frame, extents, target)
            edge = frame.across[target] / 2 * (1 if start > end else -1)
            return _simple([*spots, (start, level), (end + edge, level)])
        if start != end:
            layer = frame.placed.items[segment[0]].layer
            height = heights[segment]
            leaves, enters = (height, height) if height is not None else (
                extents[layer][1], extents[layer + 1][0]
            )  # fmt: skip
            spots += [(start, leaves), (end, enters)]
    last = _middle(frame, extents, target) - frame.along[target] / 2
    return _simple([*spots, (frame.places[target], last)])


def _middle(frame: Frame, extents: Sequence[tuple[float, float]], item: int) -> float:
    start, end = extents[frame.placed.items[item].layer]
    return (start + end) / 2


def _simple(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    found: list[Spot] = []
    for spot in spots:
        while len(found) > 1 and _is_line(found[-2], found[-1], spot):
            found.pop()
        if not found or found[-1] != spot:
            found.append(spot)
    return tuple(found)


def _is_line(one: Spot, two: Spot, three: Spot) -> bool:
    return one[0] == two[0] == three[0] or one[1] == two[1] == three[1]


# ---- entering from the side


def _sides(frame: Frame) -> set[Segment]:
    """Segments that enter a sum or a product from the side, at most one on each."""
    found: set[Segment] = set()
    for cell in range(len(frame.folded.cells)):
        sources = frame.placed.sources[cell]
        if len(sources) > 1 and _is_round(frame, cell):
            left = [s for s in sources if frame.places[s] < frame.places[cell] - _CLEAR]
            right = [s for s in sources if frame.places[s] > frame.places[cell] + _CLEAR]
            candidates = [source for side in (left, right) if len(side) == 1 for source in side]
            found.update((source, cell) for source in candidates if _is_free(frame, source, cell))
    return found


def _is_round(frame: Frame, cell: int) -> bool:
    joined = frame.folded.cells[cell]
    return frame.folded.is_join(joined) and frame.folded.head(joined).op.name != "concat"


def _is_free(frame: Frame, source: int, cell: int) -> bool:
    """Whether a lane may run down beside a join, and from there into it."""
    row = frame.rows[frame.placed.items[cell].layer]
    start, end = sorted((frame.places[source], frame.places[cell]))
    reach = frame.across[cell] / 2 + _CLEAR
    value = frame.placed.items[source].cell  # whose own lane may go on beside the join
    others = (item for item in row if item != cell and frame.placed.items[item].cell != value)
    is_clear = all(
        frame.places[item] + frame.across[item] / 2 + _CLEAR <= start
        or frame.places[item] - frame.across[item] / 2 - _CLEAR >= end
        for item in others
    )
    return is_clear and end - start > reach
