"""Samplers that learn nothing, or only which trials are good parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np

from explorer.budget import cross, mutate
from explorer.search.records import Trial, ranks
from explorer.search.samplers.frame import BudgetSampler
from explorer.space import Candidate, complete

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
        return self.costing(share, rng, start=child)

    def _values(self, trial: Trial) -> Mapping[str, Any]:
        return complete(self.space.choices, trial.assignment)


def _tournament(trials: list[Trial], rank: Mapping[int, int], rng: np.random.Generator) -> Trial:
    first, second = (trials[int(rng.integers(len(trials)))] for _ in range(2))
    return first if rank[first.number] <= rank[second.number] else second
