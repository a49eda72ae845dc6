"""Edges, once the hidden units are known: positive ones checked, negative ones, real weights.

Source: arXiv 1310.6343, the last steps of "Learning a single layer network" and, for the weights,
the section on the lowermost, real-valued layer. The paper learns a negative edge by exclusion; the
adaptive way also counts how often a unit is off that should be on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.construct.encode import Observed, encode
from explorer.construct.prune import active_parents
from explorer.construct.samples import Array, from_pairs, means, ones_where, row_sizes, without
from explorer.construct.thresholds import ADAPTIVE, Paper, Thresholds
from explorer.construct.units import Units

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_FEWEST = 3  # samples that an edge is judged by
_KEPT = 0.5  # of a hidden unit's typical edge
_TYPICAL = 0.8  # P(child on | hidden unit on), where there are too few samples to measure it
_ERROR = 0.02  # P(unit on | one positive and one negative parent): states are not quite right
_PASSES = 3  # of negative edges, each knowing those of the one before
_SPREAD = 6.0  # standard deviations that a weight must be away from zero


def checked(units: Units, observed: Observed) -> Units:
    """Units with every positive edge looked at where nothing else explains the child.

    Among the samples in which a hidden unit is on and no other known parent of a unit is, a child
    is nearly always on and another unit nearly never.
    """
    from scipy.sparse import csr_array

    states = encode(units, observed)
    counts = active_parents(states, units.children)
    lone = ones_where(counts, counts.data == 1)
    turned = states.T.tocsr()
    ours = units.children.toarray() > 0
    rest = without(observed.samples, counts)
    idle = row_sizes(turned)[:, None] - (turned @ ones_where(counts, counts.data > 0)).toarray()
    chances = np.where(ours, (turned @ lone).toarray(), idle)
    lone_on = (observed.samples * lone).tocsr()
    on = np.where(ours, (turned @ lone_on).toarray(), (turned @ rest).toarray())
    share = on / np.maximum(chances, 1) - means(rest)
    judged = chances >= _FEWEST
    known = np.where(ours & judged, share, np.nan)
    typical = np.full(len(units), _TYPICAL)
    some = ~np.isnan(known).all(axis=1)
    typical[some] = np.nanmedian(known[some], axis=1)
    children = np.where(judged, share >= _KEPT * typical[:, None], ours)
    return Units(
        csr_array(children.astype(np.float32)), units.thresholds, units.rates, units.lifts
    )


def negative_edges(
    states: csr_array,
    children: csr_array,
    samples: csr_array,
    thresholds: Thresholds = ADAPTIVE,
) -> csr_array:
    """Which hidden units switch which units off.

    Looked at are samples in which a unit has exactly one positive parent on, so that it should be
    on. Paper: one such sample in which it is on excludes all hidden units that are on. Adaptive:
    hidden units are told by the log odds of how often it was on and off. The odds beforehand are
    those of a positive edge, since a network has about as many of both.

    Args:
        states: hidden states, of (samples, hidden units).
        children: positive edges, of (hidden units, units).
        samples: of (samples, units).

    Returns:
        0/1 matrix of (hidden units, units).
    """
    counts = active_parents(states, children)
    lone = ones_where(counts, counts.data == 1)
    if isinstance(thresholds, Paper):
        return _not_excluded(states, children, samples, lone)
    found = from_pairs(np.zeros(0), np.zeros(0), children.shape)
    for _ in range(_PASSES):
        found = _likely(states, children, samples, lone, found)
    return found


def _not_excluded(
    states: csr_array, children: csr_array, samples: csr_array, lone: csr_array
) -> csr_array:
    """Pairs that samples could have excluded, often enough, and did not."""
    from scipy.sparse import csr_array

    turned = states.T.tocsr()
    chances = (turned @ lone).toarray()
    on = (turned @ (samples * lone).tocsr()).toarray()
    left = (chances >= _FEWEST) & (on == 0) & (children.toarray() == 0)
    return csr_array(left.astype(np.float32))


def _likely(
    states: csr_array,
    children: csr_array,
    samples: csr_array,
    lone: csr_array,
    known: csr_array,
) -> csr_array:
    """Pairs more likely negative than not, by samples that known negative edges do not explain."""
    from scipy.sparse import csr_array

    turned = states.T.tocsr()
    against = active_parents(states, known)
    free, single = without(lone, against), ones_where(against, against.data == 1)
    free_on, single_on = samples * free, samples * single * lone
    ours = known.toarray() > 0
    chances = np.where(
        ours, (turned @ (lone * single).tocsr()).toarray(), (turned @ free).toarray()
    )
    on = np.where(
        ours, (turned @ single_on.tocsr()).toarray(), (turned @ free_on.tocsr()).toarray()
    )
    trials = np.asarray(free.sum(axis=0)).ravel() + 2
    failing = 1 - (np.asarray(free_on.sum(axis=0)).ravel() + 1) / trials  # of (units,)
    off = chances - on
    odds = off * np.log((1 - _ERROR) / failing) + on * np.log(_ERROR / (1 - failing))
    share = max(children.nnz, 1) / (children.shape[0] * children.shape[1])
    likely = (odds > np.log((1 - share) / share)) & (children.toarray() == 0)
    return csr_array(likely.astype(np.float32))


def least_squares(states: csr_array, values: csr_array) -> Array:
    """Weights of a real-valued layer: the G that makes values = states G most nearly.

    Args:
        states: of (samples, hidden units).
        values: of (samples, units).

    Returns:
        of (hidden units, units); 0 where a hidden unit is never on.
    """
    from scipy.linalg import solve

    gram = (states.T @ states).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += 1e-6 * max(states.shape[0], 1)
    moments = (states.T @ values).toarray().astype(np.float64)
    weights: Array = solve(gram, moments, assume_a="pos")
    return weights


def support(weights: Array) -> Array:
    """Which weights are clearly not zero: a mask of the same shape.

    Most of a column's weights are zero but for estimation, so their spread is that of the middle
    of the column (the median absolute deviation). The cut is a fixed number of such deviations.
    """
    centre = np.median(weights, axis=0)
    spread = 1.4826 * np.median(np.abs(weights - centre), axis=0)
    found: Array = np.abs(weights) > np.maximum(_SPREAD * spread, 1e-3)
    return found


def weights_on(states: csr_array, values: csr_array, chosen: Array) -> csr_array:
    """Least squares for each unit on its own parents alone.

    Args:
        states: of (samples, hidden units).
        values: of (samples, units).
        chosen: mask of (hidden units, units).

    Returns:
        of (hidden units, units).
    """
    from scipy.sparse import coo_array

    gram = (states.T @ states).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += 1e-6 * max(states.shape[0], 1)
    moments = (states.T @ values).toarray().astype(np.float64)
    parents = [np.flatnonzero(column) for column in chosen.T]
    weights = [
        np.linalg.solve(gram[np.ix_(of, of)], moments[of, unit]) for unit, of in enumerate(parents)
    ]
    units = np.repeat(np.arange(len(parents)), [len(of) for of in parents])
    places = np.concatenate([*parents, np.zeros(0, int)]), units
    return coo_array((np.concatenate([*weights, np.zeros(0)]), places), shape=chosen.shape).tocsr()
