"""Columns: items of several layers that stand exactly below each other.

A chain is a column, and so is a lane. Where a value forks and all its ways meet again, the fork
and the join are in one column: the trunk of a net, with the branches beside or around it. The main
way, if there is one, goes on in the trunk: the convolutions of a residual, while the shortcut goes
round; the value that a gate is multiplied with, while the gate is computed beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from explorer.picture.cells import Folded
from explorer.picture.layers import Layered
from explorer.picture.order import Rows

_WORK = 3_000_000  # steps after which no more trunks are looked for
Segment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Trunk:
    """A fork and the join where all its ways meet.

    ``main`` are the edges that stay in the column: those to the beginning and from the end of the
    main way.
    """

    fork: int
    join: int
    main: tuple[tuple[int, int], ...]


class Columns:
    """The columns of a net; they can be joined as long as none is on both sides of another."""

    def __init__(self, folded: Folded, placed: Layered, rows: Rows) -> None:
        found = trunks(folded)
        self._groups = _Groups(len(placed.items))
        main = [edge for trunk in found for edge in trunk.main] + _past_side_heads(folded, placed)
        segments = {pair for edge in main for pair in pairwise(placed.way(*edge))}
        for one, other in _straight(placed, rows, segments):
            self._groups.join(one, other)
        self._sides = _Sides(self._groups, rows)
        for trunk in found:
            self.join(trunk.fork, trunk.join)

    def join(self, one: int, other: int) -> bool:
        """Put two items in one column if that can be; whether it has been done."""
        return self._sides.join(one, other)

    def numbers(self) -> list[int]:
        """The column of every item, counted from 0."""
        known: dict[int, int] = {}
        items = range(len(self._groups.above))
        return [known.setdefault(self._groups.find(item), len(known)) for item in items]


# ---- trunks


def trunks(folded: Folded) -> list[Trunk]:
    """The forks and joins between which nothing enters or leaves, in the order of the text."""
    count = len(folded.cells)
    before = dominators(range(count), folded.inputs)
    after = dominators(range(count - 1, -1, -1), folded.readers)
    pairs = [
        (fork, join)
        for join, fork in enumerate(before)
        if fork >= 0 and after[fork] == join and len(folded.inputs[join]) > 1
    ]
    return [Trunk(fork, join, _main(folded, fork, join)) for fork, join in pairs]


def dominators(order: Sequence[int], sources: Sequence[Sequence[int]]) -> list[int]:
    """For every node the last one that all ways to it pass; -1 for none (Cooper et al. 2001)."""
    found = [-1] * len(order)
    depth = [0] * len(order)
    for node in order:
        nearest = -2  # not known yet; -1 is the root that all beginnings come from
        for source in sources[node]:
            nearest = source if nearest == -2 else _meet(nearest, source, found, depth)
        found[node] = max(nearest, -1)
        depth[node] = depth[found[node]] + 1 if found[node] >= 0 else 1
    return found


def _meet(one: int, other: int, found: list[int], depth: list[int]) -> int:
    while one != other:
        if one < 0 or other < 0:
            return -1
        if depth[one] >= depth[other]:
            one = found[one]
        else:
            other = found[other]
    return one


def _main(folded: Folded, fork: int, join: int) -> tuple[tuple[int, int], ...]:
    """The edges of the main way from a fork to its join; none if no way is the main one."""
    if fork in folded.inputs[join] and _is_gated(folded, fork, join):
        return ((fork, join),)
    ways = _ways(folded, fork, join)
    largest = max(ways, key=len, default=set())
    others = sum(map(len, ways)) - len(largest)
    is_concat = folded.head(folded.cells[join]).op.name == "concat"
    if not largest or len(largest) <= others or (is_concat and others):
        return ()
    entries = [(fork, cell) for cell in folded.readers[fork] if cell in largest]
    exits = [(cell, join) for cell in folded.inputs[join] if cell in largest]
    return tuple(edge for edges in (entries, exits) if len(edges) == 1 for edge in edges)


def _is_gated(folded: Folded, fork: int, join: int) -> bool:
    """Whether everything that meets the fork's own value has another grid than it."""
    grid = folded.last(folded.cells[fork]).shape.grid
    others = [cell for cell in folded.inputs[join] if cell != fork]
    return all(folded.last(folded.cells[cell]).shape.grid != grid for cell in others)


def _ways(folded: Folded, fork: int, join: int) -> list[set[int]]:
    """The cells between a fork and its join; ways that touch are one."""
    ways: list[set[int]] = []
    for entry in folded.readers[fork]:
        way = _between(folded, entry, join)
        apart = [other for other in ways if not other & way]
        for other in ways:
            way |= other if other & way else set()
        ways = [*apart, way]
    return [way for way in ways if way]


def _between(folded: Folded, entry: int, join: int) -> set[int]:
    found: set[int] = set()
    stack = [entry]
    while stack:
        cell = stack.pop()
        if cell != join and cell not in found:
            found.add(cell)
            stack.extend(folded.readers[cell])
    return found


# ---- columns of segments


def _past_side_heads(folded: Folded, placed: Layered) -> list[tuple[int, int]]:
    """Edges that go on to the end where a head branches off that leaves the net earlier."""
    leads: set[int] = set()
    for cell in reversed(range(len(folded.cells))):
        is_end = not folded.readers[cell] and placed.items[cell].layer == len(placed.rows) - 1
        if is_end or leads.intersection(folded.readers[cell]):
            leads.add(cell)
    found = []
    for cell in leads:
        onward = [reader for reader in folded.readers[cell] if reader in leads]
        if len(onward) == 1 < len(folded.readers[cell]):
            found.append((cell, onward[0]))
    return found


def _straight(placed: Layered, rows: Rows, main: set[Segment]) -> Iterator[Segment]:
    """Segments to draw straight down, no two of which cross or share an end."""
    for upper, lower in pairwise(rows):
        wanted = [(_rank(placed, main, item, target), item, target)
                  for item in upper for target in placed.targets[item]]  # fmt: skip
        above = {item: index for index, item in enumerate(upper)}
        below = {item: index for index, item in enumerate(lower)}
        taken: list[Segment] = []
        for _, item, target in sorted(
            (rank, above[item], below[target]) for rank, item, target in wanted if rank < _NEVER
        ):
            if all((item - a) * (target - b) > 0 for a, b in taken):
                taken.append((item, target))
                yield upper[item], lower[target]


_NEVER = 9


def _rank(placed: Layered, main: set[Segment], item: int, target: int) -> int:
    """What is to be straight before what: chains, then trunks, then lanes."""
    if len(placed.targets[item]) == 1 and len(placed.sources[target]) == 1:
        return 0
    if (item, target) in main:
        return 1
    is_lane = placed.items[item].is_lane and placed.items[target].is_lane
    return 2 if is_lane else _NEVER


@dataclass(slots=True)
class _Groups:
    """Disjoint sets."""

    above: list[int]

    def __init__(self, count: int) -> None:
        self.above = list(range(count))

    def find(self, item: int) -> int:
        while self.above[item] != item:
            self.above[item] = item = self.above[self.above[item]]
        return item

    def join(self, one: int, other: int) -> None:
        self.above[self.find(one)] = self.find(other)


class _Sides:
    """Which groups are to the right of which; groups on no side of each other may be joined."""

    def __init__(self, groups: _Groups, rows: Rows) -> None:
        self.groups = groups
        self.right: dict[int, set[int]] = {}
        self.work = 0
        for left, right in (pair for row in rows for pair in pairwise(row)):
            self.right.setdefault(groups.find(left), set()).add(right)

    def join(self, one: int, other: int) -> bool:
        one, other = self.groups.find(one), self.groups.find(other)
        if one == other or self.work > _WORK:
            return False
        if self._reaches(one, other) or self._reaches(other, one):
            return False
        self.groups.join(one, other)
        moved = self.right.pop(one, set())
        self.right.setdefault(self.groups.find(other), set()).update(moved)
        return True

    def _reaches(self, start: int, goal: int) -> bool:
        seen = {start}
        stack = [start]
        while stack:
            for item in self.right.get(stack.pop(), ()):
                group = self.groups.find(item)
                self.work += 1
                if group == goal:
                    return True
                if group not in seen:
                    seen.add(group)
                    stack.append(group)
        return False
