"""Correlation clustering: the objective, the best of small graphs, moves, and Leiden beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from explorer.construct import SignedGraph, agreement, best_clustering, cluster, signed_graph
from explorer.construct.cluster import _moved_by_arrays, _moved_by_loops, improve, pivot, renumbered
from explorer.construct.signed import together
from explorer.errors import DataError, ExplorerError
from tests.construct.graphs import Leiden, correlated, grouped, structureless


def random_graph(nodes: int, threshold: float, seed: int, share: float = 1.0) -> SignedGraph:
    rng = np.random.default_rng(seed)
    values = np.triu(rng.uniform(-1, 1, (nodes, nodes)) * (rng.random((nodes, nodes)) < share), 1)
    return signed_graph(values + values.T, threshold)


def partitions(nodes: int) -> Iterator[list[int]]:
    """All clusterings, as restricted growth strings."""

    def grow(labels: list[int]) -> Iterator[list[int]]:
        if len(labels) == nodes:
            yield labels
            return
        for label in range(max(labels, default=-1) + 2):
            yield from grow([*labels, label])

    yield from grow([])


def textbook(graph: SignedGraph, labels: np.ndarray) -> float:
    weights = graph.strengths.toarray() - graph.threshold
    value = 0.0
    for i in range(graph.nodes):
        for j in range(i):
            is_inside = labels[i] == labels[j]
            value += max(weights[i, j], 0) if is_inside else max(-weights[i, j], 0)
    return value


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_agreement_is_that_of_the_definition(share: float) -> None:
    for seed in range(5):
        graph = random_graph(15, 0.4, seed, share)
        labels = np.random.default_rng(seed).integers(0, 4, 15)
        assert agreement(graph, labels) == pytest.approx(textbook(graph, labels))


def test_the_best_clustering_is_that_of_all() -> None:
    for seed in range(6):
        graph = random_graph(6, 0.5, seed, 0.7)
        best = max(agreement(graph, np.array(labels)) for labels in partitions(6))
        assert agreement(graph, best_clustering(graph)) == pytest.approx(best)


def test_moves_nearly_always_find_the_best_of_twelve_nodes() -> None:
    hits = 0
    for seed in range(10):
        graph = random_graph(12, 0.5, seed, 0.6)
        best = agreement(graph, best_clustering(graph))
        found = cluster(graph, restarts=2)
        assert found.agreement <= best + 1e-9
        hits += found.agreement == pytest.approx(best)
    assert hits >= 9


def test_no_move_of_a_single_node_is_left() -> None:
    graph, _ = grouped(120, 12, 0.6, 4, 0.12)
    labels = cluster(graph).labels
    value = together(graph, labels)
    for node in range(120):
        for label in range(labels.max() + 2):
            moved = labels.copy()
            moved[node] = label
            assert together(graph, moved) <= value + 1e-9


def test_planted_groups_are_found() -> None:
    graph, labels = grouped(300, 20, 0.6, 8, 0.12)
    found = cluster(graph)
    assert found.agreement >= agreement(graph, labels) - 1e-9
    assert found.agreement == pytest.approx(agreement(graph, found.labels))
    same = (labels[:, None] == labels) == (found.labels[:, None] == found.labels)
    assert same.mean() > 0.99


def test_pivot_begins_and_moves_only_improve() -> None:
    graph, _ = grouped(200, 10, 0.6, 4, 0.12)
    rng = np.random.default_rng(0)
    first = pivot(graph, rng)
    assert first.min() == 0
    assert agreement(graph, improve(graph, first, rng)) > agreement(graph, first)


def test_more_kicks_are_never_worse() -> None:
    graph = random_graph(60, 0.5, 0)
    values = [cluster(graph, kicks=kicks, seed=5).agreement for kicks in (0, 3, 9)]
    assert values == sorted(values)


def test_a_seed_decides_the_labels() -> None:
    graph = random_graph(60, 0.5, 1)
    assert (cluster(graph, seed=2).labels == cluster(graph, seed=2).labels).all()


def test_thresholds_at_the_ends() -> None:
    graph = random_graph(20, 0, 0)
    assert cluster(graph).labels.max() == 0
    assert cluster(random_graph(20, 1, 0)).labels.tolist() == list(range(20))
    assert cluster(signed_graph(np.ones((1, 1)), 0.5)).labels.tolist() == [0]


@pytest.mark.parametrize(
    ("correlations", "threshold", "error", "message"),
    [
        (np.ones((2, 3)), 0.5, DataError, r"shape \(2, 3\), must be \(nodes, nodes\)"),
        (np.ones((0, 0)), 0.5, DataError, r"shape \(0, 0\)"),
        (np.array([[0, 1], [0, 0]]), 0.5, DataError, "not symmetric"),
        (np.full((2, 2), np.nan), 0.5, DataError, "hold nan, must be finite"),
        (np.array([["a"]]), 0.5, DataError, "must be numbers of"),
        (np.ones(3), 0.5, DataError, r"shape \(3,\)"),
        (np.ones((2, 2)), 1.5, ExplorerError, "threshold is 1.5"),
    ],
)
def test_graphs_that_there_are_not(
    correlations: np.ndarray, threshold: float, error: type[ExplorerError], message: str
) -> None:
    with pytest.raises(error, match=message):
        signed_graph(correlations, threshold)


def test_wrong_calls() -> None:
    graph = random_graph(15, 0.5, 0)
    with pytest.raises(ExplorerError, match=r"labels have the shape \(3,\), must be \(15,\)"):
        agreement(graph, np.zeros(3))
    with pytest.raises(ExplorerError, match="has 15 nodes, must be at most 14"):
        best_clustering(graph)
    with pytest.raises(ExplorerError, match="restarts is 0"):
        cluster(graph, restarts=0)
    with pytest.raises(ExplorerError, match="kicks is -1"):
        cluster(graph, kicks=-1)


@pytest.mark.parametrize(
    "graph",
    [grouped(300, 15, 0.6, 8, 0.12).graph, structureless(300, 40, 0.2)],
    ids=["groups", "none"],
)
def test_agreement_is_at_least_that_of_leiden(graph: SignedGraph) -> None:
    leiden = Leiden(graph).labels()
    assert cluster(graph).agreement >= agreement(graph, leiden) - 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_moves_by_arrays_are_those_by_loops(seed: int) -> None:
    graph = correlated(60, 6, seed)
    rng = np.random.default_rng(seed)
    labels, order = rng.integers(0, 9, 60), rng.permutation(60).tolist()
    sizes = rng.integers(1, 4, 60).astype(float)
    given = (graph.strengths, sizes, graph.threshold, labels, order)
    assert together(graph, _moved_by_arrays(*given)) > together(graph, labels)
    one, other = (renumbered(moved(*given)) for moved in (_moved_by_arrays, _moved_by_loops))
    assert (one == other).all()


def test_arrays_are_taken_where_neighbours_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = correlated(40, 4)
    loops = cluster(graph)
    monkeypatch.setattr(sys.modules["explorer.construct.cluster"], "_DENSE", 0)
    assert (cluster(graph).labels == loops.labels).all()


@pytest.mark.parametrize("nodes", [12, 40, 128])
def test_dense_correlations_agree_as_leiden_does(nodes: int) -> None:
    for seed in range(8):
        graph = correlated(nodes, max(3, nodes // 8), seed)
        assert cluster(graph).agreement >= agreement(graph, Leiden(graph).labels()) - 1e-9
