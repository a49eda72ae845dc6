"""Signed graphs that the tests and the benchmark of clustering share, and Leiden beside ours."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pytest
from scipy.sparse import coo_array

from explorer.construct import SignedGraph, signed_graph
from explorer.construct.samples import Array


class Grouped(NamedTuple):
    """A graph and the groups that were planted in it."""

    graph: SignedGraph
    labels: Array


def grouped(
    nodes: int, size: int, inside: float, outside: float, threshold: float, seed: int = 0
) -> Grouped:
    """Groups of one size and links at random.

    Args:
        nodes: a multiple of the size.
        size: of a group.
        inside: the share of a group's pairs that are linked, with strengths about .5.
        outside: links of a node to any others, on average, with strengths about .35.
        threshold: of the signed graph.
        seed: decides everything.
    """
    rng = np.random.default_rng(seed)
    members = rng.permutation(nodes).reshape(-1, size)
    labels = np.empty(nodes, int)
    labels[members] = np.arange(nodes // size)[:, None]
    first, second = (members[:, one].ravel() for one in np.triu_indices(size, 1))
    kept = rng.random(len(first)) < inside
    others = rng.integers(nodes, size=(2, int(nodes * outside / 2)))
    means = np.repeat([0.5, 0.35], [int(kept.sum()), others.shape[1]])
    ends = np.concatenate([np.stack([first[kept], second[kept]]), others], axis=1)
    return Grouped(_graph(nodes, ends, rng.normal(means, 0.15), threshold), labels)


def structureless(nodes: int, degree: float, threshold: float, seed: int = 0) -> SignedGraph:
    """Links at random with strengths uniform in [0, 1], so many of a node on average."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(nodes, size=(2, int(nodes * degree / 2)))
    return _graph(nodes, ends, rng.random(ends.shape[1]), threshold)


def correlated(nodes: int, factors: int, seed: int = 0) -> SignedGraph:
    """Correlations of units that are sums of a third of some factors and noise; all are stored.

    The threshold is the mean of their magnitudes.
    """
    rng = np.random.default_rng(seed)
    loads = rng.standard_normal((factors, nodes)) * (rng.random((factors, nodes)) < 0.3)
    units = rng.standard_normal((400, factors)) @ loads + rng.standard_normal((400, nodes))
    found = np.corrcoef(units.T)
    return signed_graph(found, float(np.abs(found[~np.eye(nodes, dtype=bool)]).mean()))


def _graph(nodes: int, ends: Array, strengths: Array, threshold: float) -> SignedGraph:
    """Of pairs that were drawn twice the first counts."""
    low, high = ends.min(axis=0), ends.max(axis=0)
    _, once = np.unique(low * nodes + high, return_index=True)
    once = once[low[once] < high[once]]
    values = np.clip(strengths[once], 0.01, 1)
    half = coo_array((values, (low[once], high[once])), shape=(nodes, nodes)).tocsr()
    return signed_graph(half + half.T, threshold)


class Leiden:
    """Leiden with the constant Potts model, whose resolution is the threshold."""

    def __init__(self, graph: SignedGraph) -> None:
        igraph = pytest.importorskip("igraph")
        upper = graph.strengths.tocoo()
        kept = upper.row < upper.col
        links = np.stack([upper.row[kept], upper.col[kept]], axis=1)
        self._graph = igraph.Graph(graph.nodes, links.tolist())
        self._weights = upper.data[kept].tolist()
        self._threshold = graph.threshold

    def labels(self, seed: int = 0) -> Array:
        """Of its default of two iterations."""
        leidenalg = pytest.importorskip("leidenalg")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found = leidenalg.find_partition(
                self._graph,
                leidenalg.CPMVertexPartition,
                weights=self._weights,
                resolution_parameter=self._threshold,
                seed=seed,
            )
        return np.array(found.membership)
