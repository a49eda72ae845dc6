"""Samplers by their names."""

from __future__ import annotations

from explorer.budget import Budget, Prior
from explorer.errors import ExplorerError
from explorer.score.rungs import WHOLE, Rungs
from explorer.search.gauge import Gauge
from explorer.search.model.features import Features
from explorer.search.samplers.evolution import EvolutionSampler, RandomSampler
from explorer.search.samplers.frame import BudgetSampler
from explorer.search.samplers.known_cost import KnownCostSampler
from explorer.search.samplers.optunas import GPSampler, NSGAIIISampler, NSGAIISampler, TPESampler
from explorer.search.samplers.screening import ScreeningSampler
from explorer.search.screen import Screen
from explorer.space import Space

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
