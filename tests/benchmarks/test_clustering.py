"""Correlation clustering beside Leiden: `make bench`. Means over graphs; no time is asserted."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean

import pytest

from explorer.construct import SignedGraph, agreement, cluster
from explorer.construct.signed import together
from tests.benchmarks.timing import timed
from tests.construct.graphs import Leiden, correlated, grouped, structureless

pytestmark = pytest.mark.bench

GRAPHS: dict[str, tuple[Callable[[int], SignedGraph], int]] = {
    "groups of 20": (lambda seed: grouped(20_000, 20, 0.6, 10, 0.1, seed).graph, 1),
    "groups of 50, loose": (lambda seed: grouped(20_000, 50, 0.3, 15, 0.08, seed).graph, 1),
    "groups of 20, noisy": (lambda seed: grouped(2_000, 20, 0.9, 30, 0.2, seed).graph, 5),
    "none": (lambda seed: structureless(20_000, 12, 0.02, seed), 1),
    "none, few nodes": (lambda seed: structureless(1_000, 20, 0.05, seed), 5),
    "none, many links": (lambda seed: structureless(300, 100, 0.3, seed), 5),
    "correlations, 1000": (lambda seed: correlated(1_000, 30, seed), 2),
    "correlations, 300": (lambda seed: correlated(300, 20, seed), 5),
    "correlations, 128": (lambda seed: correlated(128, 12, seed), 15),
    "correlations, 32": (lambda seed: correlated(32, 6, seed), 30),
}


def test_beside_leiden() -> None:
    print("\n| groups | graphs | nodes | links of a node | weight inside, Leiden | ours "
          "| seconds, Leiden | ours | agreement, ours / Leiden |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (graph_of, graphs) in GRAPHS.items():
        found = [compared(graph_of(seed)) for seed in range(graphs)]
        nodes, links, *weights, one, other, ratio = map(mean, zip(*found, strict=True))
        print(f"| {name} | {graphs} | {nodes:,.0f} | {links:.0f} "
              f"| {' | '.join(f'{weight:,.0f}' for weight in weights)} "
              f"| {one:.2f} | {other:.2f} | {ratio:.5f} |", flush=True)  # fmt: skip
        assert ratio >= 1 - 1e-4


def compared(graph: SignedGraph) -> tuple[float, ...]:
    """Nodes and links of a node; weights, then seconds, of both ways; the ratio of agreements."""
    leiden = Leiden(graph)  # igraph's graph is not in Leiden's time
    theirs, seconds = timed(leiden.labels)
    ours, our_seconds = timed(lambda: cluster(graph).labels)
    return (
        graph.nodes,
        graph.strengths.nnz / graph.nodes,
        together(graph, theirs),
        together(graph, ours),
        seconds,
        our_seconds,
        agreement(graph, ours) / agreement(graph, theirs),
    )
