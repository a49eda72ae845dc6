"""The weights of a latency predictor, fitted to measured nets and tested on others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

import numpy as np
from numpy.typing import NDArray

from explorer.build.latency import Latency
from explorer.cost.kinds import kind, node_features, relatives, timed
from explorer.cost.latency import Predictor, Weights
from explorer.graph import Graph

Array = NDArray[np.float64]

_SLOW = 1.08  # times the best pace


@dataclass(frozen=True, slots=True)
class Measured:
    """A net, and the shortest times in milliseconds that were seen of it and of its nodes.

    ``pace`` and ``busy`` say how far others disturbed that, as in :class:`Latency`.
    """

    graph: Graph
    whole: float
    nodes: Mapping[str, float]
    pace: float
    busy: float

    @classmethod
    def of(cls, graph: Graph, latency: Latency) -> Measured:
        return cls(graph, latency.least, latency.nodes, latency.pace, latency.busy)

    def best(self, other: Measured) -> Measured:
        """The shorter times of two measurements."""
        nodes = {path: min(ms, other.nodes[path]) for path, ms in self.nodes.items()}
        shorter = min(self, other, key=lambda each: each.whole)
        return replace(shorter, nodes=nodes)


def disturbed(nets: list[Measured]) -> list[int]:
    """The nets that were measured while others slowed the machine down, the slowest first."""
    best = min(net.pace for net in nets)
    slow = [index for index, net in enumerate(nets) if net.pace > _SLOW * best]
    return sorted(slow, key=lambda index: -nets[index].pace)


@dataclass(slots=True)
class _Samples:
    """Nodes of one group: their features, and the milliseconds that each took."""

    features: list[tuple[int, ...]]
    times: list[float]

    def weights(self) -> Weights:
        """Non-negative least squares, each error taken relative to the root of the time.

        So errors count by what they do to a net's sum, and yet small nodes are not passed over.
        """
        times = np.array(self.times)
        scale = np.sqrt(np.maximum(times, 1e-4))
        rows = np.array(self.features, float) / scale[:, None]
        return tuple(float(weight) for weight in nonnegative(rows, times / scale))


def fit(nets: list[Measured]) -> tuple[dict[str, Weights], dict[str, Weights]]:
    """The weights by kind, and those of wider groups of nodes."""
    kinds: dict[str, _Samples] = {}
    wider: dict[str, _Samples] = {}
    for net in nets:
        for node in timed(net.graph):
            name, row = kind(node.op), node_features(net.graph, node)
            groups = [kinds.setdefault(name, _Samples([], []))]
            groups += [wider.setdefault(each, _Samples([], [])) for each in relatives(name)]
            for samples in groups:
                samples.features.append(row)
                samples.times.append(net.nodes[node.path])
    weights, general = (
        {name: samples.weights() for name, samples in groups.items()} for groups in (kinds, wider)
    )
    return weights, general


def calibrated(predictor: Predictor, nets: list[Measured]) -> Predictor:
    """All weights times what whole nets take, as a share of the sum over their nodes."""
    factor = median(net.whole / predictor.predict(net.graph) for net in nets)
    return replace(
        predictor,
        weights=_scaled(predictor.weights, factor),
        general=_scaled(predictor.general, factor),
    )


def _scaled(weights: Mapping[str, Weights], factor: float) -> dict[str, Weights]:
    return {name: tuple(factor * each for each in found) for name, found in weights.items()}


def tested(predictor: Predictor, nets: list[Measured]) -> Predictor:
    """With its errors on nets that it was not fitted to."""
    errors = (net.whole / predictor.predict(net.graph) - 1 for net in nets)
    return replace(predictor, errors=tuple(map(abs, errors)))


def nonnegative(rows: Array, wanted: Array) -> Array:
    """The weights x >= 0 with the least squares of ``rows @ x - wanted``, exactly.

    The weights that are not zero solve the plain problem of their columns; so of all subsets of the
    few columns, the best whose plain solution is non-negative is the answer.
    """
    columns = np.flatnonzero(rows.any(axis=0))
    scale = np.abs(rows).max(axis=0)
    best, least = np.zeros(rows.shape[1]), float(wanted @ wanted)
    for size in range(1, len(columns) + 1):
        for chosen in map(list, combinations(columns, size)):
            part = rows[:, chosen] / scale[chosen]
            found = np.linalg.lstsq(part, wanted)[0]
            error = float(np.square(part @ found - wanted).sum())
            if found.min() >= 0 and error < least:
                best = np.zeros(rows.shape[1])
                best[chosen] = found / scale[chosen]
                least = error
    return best
