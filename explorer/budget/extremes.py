"""The cheapest and the dearest nets of a space, and what is proven of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.budget.draw import Codes, Draws
from explorer.cost.batch import BatchCounter, Counts, encode
from explorer.space import Knob, Space

Goal = Callable[[Counts], npt.NDArray[np.float64]]  # what is to be small

_DRAWS = 2_000  # at random, to begin from the best of
_STARTS = 4
_ROUNDS = 200
_SHAKEN = 1_024  # others around the best that was found
_MAX_VALUES = 33  # of one knob that are tried at once


@dataclass(frozen=True, slots=True)
class Extreme:
    """The assignment with the least (or the greatest) cost that was found.

    Attributes:
        proven: no assignment costs less than this; None where nothing is known.
    """

    name: str
    cost: int
    codes: Codes
    proven: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether nothing can cost less."""
        return self.proven == self.cost


def least(counter: BatchCounter, name: str) -> Extreme | None:
    """The assignment with the smallest cost; None when none was found that has a graph."""
    codes = descend(counter, (name,), lambda counts: counts[name].astype(float))
    return None if codes is None else as_least(counter, name, codes)


def as_least(counter: BatchCounter, name: str, codes: Codes) -> Extreme:
    """What an assignment that was found to have the smallest cost is proven to be."""
    cost = int(counter.count(codes[:, None], (name,))[name][0])
    return Extreme(name, cost, codes, _proven(counter, name, cost))


def most(counter: BatchCounter, name: str) -> Extreme | None:
    """The assignment with the greatest cost that was found."""
    codes = descend(counter, (name,), lambda counts: -counts[name].astype(float))
    if codes is None:
        return None
    return Extreme(name, int(counter.count(codes[:, None], (name,))[name][0]), codes)


def _proven(counter: BatchCounter, name: str, found: int) -> int | None:
    """A proven lower bound; what was found, when every assignment was looked at."""
    if is_small(counter.space):
        return found
    return counter.lower_bound(name)


def is_small(space: Space) -> bool:
    """Whether every assignment can be looked at."""
    return space.size <= 200_000


def every(space: Space) -> Codes:
    """All assignments of a small space."""
    sizes = [len(choice.values) for choice in space.choices.values()]
    codes: Codes = np.indices(sizes, np.int16).reshape(len(sizes), space.size)
    return codes


def descend(counter: BatchCounter, names: tuple[str, ...], goal: Goal) -> Codes | None:
    """The assignment for which a goal is smallest, as far as changes of single choices lead.

    Of a small space, every assignment is tried. None: none was found that has a graph.
    """
    search = _Descent(counter, names, goal)
    if is_small(counter.space):
        return search.best_of(every(counter.space))
    return search.run()


@dataclass(slots=True)
class _Descent:
    counter: BatchCounter
    names: tuple[str, ...]
    goal: Goal

    def values(self, codes: Codes) -> npt.NDArray[np.float64]:
        counts = self.counter.count(codes, self.names)
        return np.where(counts.valid, self.goal(counts), np.inf)

    def best_of(self, codes: Codes) -> Codes | None:
        values = self.values(codes)
        best = int(np.argmin(values))
        return codes[:, best] if np.isfinite(values[best]) else None

    def run(self) -> Codes | None:
        rng = np.random.default_rng(0)
        space = self.counter.space
        drawn = Draws.of(space).codes(_DRAWS, rng)
        drawn = np.concatenate([encode(space, [{}, *_corners(space)]), drawn], axis=1)
        order = np.argsort(self.values(drawn), kind="stable")
        found = [self.down(drawn[:, index]) for index in order[:_STARTS]]
        best = self.best_of(np.stack(found, axis=1))
        while best is not None:
            shaken = self.down(self.shaken(best, rng))
            if not self.value(shaken) < self.value(best):
                break
            best = shaken
        return best

    def value(self, codes: Codes) -> float:
        return float(self.values(codes[:, None])[0])

    def shaken(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """The best of many that differ in two or three choices."""
        draws = Draws.of(self.counter.space)
        others = np.repeat(codes[:, None], _SHAKEN, axis=1)
        for _ in range(3):
            moved = rng.integers(len(codes), size=_SHAKEN)
            others[moved, np.arange(_SHAKEN)] = draws.values(moved, rng)
        best = self.best_of(others)
        return codes if best is None else best

    def down(self, codes: Codes) -> Codes:
        """Change all choices that help at once, or the one that helps most, while any does."""
        here = self.value(codes)
        for _ in range(_ROUNDS):
            near = self.neighbours(codes)
            values = self.values(near)
            together = self.together(codes, near, values, here)
            every = np.concatenate([near, together[:, None]], axis=1)
            values = np.append(values, self.value(together))
            best = int(np.argmin(values))
            if not values[best] < here:
                return codes
            codes, here = every[:, best], float(values[best])
        return codes

    def neighbours(self, codes: Codes) -> Codes:
        """All that differ in one choice, among no more than some values of each."""
        columns = []
        for index, choice in enumerate(self.counter.space.choices.values()):
            size = len(choice.values)
            tried = np.unique(np.linspace(0, size - 1, min(size, _MAX_VALUES)).astype(np.int16))
            if size > _MAX_VALUES:
                near = np.arange(codes[index] - 2, codes[index] + 3)
                tried = np.union1d(tried, near[(near >= 0) & (near < size)])
            block = np.repeat(codes[:, None], len(tried), axis=1)
            block[index] = tried
            columns.append(block)
        return np.concatenate(columns, axis=1)

    def together(
        self, codes: Codes, near: Codes, values: npt.NDArray[np.float64], here: float
    ) -> Codes:
        """For each choice the value that helps most by itself, all at once."""
        result = codes.copy()
        changed = np.argmax(near != codes[:, None], axis=0)
        helps = values < here
        for index in np.unique(changed[helps]):
            columns = np.flatnonzero(helps & (changed == index))
            result[index] = near[index, columns[np.argmin(values[columns])]]
        return result


def _corners(space: Space) -> list[dict[str, Any]]:
    """Every knob at its smallest, and every knob at its largest."""
    knobs = {p: c.values for p, c in space.choices.items() if isinstance(c, Knob)}
    return [{p: values[end] for p, values in knobs.items()} for end in (0, -1)]
