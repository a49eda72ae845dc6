"""Latency in a search: predicted while candidates are drawn, measured before one is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import numpy as np

from explorer.budget import LATENCY, Budget, Feasible
from explorer.build import measure_latency
from explorer.build.predictor import fit_predictor
from explorer.cost.batch import decode
from explorer.cost.latency import Predictor
from explorer.graph import Graph, fingerprint
from explorer.space import Assignment, Space

_SECONDS = 1.0  # that measuring one candidate takes


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
    space: Space, budget: Budget, device: str, on_progress: Callable[[int, int], None]
) -> Predictor:
    """A predictor for a budget's latency, fitted to candidates that its other bounds allow."""
    others = without_latency(budget)
    feasible = Feasible(space)

    def propose(space: Space, rng: np.random.Generator) -> Assignment:
        codes = feasible.draw(others, 1, rng) if others.limits else feasible.draws.codes(1, rng)
        found: dict[str, Any] = decode(space, codes[:, 0])
        return found

    return fit_predictor(space, device, propose=propose, on_progress=on_progress)


def without_latency(budget: Budget) -> Budget:
    """The bounds that are counted rather than measured."""
    limits = {name: limit for name, limit in budget.limits.items() if name != LATENCY}
    floors = {name: floor for name, floor in budget.floors.items() if name != LATENCY}
    return replace(budget, limits=limits, floors=floors)
