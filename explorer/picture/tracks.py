"""Tracks: which horizontal piece of an edge runs above which, between two layers.

Edges of one source run together, and so do edges of one target: together they are a net. Nets
whose pieces would lie on each other get tracks of their own, in an order with few crossings. Where
one must be above and below another at once, its edges go straight across instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Segment = tuple[int, int]

_NEAR = 5.0  # ends that are no further apart look like one line
_APART = 8.0  # between two pieces on one track


@dataclass(frozen=True)
class Net:
    """Segments that share a horizontal piece, with the places of their ends."""

    segments: tuple[Segment, ...]
    upper: frozenset[float]
    lower: frozenset[float]

    @cached_property
    def low(self) -> float:
        return min(self.upper | self.lower)

    @cached_property
    def high(self) -> float:
        return max(self.upper | self.lower)

    def meets(self, other: Net) -> bool:
        return self.low < other.high + _APART and other.low < self.high + _APART

    def must_be_above(self, other: Net) -> bool:
        """Whether the two would lie on each other if this one were below."""
        return any(abs(one - two) < _NEAR for one in self.upper for two in other.lower)

    def crossings_above(self, other: Net) -> int:
        """How often the two cross if this one is above."""
        through = sum(other.low < end < other.high for end in self.lower)
        return through + sum(self.low < end < self.high for end in other.upper)


def nets(segments: Sequence[Segment], places: Sequence[float]) -> list[Net]:
    """The segments between two layers as nets, without those that go straight down."""
    forks: dict[int, int] = {}
    for item, _ in segments:
        forks[item] = forks.get(item, 0) + 1
    groups: dict[tuple[int, int], list[Segment]] = {}
    for item, target in segments:
        key = (item, -1) if forks[item] > 1 else (-1, target)
        groups.setdefault(key, []).append((item, target))
    found = [_net(group, places) for group in groups.values()]
    return [net for net in found if net.high > net.low]


def _net(group: list[Segment], places: Sequence[float]) -> Net:
    upper = frozenset(places[item] for item, _ in group)
    return Net(tuple(group), upper, frozenset(places[target] for _, target in group))


def tracks(found: Sequence[Net]) -> dict[Segment, int | None]:
    """The track of every segment, counted from the top; None for one that goes across."""
    before = _before(found)
    waiting = {index: list(others) for index, others in enumerate(before)}
    number: dict[int, int] = {}
    result: dict[Segment, int | None] = {}
    while waiting:
        index = min(waiting, key=lambda i: (_blocked(waiting, i), found[i].low, i))
        is_blocked = _blocked(waiting, index)[0] > 0
        del waiting[index]
        above = [number[i] for i in number if found[i].meets(found[index])]
        track = None if is_blocked else max(above, default=-1) + 1
        if track is not None:
            number[index] = track
        result.update(dict.fromkeys(found[index].segments, track))
    return result


def _before(found: Sequence[Net]) -> list[list[tuple[int, bool]]]:
    """For every net those that are to be above it, and whether they must."""
    before: list[list[tuple[int, bool]]] = [[] for _ in found]
    for index, net in enumerate(found):
        for other in range(index):
            if net.meets(found[other]):
                _compare(found, index, other, before)
    return before


def _compare(
    found: Sequence[Net], index: int, other: int, before: list[list[tuple[int, bool]]]
) -> None:
    one, two = found[index], found[other]
    down, up = one.must_be_above(two), two.must_be_above(one)
    if down or up:
        before[other] += [(index, True)] if down else []
        before[index] += [(other, True)] if up else []
        return
    gain = one.crossings_above(two) - two.crossings_above(one)
    if gain:
        lower, upper = (index, other) if gain > 0 else (other, index)
        before[lower].append((upper, False))


def _blocked(waiting: dict[int, list[tuple[int, bool]]], index: int) -> tuple[int, int]:
    """How many nets must, and should, come before this one and have not yet."""
    left = [is_needed for other, is_needed in waiting[index] if other in waiting]
    return sum(left), len(left)
