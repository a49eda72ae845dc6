"""How much of a network was found: hidden units have no names, so they are matched first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack

from explorer.construct.samples import Array, from_pairs, ones_where, rows_of
from explorer.errors import ExplorerError

SIGNS = (1, -1)  # of positive and of negative edges


class Quality(NamedTuple):
    """Edges found, as shares.

    Attributes:
        precision: of the edges that were found, so many are there.
        recall: of the edges that are there, so many were found.
    """

    precision: float
    recall: float


class LayerQuality(NamedTuple):
    """The quality of a layer's positive edges, and of its negative ones."""

    positive: Quality
    negative: Quality


def edges_of_sign(weights: csr_array, sign: int) -> csr_array:
    """The edges of one sign, as a 0/1 matrix of the same shape."""
    weights = weights.tocsr()
    return ones_where(weights, weights.data * sign > 0)


def matching(found: csr_array, truth: csr_array) -> Array:
    """For every hidden unit that was found the true one with the most edges in common.

    Greedy, the largest overlap first, each true unit once. So the result is never better than the
    best matching; where units are found at all, the two are the same.

    Args:
        found: 0/1 matrix of (hidden units, edges they may have).
        truth: the same of the network that the samples were drawn from.

    Returns:
        numbers of true hidden units, -1 for none.
    """
    common = (found @ truth.T).tocsr()
    rows = rows_of(common)
    partner = np.full(found.shape[0], -1)
    taken = np.zeros(truth.shape[0], bool)
    for place in np.argsort(-common.data, kind="stable"):
        ours, theirs = rows[place], common.indices[place]
        if partner[ours] < 0 and not taken[theirs]:
            partner[ours], taken[theirs] = theirs, True
    return partner


def quality(found: csr_array, truth: csr_array, partner: Array) -> Quality:
    """Precision and recall of edges under a matching; edges of unmatched units are false."""
    matched = np.flatnonzero(partner >= 0)
    common = found[matched] * truth[partner[matched]]
    right = float(common.sum())
    return Quality(right / max(found.nnz, 1), right / max(truth.nnz, 1))


def network_quality(found: Sequence[csr_array], truth: Sequence[csr_array]) -> list[LayerQuality]:
    """The quality of every layer, from the bottom up.

    Hidden units are matched by edges of both signs. Above the bottom, a unit beneath stands for the
    true unit that it was matched with. Edges to one that has no match are false.

    Args:
        found: weights of (units beneath, hidden units) from the bottom up.
        truth: the same of the network, as ``draw_network`` gives them.

    Raises:
        ExplorerError: networks of different depths, or layers that do not fit on each other.
    """
    if len(found) != len(truth):
        raise ExplorerError(f"{len(found)} layers were found, the network has {len(truth)}")
    names = np.arange(truth[0].shape[0])
    result = []
    for number, (ours, theirs) in enumerate(zip(found, truth, strict=True), 1):
        if ours.shape[0] != len(names):
            raise ExplorerError(
                f"layer {number} is over {ours.shape[0]} units, must be over {len(names)}"
            )
        units, width = theirs.shape[0], theirs.shape[0] + len(names)
        # A unit without a match is named behind all true ones, where no true edge leads.
        named = np.where(names < 0, units + np.arange(len(names)), names)
        edges = [_renamed(edges_of_sign(ours, sign), named, width) for sign in SIGNS]
        true = [_renamed(edges_of_sign(theirs, sign), np.arange(units), width) for sign in SIGNS]
        names = matching(hstack(edges).tocsr(), hstack(true).tocsr())
        positive, negative = (quality(*pair, names) for pair in zip(edges, true, strict=True))
        result.append(LayerQuality(positive, negative))
    return result


def _renamed(edges: csr_array, names: Array, width: int) -> csr_array:
    """Edges by the names of the units beneath, of (hidden units, width)."""
    return from_pairs(edges.indices, names[rows_of(edges)], (edges.shape[1], width))
