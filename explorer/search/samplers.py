"""Samplers: what to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np

from explorer.budget import LATENCY, Budget, Prior, costs_of, cross, mutate
from explorer.budget.bounds import without_latency
from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.graph import fingerprint
from explorer.score.rungs import WHOLE, Rungs
from explorer.search.features import Features
from explorer.search.frame import BudgetSampler, ExhaustedError, distributions
from explorer.search.gauge import Gauge
from explorer.search.known_cost import KnownCostSampler
from explorer.search.optunas import GPSampler, NSGAIIISampler, NSGAIISampler, TPESampler
from explorer.search.records import Trial, ranks
from explorer.search.screen import Screen
from explorer.search.screening import ScreeningSampler
from explorer.space import Candidate, Space, complete

__all__ = [
    "SAMPLERS",
    "BudgetSampler",
    "EvolutionSampler",
    "ExhaustedError",
    "KnownCostSampler",
    "RandomSampler",
    "check_sampler",
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
        return self.costing(share, rng, start=child)

    def _values(self, trial: Trial) -> Mapping[str, Any]:
        return complete(self.space.choices, trial.assignment)


def _tournament(trials: list[Trial], rank: Mapping[int, int], rng: np.random.Generator) -> Trial:
    first, second = (trials[int(rng.integers(len(trials)))] for _ in range(2))
    return first if rank[first.number] <= rank[second.number] else second


SAMPLERS: dict[str, type[BudgetSampler]] = {
    "known_cost": KnownCostSampler,
    "evolution": EvolutionSampler,
    "random": RandomSampler,
    "screening": ScreeningSampler,
    "tpe": TPESampler,
    "nsga2": NSGAIISampler,
    "nsga3": NSGAIIISampler,
    "gp": GPSampler,
}


def make_sampler(
    name: str,
    space: Space,
    budget: Budget,
    seed: int,
    gauge: Gauge | None = None,
    screen: Screen | None = None,
    features: Features | None = None,
    rungs: Rungs = WHOLE,
    prior: Prior | None = None,
) -> BudgetSampler:
    """The sampler called ``name``; a budget that bounds latency needs a gauge.

    With a prior all draw from it what they draw at random; ``known_cost`` also heeds it in what it
    expects.

    Raises:
        ExplorerError: as of :func:`check_sampler`.
    """
    check_sampler(name, features is not None)
    return SAMPLERS[name](space, budget, seed, gauge, screen, features, rungs, prior)


def check_sampler(name: str, has_features: bool) -> None:
    """See that there is such a sampler, and that it can be asked.

    Raises:
        ExplorerError: there is none; features are given to one that has no use for them, or none to
            one that needs some.
    """
    if name not in SAMPLERS:
        raise ExplorerError(f"no sampler is called '{name}' (allowed: {', '.join(SAMPLERS)})")
    kind = SAMPLERS[name]
    if has_features and not kind.uses_features:
        able = ", ".join(other for other, found in SAMPLERS.items() if found.uses_features)
        raise ExplorerError(f"the sampler '{name}' has no use for features ({able} have)")
    if kind.needs_features and not has_features:
        raise ExplorerError(f"the sampler '{name}' needs --features to choose by")


def facts(candidate: Candidate, budget: Budget, gauge: Gauge | None = None) -> dict[str, Any]:
    """What is stored of a candidate before it is trained; its latency as it was measured.

    The fingerprint comes last, so that where it is, everything is. The assignment is stored
    already, as the proposal.
    """
    cost = count(candidate.graph)
    bounded = costs_of(candidate.graph, without_latency(budget))
    if gauge is not None:
        bounded[LATENCY] = gauge.measure(candidate.graph)
    others = {name: value for name, value in bounded.items() if name not in cost._fields}
    return {
        **cost._asdict(),
        **({"bounded": others} if others else {}),
        "fingerprint": fingerprint(candidate.graph),
    }
