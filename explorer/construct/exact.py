"""The best clustering of a small signed graph, by branch and bound."""

from __future__ import annotations

import numpy as np

from explorer.construct.samples import Array
from explorer.construct.signed import SignedGraph
from explorer.errors import ExplorerError

MOST_NODES = 14


def best_clustering(graph: SignedGraph) -> Array:
    """Labels of the largest agreement there is.

    Nodes are put into clusters one after another. A branch ends when not even all positive weights
    of the nodes that are left could make it better than the best clustering so far.

    Raises:
        ExplorerError: more nodes than a search of all clusterings can take.
    """
    if graph.nodes > MOST_NODES:
        raise ExplorerError(f"the graph has {graph.nodes} nodes, must be at most {MOST_NODES}")
    weights = graph.strengths.toarray() - graph.threshold
    order = np.argsort(-np.abs(weights).sum(axis=1), kind="stable")
    found = _search(weights[np.ix_(order, order)])
    labels = np.empty(graph.nodes, int)
    labels[order] = found
    return labels


def _search(weights: Array) -> list[int]:
    nodes = len(weights)
    hopes = np.maximum(np.tril(weights, -1), 0).sum(axis=1)  # of a node to those before it
    hope = [*np.cumsum(hopes[::-1])[::-1].tolist(), 0.0]
    best: list[int] = list(range(nodes))
    record = 0.0
    labels: list[int] = []

    def visit(value: float, clusters: int) -> None:
        nonlocal best, record
        node = len(labels)
        if node == nodes:
            if value > record:
                best, record = labels.copy(), value
            return
        if value + hope[node] <= record:
            return
        gains = [0.0] * (clusters + 1)  # the last is a cluster of its own
        for other, label in enumerate(labels):
            gains[label] += weights[node, other]
        for label in sorted(range(clusters + 1), key=lambda label: -gains[label]):
            labels.append(label)
            visit(value + gains[label], max(clusters, label + 1))
            labels.pop()

    visit(0.0, 0)
    return best
