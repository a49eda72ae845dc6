"""Samplers: what to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np

from explorer.budget import LATENCY, Budget, costs_of, cross, mutate
from explorer.budget.bounds import without_latency
from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.graph import fingerprint
from explorer.search.frame import BudgetSampler, ExhaustedError, distributions
from explorer.search.gauge import Gauge
from explorer.search.known_cost import KnownCostSampler
from explorer.search.records import Trial, ranks
from explorer.search.screen import Screen
from explorer.space import Candidate, Space, complete

__all__ = [
    "SAMPLERS",
    "BudgetSampler",
    "EvolutionSampler",
    "ExhaustedError",
    "KnownCostSampler",
    "RandomSampler",
    "distributions",
    "facts",
    "make_sampler",
]

_NEIGHBOURS = 8  # trials around a cost that may become parents
_RARITY = 48  # choices of a space for every move that a child makes beyond the first


class RandomSampler(BudgetSampler):
    """Random search within the budget."""


class EvolutionSampler(BudgetSampler):
    """Evolution along the front: a child of good parents near a cost; costs are spread evenly.

    Parents come from the trials nearest to that cost, by a binary tournament on non-dominated rank
    (Deb et al. 2002). Half of the children cross the modules of two parents; all then have a few
    choices moved, and are repaired to at most that cost.
    """

    def propose(
        self, share: float, finished: Sequence[Trial], rng: np.random.Generator
    ) -> Candidate | None:
        target = self.within(share)
        near = sorted(finished, key=lambda trial: abs(log(target.excess(trial.costs))))[
            :_NEIGHBOURS
        ]
        rank = ranks(finished)
        parent = self._values(_tournament(near, rank, rng))
        if rng.random() < 0.5:
            parent = cross(parent, self._values(_tournament(near, rank, rng)), rng)
        moves = 1 + int(rng.poisson(len(self.space.choices) / _RARITY))
        child = mutate(self.space.choices, parent, moves, rng)
        return self.feasible.candidate(target, rng, start=child)

    def _values(self, trial: Trial) -> Mapping[str, Any]:
        return complete(self.space.choices, trial.assignment)


def _tournament(trials: list[Trial], rank: Mapping[int, int], rng: np.random.Generator) -> Trial:
    first, second = (trials[int(rng.integers(len(trials)))] for _ in range(2))
    return first if rank[first.number] <= rank[second.number] else second


SAMPLERS: dict[str, type[BudgetSampler]] = {
    "evolution": EvolutionSampler,
    "known_cost": KnownCostSampler,
    "random": RandomSampler,
}


def make_sampler(
    name: str,
    space: Space,
    budget: Budget,
    seed: int,
    gauge: Gauge | None = None,
    screen: Screen | None = None,
) -> BudgetSampler:
    """The sampler called ``name``; a budget that bounds latency needs a gauge.

    Raises:
        ExplorerError: there is none.
    """
    if name not in SAMPLERS:
        raise ExplorerError(f"no sampler is called '{name}' (allowed: {', '.join(SAMPLERS)})")
    return SAMPLERS[name](space, budget, seed, gauge, screen)


def facts(candidate: Candidate, budget: Budget, gauge: Gauge | None = None) -> dict[str, Any]:
    """What is stored of a candidate before it is trained; its latency as it was measured."""
    cost = count(candidate.graph)
    bounded = costs_of(candidate.graph, without_latency(budget))
    if gauge is not None:
        bounded[LATENCY] = gauge.measure(candidate.graph)
    return {
        "assignment": candidate.written(),
        "fingerprint": fingerprint(candidate.graph),
        **cost._asdict(),
        "bounded": {name: value for name, value in bounded.items() if name not in cost._fields},
    }
