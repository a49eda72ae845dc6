"""A network from its samples: one layer, then the one above it from the states of the first.

Source: arXiv 1310.6343, "Learning a single layer network" and its recursion over layers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack

from explorer.construct.communities import communities
from explorer.construct.correlate import linked_pairs, pair_counts
from explorer.construct.edges import checked, least_squares, negative_edges
from explorer.construct.encode import Observed, active_parents, decode, encode, observe, refit
from explorer.construct.model import Bottom, must_be_of
from explorer.construct.prune import distinct, support, supported, without_supersets
from explorer.construct.samples import boolean_samples, ones_where, real_samples, without
from explorer.construct.seek import seek
from explorer.construct.thresholds import ADAPTIVE, Adaptive, Paper, Thresholds
from explorer.construct.units import Units
from explorer.errors import DataError, ExplorerError

_RESIDUES = 2  # times that what is unexplained is searched again


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that was found.

    Attributes:
        weights: of (units beneath, hidden units); +1 and -1, or real under a real-valued bottom.
        units: the hidden units' positive children and thresholds: the encoder.
        states: of (samples, hidden units).
    """

    weights: csr_array
    units: Units
    states: csr_array


def positive_edges(observed: Observed, thresholds: Thresholds, rng: np.random.Generator) -> Units:
    """The hidden units of one layer with their positive children.

    Source: arXiv 1310.6343, "Learning a single layer network", steps 1 and 2.
    """
    if isinstance(thresholds, Paper):
        pairs = linked_pairs(pair_counts(observed.samples), thresholds)
        return communities(pairs, observed.units, thresholds)
    units = without_supersets(seek(observed, thresholds, rng))
    for _ in range(_RESIDUES):
        units = _joined(units, _residue(units, observed, thresholds, rng), observed, thresholds)
    if not len(units):
        return units
    units = checked(units, observed)
    units = refit(units.take(units.sizes >= 2), observed)
    return refit(supported(units, observed, thresholds.support_last), observed)


def _residue(units: Units, observed: Observed, rules: Adaptive, rng: np.random.Generator) -> Units:
    """Hidden units in what those known leave unexplained, down to two children."""
    if not len(units):
        return seek(observed, rules, rng, smallest=2)
    explained = active_parents(encode(units, observed), units.children)
    rest = without(observed.samples, explained)
    return seek(observe(rest), rules, rng, smallest=2)


def _joined(units: Units, more: Units, observed: Observed, rules: Adaptive) -> Units:
    both = units.join(more)
    if not len(both):
        return both
    fitted = refit(without_supersets(both), observed)
    alone = support(fitted, observed)
    return supported(distinct(fitted, double=rules.double, weights=alone), observed, rules.support)


def _states(units: Units, observed: Observed, thresholds: Thresholds) -> csr_array:
    """By the paper's encoder, or by one that lets hidden units explain each other away."""
    if isinstance(thresholds, Paper):
        return encode(units, observed)
    return decode(units, observed)


def recover_layer(
    samples: object,
    *,
    thresholds: Thresholds = ADAPTIVE,
    seed: int = 0,
) -> Layer:
    """The layer over Boolean units.

    Source: arXiv 1310.6343, "Learning a single layer network".

    Args:
        samples: 0/1 array or scipy matrix of (samples, units).
        thresholds: ``ADAPTIVE`` estimates all that it needs from the samples; ``Paper(density,
            degree)`` uses the paper's constants, which need the model's numbers.
        seed: of the order in which pairs are looked at.

    Raises:
        DataError: no samples, no units, or values that are not 0 or 1.
    """
    observed = observe(boolean_samples(samples))
    units = positive_edges(observed, thresholds, np.random.default_rng(seed))
    states = _states(units, observed, thresholds)
    negative = negative_edges(states, units.children, observed.samples, thresholds)
    weights = (units.children - negative).T.tocsr()
    return Layer(weights, units, states)


def recover_real_layer(
    samples: object, *, thresholds: Thresholds = ADAPTIVE, seed: int = 0
) -> Layer:
    """The layer over real-valued units y = G h.

    Every real-valued unit is looked at as two Boolean ones, y > 0 and y < 0. Over those, negative
    edges are positive ones of the second kind, so the hidden units and all of their edges are found
    as over Boolean units. Weights are the least-squares solution on these edges.

    Source: arXiv 1310.6343, the section on the lowermost, real-valued layer.

    Args:
        samples: array or scipy matrix of (samples, units).
        thresholds: see ``recover_layer``.
        seed: of the order in which pairs are looked at.

    Returns:
        a layer whose ``units`` have children among the 2 * units halves, see ``halves``.

    Raises:
        DataError: no samples, no units, or values that are not finite.
    """
    values = real_samples(samples)
    observed = observe(halves(values))
    rules = thresholds.of_halves() if isinstance(thresholds, Paper) else thresholds
    units = positive_edges(observed, rules, np.random.default_rng(seed))
    states = _states(units, observed, rules)
    width = values.shape[1]
    edges = (units.children[:, :width] + units.children[:, width:]).tocsr()
    return Layer(least_squares(states, values, edges).T.tocsr(), units, states)


def halves(values: csr_array) -> csr_array:
    """Every real-valued unit as two Boolean ones: 1[y > 0] of all units, then 1[y < 0]."""
    parts = [ones_where(values, values.data > 0), ones_where(values, values.data < 0)]
    return hstack(parts).tocsr()


def recover_network(
    samples: object,
    layers: int,
    *,
    bottom: Bottom = "boolean",
    thresholds: Thresholds = ADAPTIVE,
    seed: int = 0,
) -> list[Layer]:
    """Layers from the bottom up, each from the states of the one before.

    Source: arXiv 1310.6343, its recursion over layers.

    Args:
        samples: of (samples, units).
        layers: how many hidden layers to look for. Nothing in the samples says where to stop:
            the top layer's states are independent, so one layer too many has few or no units.
        bottom: "boolean" or "real".
        thresholds: see ``recover_layer``; the density of ``Paper`` is that of the top layer.
        seed: of the order in which pairs are looked at.

    Raises:
        DataError: see ``recover_layer``; or a layer without any hidden unit, over which there can
            be no other.
    """
    if layers < 1:
        raise ExplorerError(f"layers is {layers}, must be at least 1")
    must_be_of("bottom", bottom, Bottom)
    found: list[Layer] = []
    for number in range(layers):
        rules = thresholds
        if isinstance(thresholds, Paper):
            rules = thresholds.beneath(layers - 1 - number)
        if not found:
            first = recover_real_layer if bottom == "real" else recover_layer
            found.append(first(samples, thresholds=rules, seed=seed))
        elif len(found[-1].units):
            found.append(recover_layer(found[-1].states, thresholds=rules, seed=seed))
        else:
            raise DataError(f"layer {number} of {layers}: no hidden units were found")
    return found
