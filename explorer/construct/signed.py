"""Signed graphs of correlations, and how well a clustering agrees with one.

Every pair of nodes has the weight |correlation| - threshold: a positive one wants the pair in one
cluster, a negative one in two. The agreement of a clustering is the weight of the pairs that it
treats as they want; correlation clustering maximises it (Bansal, Blum, Chawla 2004). But for a
constant it is the quality of the constant Potts model (Traag et al. 2011), its resolution being the
threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from explorer.construct.samples import Array, rows_of, sparse_matrix
from explorer.errors import DataError, ExplorerError

_EQUAL = 1e-6  # a larger difference between two halves of a matrix is no rounding


@dataclass(frozen=True, slots=True)
class SignedGraph:
    """A weight for every pair of nodes.

    Attributes:
        strengths: |correlation|, a symmetric matrix of (nodes, nodes) with nothing on its
            diagonal; what is not stored is 0.
        threshold: tau, in [0, 1]; a pair's weight is its strength less this.
    """

    strengths: csr_array
    threshold: float

    @property
    def nodes(self) -> int:
        return int(self.strengths.shape[0])


def signed_graph(correlations: Any, threshold: float) -> SignedGraph:
    """The graph of |correlation| - threshold.

    Args:
        correlations: a symmetric array or scipy matrix of (nodes, nodes); a sparse one leaves out
            the pairs without correlation. Units that never change have none (NumPy says nan):
            give them 0.
        threshold: tau; pairs of a larger |correlation| want to be together.

    Raises:
        DataError: not square, not symmetric, no nodes, or values that are not finite.
        ExplorerError: a threshold that is not between 0 and 1.
    """
    if not 0 <= threshold <= 1:
        raise ExplorerError(f"threshold is {threshold}, must be between 0 and 1")
    found = abs(sparse_matrix(correlations, "correlations", "(nodes, nodes)"))
    if found.shape[0] != found.shape[1]:
        raise DataError(f"correlations have the shape {found.shape}, must be (nodes, nodes)")
    if abs(found - found.T).max() > _EQUAL:
        raise DataError("correlations are not symmetric")
    found.data[rows_of(found) == found.indices] = 0
    found.eliminate_zeros()
    return SignedGraph(found, threshold)


def agreement(graph: SignedGraph, labels: Array) -> float:
    """The weight of the pairs that a clustering treats as they want.

    Args:
        graph: the weights.
        labels: of (nodes,); nodes with the same are together.

    Returns:
        the sum of positive weights inside clusters and of |negative weights| between them.

    Raises:
        ExplorerError: not one label a node.
    """
    return together(graph, labels) + _negative(graph)


def together(graph: SignedGraph, labels: Array) -> float:
    """The sum of the weights inside clusters, negative ones included."""
    if np.shape(labels) != (graph.nodes,):
        raise ExplorerError(f"labels have the shape {np.shape(labels)}, must be ({graph.nodes},)")
    strengths, rows = graph.strengths, rows_of(graph.strengths)
    inside = float(strengths.data[labels[rows] == labels[strengths.indices]].sum()) / 2
    sizes = np.unique(labels, return_counts=True)[1].astype(float)
    return inside - graph.threshold * float((sizes * (sizes - 1)).sum()) / 2


def _negative(graph: SignedGraph) -> float:
    """The |weight| of all pairs that want to be in two clusters."""
    strengths = graph.strengths.data
    stored = float(np.maximum(graph.threshold - strengths, 0).sum()) / 2
    absent = graph.nodes * (graph.nodes - 1) / 2 - len(strengths) / 2
    return stored + graph.threshold * absent
