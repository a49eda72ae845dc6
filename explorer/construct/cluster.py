"""Correlation clustering: Pivot, then moves of single nodes and of whole clusters.

Sources: Ailon, Charikar, Newman, "Aggregating inconsistent information" (2008) for Pivot, of which
several random orders are tried; Elsner and Schudy, "Bounding and comparing methods for correlation
clustering beyond ILP" (2009), who find that best-one-element moves after it do best. Parts of
clusters are moved as nodes of a smaller graph, as in Leiden (Traag, Waltman, van Eck 2019), and a
local optimum is left by dissolving some clusters (iterated local search).

This is for disjoint groups. Children of hidden units overlap; see ``recover`` for those.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from explorer.construct.samples import Array, ones_where, rows_of
from explorer.construct.signed import SignedGraph, agreement, together
from explorer.errors import ExplorerError

PASSES = 8  # at most, of moves of nodes and of parts
KICKS = 3  # no worse than Leiden's two iterations in less than twice their time
_DISSOLVED = 0.3  # of the clusters, by a kick
_PATIENCE = 4  # kicks without a gain
_IDLE = 2  # passes without a gain
_LEAST = 1e-12  # of a gain; less is rounding
_STARTS, _STARTS_DENSE = 500, 1_024  # nodes that Pivot begins with in all restarts
_MOST_STARTS = 8
_DENSE = 150  # neighbours of a typical node, from which on arrays are faster than loops over them


class Clustering(NamedTuple):
    """A clustering and how good it is.

    Attributes:
        labels: of (nodes,), whole numbers from 0 in order of first appearance.
        agreement: as ``signed.agreement`` has it.
    """

    labels: Array
    agreement: float


def cluster(
    graph: SignedGraph, *, restarts: int | None = None, kicks: int = KICKS, seed: int = 0
) -> Clustering:
    """A clustering that no move of a single node makes better.

    Args:
        graph: up to some ten thousands of nodes, if its strengths are sparse.
        restarts: random orders of Pivot to begin with; the best result is taken. Without a number,
            more for few nodes, where one order often ends in a local optimum: eight up to 62
            nodes, one from 251 nodes on; twice as many nodes where most strengths are stored.
        kicks: how often some clusters are dissolved and built anew; it ends after ``_PATIENCE`` of
            them without a gain. They change nothing on graphs with clear groups or of very many
            nodes; on others more of them are better.
        seed: decides the orders and the kicks.

    Raises:
        ExplorerError: no restarts, or a negative number of kicks.
    """
    if restarts is None:
        restarts = _usual_restarts(graph)
    if restarts < 1:
        raise ExplorerError(f"restarts is {restarts}, must be at least 1")
    if kicks < 0:
        raise ExplorerError(f"kicks is {kicks}, must be at least 0")
    tries = []
    for number in range(restarts):
        rng = np.random.default_rng([seed, number] if number else seed)
        tries.append(_kicked(graph, improve(graph, pivot(graph, rng), rng), kicks, rng))
    labels = max(tries, key=lambda found: together(graph, found))
    return Clustering(labels, agreement(graph, labels))


def _usual_restarts(graph: SignedGraph) -> int:
    """As many as keep the time near that of one start on a graph of some hundred nodes."""
    nodes = max(graph.nodes, 1)
    in_all = _STARTS_DENSE if graph.strengths.nnz > nodes**2 / 2 else _STARTS
    return min(_MOST_STARTS, max(1, in_all // nodes))


def _kicked(graph: SignedGraph, labels: Array, kicks: int, rng: np.random.Generator) -> Array:
    """Dissolve a random part of the clusters, improve, keep what is not worse; again."""
    value, idle = together(graph, labels), 0
    for _ in range(kicks):
        dissolved = (rng.random(int(labels.max()) + 1) < _DISSOLVED)[labels]
        fresh = np.where(dissolved, len(labels) + np.arange(len(labels)), labels)
        found = improve(graph, renumbered(fresh), rng, passes=1)
        reached = together(graph, found)
        idle = 0 if reached > value + _LEAST else idle + 1
        if reached >= value:
            labels, value = found, reached
        if idle == _PATIENCE:
            break
    return labels


def pivot(graph: SignedGraph, rng: np.random.Generator) -> Array:
    """Pivot: a random node takes all free nodes it has a positive weight with, and so on.

    Returns:
        labels; the expected disagreement is at most three times the least where weights are signs.
    """
    positive = ones_where(graph.strengths, graph.strengths.data > graph.threshold)
    starts, others = positive.indptr.tolist(), positive.indices
    labels = np.full(graph.nodes, -1)
    for number, node in enumerate(rng.permutation(graph.nodes).tolist()):
        if labels[node] < 0:
            near = others[starts[node] : starts[node + 1]]
            labels[near[labels[near] < 0]] = number
            labels[node] = number
    return renumbered(labels)


def improve(
    graph: SignedGraph, labels: Array, rng: np.random.Generator, passes: int = PASSES
) -> Array:
    """Moves of nodes, then of parts of clusters, and again.

    Args:
        graph: whose agreement is to grow.
        labels: where to begin.
        rng: decides the order in which nodes are looked at.
        passes: the most that are made; it also ends after ``_IDLE`` of them without a gain.

    Returns:
        labels with an agreement that is at least as large.
    """
    sizes = np.ones(graph.nodes)
    labels = _moved(graph.strengths, sizes, graph.threshold, labels, rng)
    value, idle = together(graph, labels), 0
    for _ in range(passes):
        labels = _parts_moved(graph.strengths, sizes, graph.threshold, labels, rng)
        labels = _moved(graph.strengths, sizes, graph.threshold, labels, rng)
        before, value = value, together(graph, labels)
        idle = 0 if value > before + _LEAST else idle + 1
        if idle == _IDLE:
            break
    return labels


def _parts_moved(
    strengths: csr_array, sizes: Array, threshold: float, labels: Array, rng: np.random.Generator
) -> Array:
    """Moves of parts of clusters as nodes of a smaller graph, and of its parts, and so on.

    A cluster's parts are what its nodes alone would form, beginning one by one.
    """
    nodes = len(labels)
    inside = _inside(strengths, labels)
    parts = _moved(inside, sizes, threshold, np.arange(nodes), rng)
    number = int(parts.max()) + 1
    if number == nodes:
        return labels
    belongs = _indicator(parts, number)
    between = (belongs.T @ strengths @ belongs).tocsr()
    weights = np.bincount(parts, sizes)
    above = np.empty(number, int)
    above[parts] = labels
    above = _moved(between, weights, threshold, above, rng)
    return _parts_moved(between, weights, threshold, above, rng)[parts]


def _inside(strengths: csr_array, labels: Array) -> csr_array:
    """The same graph without what lies between clusters."""
    found = strengths.copy()
    found.data[labels[rows_of(found)] != labels[found.indices]] = 0
    found.eliminate_zeros()
    return found


def renumbered(labels: Array) -> Array:
    """The same clustering, with labels from 0 in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), int)
    rank[np.argsort(first)] = np.arange(len(first))
    found: Array = rank[inverse]
    return found


def _indicator(labels: Array, clusters: int) -> csr_array:
    number = len(labels)
    return csr_array((np.ones(number), labels, np.arange(number + 1)), shape=(number, clusters))


def _moved(
    strengths: csr_array, sizes: Array, threshold: float, labels: Array, rng: np.random.Generator
) -> Array:
    """Best-one-element moves until none is left.

    A node goes to the cluster of the largest weight to it, or to a cluster of its own; then its
    neighbours elsewhere are looked at again. A node stands for ``sizes`` nodes of the first graph.
    """
    order = rng.permutation(len(labels)).tolist()
    is_dense = strengths.nnz > _DENSE * len(labels)
    moved = _moved_by_arrays if is_dense else _moved_by_loops
    return renumbered(moved(strengths, sizes, threshold, labels, order))


def _moved_by_loops(
    strengths: csr_array, sizes: Array, threshold: float, labels: Array, order: list[int]
) -> Array:
    """The moves, one neighbour after another: for few neighbours."""
    nodes = len(labels)
    starts, others = strengths.indptr.tolist(), strengths.indices.tolist()
    values, own = strengths.data.tolist(), sizes.tolist()
    where = labels.tolist()
    held = np.bincount(labels, sizes, minlength=nodes + 1).tolist()
    empty = [label for label in range(nodes + 1) if not held[label]]
    queue = deque(order)
    waiting = [True] * nodes
    while queue:
        node = queue.popleft()
        waiting[node] = False
        here, size = where[node], own[node]
        links = {here: 0.0}
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            if other != node:
                label = where[other]
                links[label] = links.get(label, 0.0) + values[place]
        cost = threshold * size
        held[here] -= size
        best, most = here, links[here] - cost * held[here]
        for label, strength in links.items():
            gain = strength - cost * held[label]
            if gain > most + _LEAST:
                best, most = label, gain
        if most < -_LEAST:
            best = empty.pop()
        if best != here and not held[here]:
            empty.append(here)
        held[best] += size
        where[node] = best
        if best != here:
            for place in range(starts[node], starts[node + 1]):
                other = others[place]
                if not waiting[other] and where[other] != best:
                    waiting[other] = True
                    queue.append(other)
    return np.array(where)


def _moved_by_arrays(
    strengths: csr_array, sizes: Array, threshold: float, labels: Array, order: list[int]
) -> Array:
    """The moves, all neighbours of a node together: for many."""
    nodes = len(labels)
    where, waiting = labels.copy(), np.ones(nodes, bool)
    held = np.bincount(labels, sizes, minlength=nodes + 1)
    queue = deque(order)
    while queue:
        node = queue.popleft()
        waiting[node] = False
        row = slice(strengths.indptr[node], strengths.indptr[node + 1])
        others, size = strengths.indices[row], sizes[node]
        values = np.where(others == node, 0, strengths.data[row])
        here = where[node]
        held[here] -= size
        links = np.bincount(where[others], values, minlength=nodes + 1)
        gains = links - threshold * size * held
        best = int(gains.argmax())
        if gains[best] <= gains[here] + _LEAST:
            best = here
        if gains[best] < -_LEAST:
            best = int(np.flatnonzero(held == 0)[0])
        held[best] += size
        where[node] = best
        if best != here:
            again = others[~waiting[others] & (where[others] != best)]
            waiting[again] = True
            queue.extend(again.tolist())
    return where
