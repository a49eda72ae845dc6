"""How much of a network was found: hidden units have no names, so they are matched first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.construct.samples import Array, from_pairs, ones_where, rows_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class Quality(NamedTuple):
    """Edges found, as shares.

    Attributes:
        precision: of the edges that were found, so many are there.
        recall: of the edges that are there, so many were found.
    """

    precision: float
    recall: float


def signed(weights: csr_array, sign: int) -> csr_array:
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


def network_quality(
    found: Sequence[csr_array], truth: Sequence[csr_array]
) -> list[dict[int, Quality]]:
    """The quality of every layer, from the bottom up.

    Hidden units are matched by edges of both signs. Above the bottom, a unit beneath stands for the
    true unit that it was matched with. Edges to one that has no match are false.

    Args:
        found: weights of (units beneath, hidden units) from the bottom up.
        truth: the same of the network, as ``draw_network`` gives them.

    Returns:
        for each layer the quality of the positive (key 1) and negative (key -1) edges.
    """
    below: Array | None = None
    result = []
    for ours, theirs in zip(found, truth, strict=True):
        units = theirs.shape[0]
        names = np.arange(units) if below is None else below
        edges = {sign: _renamed(signed(ours, sign), names, units) for sign in (1, -1)}
        real = {sign: _renamed(signed(theirs, sign), np.arange(units), units) for sign in (1, -1)}
        below = matching(_beside(edges), _beside(real))
        result.append({sign: quality(edges[sign], real[sign], below) for sign in (1, -1)})
    return result


def _beside(edges: dict[int, csr_array]) -> csr_array:
    """Positive and negative edges as different ones; of (hidden units, 2 columns)."""
    from scipy.sparse import hstack

    return hstack([edges[1], edges[-1]]).tocsr()


def _renamed(edges: csr_array, names: Array, units: int) -> csr_array:
    """Edges by the true names of the units beneath, of (hidden units, 2 units).

    Units without a true name come behind all true ones, where no true edge leads.
    """
    beneath = np.arange(len(names))
    named = np.where(names < 0, units + beneath % units, names)
    return from_pairs(edges.indices, named[rows_of(edges)], (edges.shape[1], 2 * units))
