"""Latency in a search: predicted while candidates are drawn, measured before one is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import numpy as np

from explorer.budget import LATENCY, Budget, Extreme, Feasible, least, show_cost
from explorer.budget.bounds import without_latency
from explorer.build import measure_latency
from explorer.build.predictor import SECONDS, fit_predictor
from explorer.cost import count
from explorer.cost.batch import decode
from explorer.cost.latency import Predictor
from explorer.errors import BudgetError
from explorer.graph import Graph, fingerprint
from explorer.space import Assignment, Space, bind

_SECONDS = 1.0  # that measuring one candidate takes
_GUESSES = 3  # nets measured to see what a multiply-add takes
_ROOM = 1.5  # a predictor should know nets on either side of the bound


@dataclass(slots=True)
class Gauge:
    """Measures candidates on the device that a study's latency bound is meant for.

    Attributes:
        predictor: its upper bounds decide what is drawn.
        measured: microseconds by fingerprint, each net once.
    """

    predictor: Predictor
    measured: dict[str, int] = field(default_factory=dict)

    def measure(self, graph: Graph) -> int:
        """Microseconds for one batch, of the kind that predictions are of."""
        key = fingerprint(graph)
        if key not in self.measured:
            setting = self.predictor.setting
            latency = measure_latency(
                graph,
                setting.device,
                batch=setting.batch,
                threads=setting.threads,
                seconds=_SECONDS,
                by_node=False,
            )
            self.measured[key] = ceil(latency.least * 1000)
        return self.measured[key]


def fit_gauge(
    space: Space,
    budget: Budget,
    device: str,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
    seconds: float = SECONDS,
) -> Predictor:
    """A predictor for a budget's latency, fitted to candidates that might be about as fast.

    Args:
        space: whose candidates are measured.
        budget: with a bound on latency; its other bounds hold for what is measured.
        device: as torch calls it.
        on_progress: told how many nets are measured, and how many will be.
        seconds: about how long to measure.

    Raises:
        BudgetError: its other bounds cannot be met, or not even the cheapest net is fast enough.
    """
    feasible, rng = Feasible(space), np.random.default_rng(0)
    bounds = _within_reach(feasible, budget, device, rng)

    def propose(space: Space, rng: np.random.Generator) -> Assignment:
        found: dict[str, Any] = decode(space, feasible.draw(bounds, 1, rng)[:, 0])
        return found

    return fit_predictor(space, device, propose=propose, seconds=seconds, on_progress=on_progress)


def _within_reach(
    feasible: Feasible, budget: Budget, device: str, rng: np.random.Generator
) -> Budget:
    """The other bounds, with one on macs that keeps out nets which take far longer than allowed.

    What a multiply-add takes, a few nets say, each about as slow as the one before lets expect.
    """
    limit, counted = budget.limits[LATENCY], without_latency(budget)
    macs = _least_macs(feasible)
    graph = bind(feasible.space, decode(feasible.space, macs.codes)).graph
    taken, allowed = _microseconds(graph, device), float(macs.cost)
    if taken > 2 * limit:
        least = f"{show_cost('macs', macs.cost)} takes {show_cost(LATENCY, taken)}"
        raise BudgetError(f"the net of '{feasible.space.name}' with the least macs, {least} here")
    for _ in range(_GUESSES):
        allowed *= min(max(limit / taken, 1 / 4), 16)
        cap = max(int(allowed), macs.cost)
        bounds = replace(counted, limits={**counted.limits, "macs": _lower(counted, cap)})
        candidate = feasible.candidate(bounds, rng)
        if candidate is None:
            break
        taken, allowed = _microseconds(candidate.graph, device), count(candidate.graph).macs
    cap = max(int(allowed * limit / taken * _ROOM), macs.cost)
    return replace(counted, limits={**counted.limits, "macs": _lower(counted, cap)})


def _least_macs(feasible: Feasible) -> Extreme:
    found = least(feasible.counter, "macs")
    if found is None:
        raise BudgetError(f"no assignment of the space '{feasible.space.name}' has a graph")
    return found


def _lower(budget: Budget, cap: int) -> int:
    """The lower of two bounds on macs, but no lower than the budget's floor."""
    return max(min(budget.limits.get("macs", cap), cap), budget.floors.get("macs", 0))


def _microseconds(graph: Graph, device: str) -> int:
    latency = measure_latency(graph, device, seconds=_SECONDS, by_node=False)
    return ceil(latency.least * 1000)
