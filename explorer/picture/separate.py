"""The nearest places to those wished for that keep their distances.

Minimises the sum of w (x - d)² subject to ``x[right] - x[left] >= gap``. The method is
that of Dwyer, Marriott and Stuckey (2006), "Fast Node Overlap Removal": variables that hold each
other at a distance form a block that moves as one; a block is joined with the one it runs into,
and split where a constraint has nothing to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_EPSILON = 1e-6
_ROUNDS = 8  # each lowers the sum; the first ones by most

_ARRIVING, _LEAVING = 0, 1  # sides of a block: constraints that hold it from the left, and right


class Constraint(NamedTuple):
    """``x[right] - x[left] >= gap``."""

    left: int
    right: int
    gap: float


@dataclass(slots=True, eq=False)
class _Block:
    """Variables that move as one: ``place`` is where their common zero stands.

    ``pull`` is the sum of w (d - offset); ``sides`` are the constraints from and to other blocks,
    and perhaps some that have come to lie inside.
    """

    members: list[int]
    weight: float
    pull: float
    sides: tuple[list[int], list[int]]

    @property
    def place(self) -> float:
        return self.pull / self.weight


@dataclass(slots=True)
class Separator:
    """The constraints, which must have no cycle, and how much each variable insists on its wish."""

    weights: Sequence[float]
    constraints: Sequence[Constraint]
    _wished: Sequence[float] = field(init=False)
    _offset: list[float] = field(init=False)
    _block: list[_Block] = field(init=False)
    _active: list[list[int]] = field(init=False)  # for every variable, constraints that hold it
    _sides: tuple[list[list[int]], list[list[int]]] = field(init=False)
    _order: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._order = _topological(len(self.weights), self.constraints)
        self._sides = [[] for _ in self.weights], [[] for _ in self.weights]
        for index, (left, right, _) in enumerate(self.constraints):
            self._sides[_ARRIVING][right].append(index)
            self._sides[_LEAVING][left].append(index)

    def solve(self, wished: Sequence[float]) -> list[float]:
        """The places nearest to those wished for."""
        self._start(wished)
        for variable in self._order:
            self._push(variable, _ARRIVING)
        safe = self._places()
        for _ in range(_ROUNDS):
            blocks = [block for block in dict.fromkeys(self._block) if len(block.members) > 1]
            improved = [self._improve(block) for block in blocks]
            if not any(improved):
                break
        found = self._places()
        return found if self._is_kept(found) else safe

    def _start(self, wished: Sequence[float]) -> None:
        self._wished = wished
        self._offset = [0.0] * len(wished)
        self._block = [self._new_block([variable]) for variable in range(len(wished))]
        self._active = [[] for _ in wished]

    def _places(self) -> list[float]:
        return [self._at(variable) for variable in range(len(self._wished))]

    def _is_kept(self, places: list[float]) -> bool:
        return all(
            places[right] - places[left] >= gap - 10 * _EPSILON
            for left, right, gap in self.constraints
        )

    def _at(self, variable: int) -> float:
        return self._block[variable].place + self._offset[variable]

    def _new_block(self, members: list[int]) -> _Block:
        """A block, which stands where its members, taken together, wish to."""
        weight = sum(self.weights[v] for v in members)
        pull = sum(self.weights[v] * (self._wished[v] - self._offset[v]) for v in members)
        arriving, leaving = ([c for v in members for c in side[v]] for side in self._sides)
        return _Block(members, weight, pull, (arriving, leaving))

    # ---- joining

    def _push(self, variable: int, side: int) -> None:
        """Join a variable's block with those that it runs into on one side."""
        while (worst := self._worst(self._block[variable], side)) is not None:
            self._hold(worst)

    def _worst(self, block: _Block, side: int) -> int | None:
        """The constraint with another block, on one side, that is violated most."""
        worst, most = None, _EPSILON
        outside: list[int] = []
        for index in block.sides[side]:
            left, right, gap = self.constraints[index]
            if self._block[left] is not self._block[right]:
                outside.append(index)
                lack = self._at(left) + gap - self._at(right)
                if lack > most:
                    worst, most = index, lack
        block.sides[side][:] = outside
        return worst

    def _hold(self, index: int) -> None:
        """Join the two blocks of a constraint at its distance; the smaller one is moved."""
        left, right, gap = self.constraints[index]
        self._active[left].append(index)
        self._active[right].append(index)
        shift = self._offset[left] + gap - self._offset[right]
        kept, moved = self._block[left], self._block[right]
        if len(kept.members) < len(moved.members):
            kept, moved, shift = moved, kept, -shift
        for member in moved.members:
            self._offset[member] += shift
            self._block[member] = kept
        kept.members += moved.members
        kept.weight += moved.weight
        kept.pull += moved.pull - shift * moved.weight
        for mine, theirs in zip(kept.sides, moved.sides, strict=True):
            mine += theirs

    # ---- splitting

    def _improve(self, block: _Block) -> bool:
        """Split a block where that lowers the sum."""
        if self._block[block.members[0]] is not block:
            return False  # it has been joined with another since
        index = self._slackest(block)
        if index is None:
            return False
        left, right, _ = self.constraints[index]
        self._let_go(index)
        self._push(left, _ARRIVING)
        self._push(right, _LEAVING)
        return True

    def _slackest(self, block: _Block) -> int | None:
        """The active constraint with the most negative multiplier: it pulls instead of pushing."""
        order = self._tree(block.members[0])
        pull = {v: self.weights[v] * (self._at(v) - self._wished[v]) for v, _ in order}
        slackest, least = None, -_EPSILON
        for variable, index in reversed(order):
            if index is not None:
                left, right, _ = self.constraints[index]
                force = pull[variable] if variable == right else -pull[variable]
                pull[left if variable == right else right] += pull[variable]
                if force < least:
                    slackest, least = index, force
        return slackest

    def _tree(self, root: int) -> list[tuple[int, int | None]]:
        """The members of a block, each with the active constraint that leads to it."""
        found: list[tuple[int, int | None]] = [(root, None)]
        for variable, reached in found:
            for index in self._active[variable]:
                if index != reached:
                    left, right, _ = self.constraints[index]
                    found.append((left if variable == right else right, index))
        return found

    def _let_go(self, index: int) -> None:
        for end in self.constraints[index][:2]:
            self._active[end].remove(index)
        for end in self.constraints[index][:2]:
            block = self._new_block([variable for variable, _ in self._tree(end)])
            for member in block.members:
                self._block[member] = block


def _topological(count: int, constraints: Sequence[Constraint]) -> list[int]:
    """Variables such that every constraint goes from an earlier one to a later one."""
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for left, right, _ in constraints:
        after[left].append(right)
        waiting[right] += 1
    order = [variable for variable in range(count) if not waiting[variable]]
    for variable in order:
        for follower in after[variable]:
            waiting[follower] -= 1
            if not waiting[follower]:
                order.append(follower)
    assert len(order) == count, "separation constraints must have no cycle"
    return order
