"""Edges, once the hidden units are known: positive ones checked, negative ones, real weights.

Source: arXiv 1310.6343, the last steps of "Learning a single layer network" and, for the weights,
the section on the lowermost, real-valued layer. The paper learns a negative edge by exclusion; the
adaptive way also counts how often a unit is off that should be on.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from explorer.construct.encode import Observed, active_parents, encode
from explorer.construct.samples import (
    FEWEST,
    from_pairs,
    means,
    ones_where,
    row_sizes,
    rows_of,
    without,
)
from explorer.construct.thresholds import ADAPTIVE, Paper, Thresholds
from explorer.construct.units import Units

_KEPT, _NEW = 0.5, 0.75  # of a hidden unit's typical edge, for an edge to stay or to come in
_USUAL = 0.7  # of the median hidden unit's typical edge; no edge may be less typical
_TYPICAL = 0.8  # P(child on | hidden unit on), where there are too few samples to measure it
_ERROR = 0.02  # P(unit on | one positive and one negative parent): states are not quite right
_MOST = 0.5  # of all pairs may be negative edges beforehand
_PASSES = 3  # of negative edges, each knowing those of the one before
_RIDGE = 1e-6  # samples, so that states that are never on or always equal can be solved for


def checked(units: Units, observed: Observed) -> Units:
    """Units with every positive edge looked at where nothing else explains the child.

    Among the samples in which a hidden unit is on and no other known parent of a unit is, a child
    is nearly always on and another unit nearly never.

    Source: ours, with the samples of a single active parent of the paper's last step.
    """
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
    judged = chances >= FEWEST
    known = np.where(ours & judged, share, np.nan)
    typical = np.full(len(units), _TYPICAL)
    some = ~np.isnan(known).all(axis=1)
    typical[some] = np.nanmedian(known[some], axis=1)
    typical = np.maximum(typical, _USUAL * np.median(typical))  # an echo has no typical edge
    needed = np.where(ours, _KEPT, _NEW) * typical[:, None]
    children = np.where(judged, share >= needed, ours)
    return Units(csr_array(children.astype(np.float32)), units.thresholds, units.rates, units.lifts)


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

    Source: arXiv 1310.6343, "Learning a single layer network", its last step.

    Args:
        states: hidden states, of (samples, hidden units).
        children: positive edges, of (hidden units, units).
        samples: of (samples, units).
        thresholds: the paper's way or the adaptive one.

    Returns:
        0/1 matrix of (hidden units, units).
    """
    if not children.nnz:
        return children
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
    turned = states.T.tocsr()
    chances = (turned @ lone).toarray()
    on = (turned @ (samples * lone).tocsr()).toarray()
    left = (chances >= FEWEST) & (on == 0) & (children.toarray() == 0)
    return csr_array(left.astype(np.float32))


def _likely(
    states: csr_array,
    children: csr_array,
    samples: csr_array,
    lone: csr_array,
    known: csr_array,
) -> csr_array:
    """Pairs more likely negative than not, by samples that known negative edges do not explain."""
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
    share = min(children.nnz / (children.shape[0] * children.shape[1]), _MOST)
    likely = (odds > np.log((1 - share) / share)) & (children.toarray() == 0)
    return csr_array(likely.astype(np.float32))


def least_squares(states: csr_array, values: csr_array, edges: csr_array) -> csr_array:
    """Weights of a real-valued layer: values = states G, each unit on its own parents alone.

    Source: arXiv 1310.6343, the section on the lowermost, real-valued layer.

    Args:
        states: of (samples, hidden units).
        values: of (samples, units).
        edges: the support of G, of (hidden units, units).

    Returns:
        G, of (hidden units, units).
    """
    states = states.astype(np.float64)
    gram = (states.T @ states).toarray()
    gram[np.diag_indices_from(gram)] += _RIDGE
    moments = (states.T @ values).tocsc()
    by_unit = edges.T.tocsr()
    parents = np.split(by_unit.indices, by_unit.indptr[1:-1])
    weights = [
        np.linalg.solve(gram[np.ix_(of, of)], moments[:, [unit]].toarray()[of, 0])
        for unit, of in enumerate(parents)
    ]
    places = by_unit.indices, rows_of(by_unit)
    return coo_array((np.concatenate(weights), places), shape=edges.shape).tocsr()
