"""Many assignments of a space with what they cost, and how the costs lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.budget.bounds import Budget
from explorer.budget.draw import Codes
from explorer.budget.extremes import every, is_small
from explorer.budget.feasible import Feasible
from explorer.budget.share import Share, estimate
from explorer.cost.batch import Counts
from explorer.errors import NetError

Array = npt.NDArray[Any]
Figures = npt.NDArray[np.float64]

_MOST_DRAWS = 10  # times as many as are wanted, where few have a graph


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Assignments that have a graph.

    Attributes:
        codes: choices x assignments.
        costs: by name, one whole number for each assignment.
        chances: how likely a random draw is each of them; their sum is 1.
        valid: the part of the space that has a graph.
        is_every: whether these are all of the space, each once.
    """

    codes: Codes
    costs: Mapping[str, Array]
    chances: Figures
    valid: Share
    is_every: bool

    @property
    def size(self) -> int:
        return int(self.codes.shape[1])

    def ordered(self, name: str) -> Sample:
        """The same assignments, the cheapest first."""
        order = np.argsort(self.costs[name], kind="stable")
        costs = {other: values[order] for other, values in self.costs.items()}
        return replace(self, codes=self.codes[:, order], costs=costs, chances=self.chances[order])

    def quantiles(self, name: str, levels: Sequence[float]) -> tuple[int, ...]:
        """For each level the smallest cost that at least this part of the sample stays within."""
        return quantiles(self.costs[name], self.chances, levels)

    def histogram(self, name: str, edges: Figures) -> Figures:
        """The part of the sample between each two edges; an edge belongs to what lies above it."""
        heights, _ = np.histogram(self.costs[name].astype(float), edges, weights=self.chances)
        return heights

    def fitting(self, budget: Budget) -> Share:
        """The part of the space that fits a budget."""
        inside = self._inside(budget)
        hits, of = int(inside.sum()), self.valid.of
        if self.is_every:
            value = self.valid.value * float(self.chances[inside].sum())
            return Share(value, value, value, hits, of)
        return estimate(hits, of)

    def within(self, budget: Budget) -> Sample:
        """The assignments among these that fit a budget."""
        inside = self._inside(budget)
        costs = {name: values[inside] for name, values in self.costs.items()}
        chances = self.chances[inside] / self.chances[inside].sum()
        return replace(self, codes=self.codes[:, inside], costs=costs, chances=chances)

    def _inside(self, budget: Budget) -> Array:
        return np.asarray(budget.fits(self.costs), bool)


def quantiles(costs: Array, chances: Figures, levels: Sequence[float]) -> tuple[int, ...]:
    """For each level the smallest cost that at least such a part of the chances stays within."""
    order = np.argsort(costs, kind="stable")  # soon done, where they are in order
    reached = np.cumsum(chances[order])
    # A sum of many parts ends beside 1, and a level must not lie beyond it.
    places = np.searchsorted(reached / reached[-1] + 1e-12, levels)
    return tuple(int(cost) for cost in costs[order][places])


def sample(
    feasible: Feasible, names: Sequence[str], count: int, rng: np.random.Generator
) -> Sample:
    """Assignments drawn at random, or all of them where the space is small.

    Args:
        feasible: of the space.
        names: the costs that are counted.
        count: how many assignments with a graph are wanted.
        rng: of the draws.

    Raises:
        NetError: none that has a graph was found.
    """
    if is_small(feasible.space):
        return _every(feasible, names)
    parts: list[tuple[Codes, Counts]] = []
    found = 0
    for _ in range(_MOST_DRAWS):
        codes = feasible.draws.codes(count, rng)
        counts = feasible.counter.count(codes, names)
        parts.append((codes, counts))
        found += int(counts.valid.sum())
        if 2 * found >= count:
            break
    if not found:
        raise NetError(
            f"hardly any assignment of the space '{feasible.space.name}' has a graph: "
            f"none of {len(parts) * count:,} drawn at random"
        )
    return Sample(
        codes=np.concatenate([codes[:, c.valid] for codes, c in parts], axis=1),
        costs={name: np.concatenate([c[name][c.valid] for _, c in parts]) for name in names},
        chances=np.full(found, 1 / found),
        valid=estimate(found, len(parts) * count),
        is_every=False,
    )


def _every(feasible: Feasible, names: Sequence[str]) -> Sample:
    codes = every(feasible.space)
    counts = feasible.counter.count(codes, names)
    valid, chances = counts.valid, feasible.draws.chances(codes)
    if not valid.any():
        raise NetError(f"no assignment of the space '{feasible.space.name}' has a graph")
    inside = float(chances[valid].sum() / chances.sum())
    return Sample(
        codes=codes[:, valid],
        costs={name: counts[name][valid] for name in names},
        chances=chances[valid] / chances[valid].sum(),
        valid=Share(inside, inside, inside, int(valid.sum()), len(valid)),
        is_every=True,
    )


def sample_fitting(
    feasible: Feasible, budget: Budget, names: Sequence[str], count: int, rng: np.random.Generator
) -> Sample:
    """Assignments drawn at random among those that fit a budget.

    Raises:
        BudgetError: nothing fits, or almost nothing is found.
    """
    codes = feasible.draw(budget, count, rng)
    counts = feasible.counter.count(codes, names)
    everything = Share(1.0, 1.0, 1.0, count, count)
    costs = {name: counts[name] for name in names}
    return Sample(codes, costs, np.full(count, 1 / count), everything, is_every=False)
