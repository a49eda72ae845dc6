"""The order within the layers: few crossings, and the order of the text where that is a tie."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

from explorer.picture.layers import Layered

Rows = tuple[tuple[int, ...], ...]
Ends = Sequence[Sequence[int]]

_ROUNDS = 24
_WORK = 600_000  # segments looked at; large nets get fewer rounds
_FINE = 1_500  # items up to which neighbours are tried the other way round


def ordered(placed: Layered) -> Rows:
    """The rows of ``placed`` with fewer crossings, unless they have none."""
    best = rows = placed.rows
    fewest = crossings(best, placed.targets)
    segments = sum(map(len, placed.sources))
    for number in range(min(_ROUNDS, _WORK // (segments + 1))):
        if not fewest:
            break
        rows = _sweep(rows, placed.targets if number % 2 else placed.sources, number % 2 == 1)
        if len(placed.items) <= _FINE:
            rows = _exchange(rows, placed)
        count = crossings(rows, placed.targets)
        if count < fewest:
            best, fewest = rows, count
    return best


def crossings(rows: Rows, targets: Ends) -> int:
    """How many pairs of segments cross."""
    return sum(_between(upper, lower, targets) for upper, lower in pairwise(rows))


def _between(upper: Sequence[int], lower: Sequence[int], targets: Ends) -> int:
    place = {item: index for index, item in enumerate(lower)}
    passed: list[int] = []
    count = 0
    for item in upper:
        ends = sorted(place[target] for target in targets[item])
        count += sum(len(passed) - bisect_right(passed, end) for end in ends)
        for end in ends:
            insort(passed, end)
    return count


def _sweep(rows: Rows, ends: Ends, is_upwards: bool) -> Rows:
    """Every row by the mean place of what its items are connected with in the row before."""
    done: dict[int, tuple[int, ...]] = {}
    numbers = range(len(rows))
    before: dict[int, float] = {}
    for number in reversed(numbers) if is_upwards else numbers:
        row = rows[number]
        done[number] = tuple(sorted(row, key=_Means(row, ends, before).__getitem__))
        before = {item: float(index) for index, item in enumerate(done[number])}
    return tuple(done[number] for number in numbers)


class _Means(dict[int, float]):
    """Mean places; an item that is connected with nothing goes with its left neighbour."""

    def __init__(self, row: Sequence[int], ends: Ends, before: dict[int, float]) -> None:
        mean = -1.0
        for item in row:
            places = [before[end] for end in ends[item] if end in before]
            mean = sum(places) / len(places) if places else mean
            self[item] = mean


def _exchange(rows: Rows, placed: Layered) -> Rows:
    """Neighbours change places where that removes crossings."""
    found = [list(row) for row in rows]
    for number, row in enumerate(found):
        above = _places(found[number - 1]) if number else {}
        below = _places(found[number + 1]) if number + 1 < len(found) else {}
        for index in range(len(row) - 1):
            one, other = row[index], row[index + 1]
            gain = _gain(placed.sources, one, other, above)
            gain += _gain(placed.targets, one, other, below)
            if gain > 0:
                row[index], row[index + 1] = other, one
    return tuple(map(tuple, found))


def _places(row: Sequence[int]) -> dict[int, int]:
    return {item: index for index, item in enumerate(row)}


def _gain(ends: Ends, one: int, other: int, places: dict[int, int]) -> int:
    """Crossings between the segments of two neighbours, less those after an exchange."""
    pairs = [(places[a], places[b]) for a in ends[one] for b in ends[other]]
    return sum((a > b) - (a < b) for a, b in pairs)
