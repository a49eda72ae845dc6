"""From a pair of units to a hidden unit: triples choose its first children, then a fixed point.

Source: the triples are the paper's test of three (arXiv 1310.6343); that the set and the samples
in which it is on determine each other is its denoising autoencoder, run until nothing changes.

1. Samples in which both units of a pair are on: who else is on in most of them?
2. Samples in which enough of this set is on: who is on in most of them? And so on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack

from explorer.construct.correlate import Pairs
from explorer.construct.encode import Observed, counted, events
from explorer.construct.samples import (
    FEWEST,
    Array,
    ones_where,
    row_sizes,
    row_sums,
    rows_of,
    values_at,
)
from explorer.construct.thresholds import Adaptive, bayes_threshold
from explorer.construct.units import Units, no_units

_STEPS = 4  # of the fixed point; most sets need two
_SIGNAL = 0.8  # P(child on | hidden unit on), until it is measured
_SURE = 3  # standard deviations of a count
_ROUNDING = 1e-9  # of a sum of keys; different sets hardly ever have sums as close


class _Sets(NamedTuple):
    """Sets of units on their way to a fixed point, with what thresholds need."""

    children: csr_array
    noise: Array
    signal: Array
    rates: Array

    def take(self, chosen: Array) -> _Sets:
        return _Sets(*(part[chosen] for part in self))

    @property
    def thresholds(self) -> Array:
        return bayes_threshold(row_sizes(self.children), self.noise, self.signal, self.rates)


def grow(observed: Observed, pairs: Pairs, rules: Adaptive, rng: np.random.Generator) -> Units:
    """The sets that these pairs lead to, each once; of no certain order.

    A pair may lead to the children of one hidden unit, to those of several, or to nothing.

    Source: arXiv 1310.6343, the test of three of "Learning a single layer network", and "Each
    layer is a denoising autoencoder".
    """
    if not len(pairs):
        return no_units(observed.units)
    keys = rng.random(observed.units)  # a set's sum of keys is its name
    grown = _settle(observed, _extend(observed, pairs, rules), rules, keys)
    lifts = _lifts_alone(observed, grown)
    kept = lifts >= rules.alone * _levels(grown.children, lifts)[rows_of(grown.children)]
    children = ones_where(grown.children, kept)
    sizes = row_sizes(children)
    mean = row_sums(children, lifts[kept]) / np.maximum(sizes, 1)
    return Units(children, np.minimum(grown.thresholds, sizes), grown.rates, mean)


def _extend(observed: Observed, pairs: Pairs, rules: Adaptive) -> _Sets:
    """Pairs and the units that are on in most of the samples in which both are."""
    turned, number = observed.turned, len(pairs)
    chosen = turned[pairs.first].multiply(turned[pairs.second]).tocsr()
    together = (chosen @ observed.samples).tocsr()
    rows = rows_of(together)
    of = np.maximum(row_sizes(chosen), 1)[rows]
    chance = of * observed.means[together.indices]
    seed = (together.indices == pairs.first[rows]) | (together.indices == pairs.second[rows])
    lifts = (together.data - chance) / of
    level = np.zeros(number)
    np.maximum.at(level, rows, np.where(seed, 0, lifts))
    sure = (together.data >= FEWEST) & (together.data - chance > _SURE * np.sqrt(chance))
    children = ones_where(together, seed | (sure & (lifts >= rules.first * level[rows])))
    noise = (children @ observed.means) / row_sizes(children)
    rates = pairs.excess / observed.number / _SIGNAL**2
    return _Sets(children, noise, np.full(number, _SIGNAL), rates)


def _settle(observed: Observed, sets: _Sets, rules: Adaptive, keys: Array) -> _Sets:
    """Steps until nothing changes; equal sets go on as one."""
    settled = []
    for _ in range(_STEPS):
        names, first = _named(sets.children, keys)
        sets = sets.take(first)
        after = _step(observed, sets, rules)
        same = np.isclose(after.children @ keys, names, rtol=0, atol=_ROUNDING)
        settled.append(_Sets(*sets[:3], after.rates).take(same))
        sets = after.take(~same & (row_sizes(after.children) > 1))
        if not sets.children.shape[0]:
            break
    found = _joined([*settled, sets])
    return found.take(_named(found.children, keys)[1])


def _named(children: csr_array, keys: Array) -> tuple[Array, Array]:
    """The different sets: names, and where each is first."""
    rounded = np.round(children @ keys / _ROUNDING)
    names, first = np.unique(rounded, return_index=True)
    return names * _ROUNDING, first


def _step(observed: Observed, sets: _Sets, rules: Adaptive) -> _Sets:
    """The units that are on in most of the samples in which a set is."""
    together, on = _responses(observed, sets.children, sets.thresholds)
    rows = rows_of(together)
    signal = together.data / np.maximum(on, 1)[rows]
    lifts = signal - observed.means[together.indices]
    level = _levels(*_within(together, lifts, sets.children))
    kept = (together.data >= FEWEST) & (lifts >= rules.cut * level[rows])
    children = ones_where(together, kept)
    sizes = np.maximum(row_sizes(children), 1)
    noise = (children @ observed.means) / sizes
    return _Sets(children, noise, row_sums(children, signal[kept]) / sizes, on / observed.number)


def _responses(
    observed: Observed, children: csr_array, thresholds: Array
) -> tuple[csr_array, Array]:
    """How often every unit is on in the samples of each set, and how many samples that are."""
    together, on = [], []
    for part, counts in counted(children, observed):
        chosen = events(counts, thresholds[part])
        together.append((chosen @ observed.samples).tocsr())
        on.append(row_sizes(chosen))
    return vstack(together).tocsr(), np.concatenate(on)


def _within(together: csr_array, values: Array, children: csr_array) -> tuple[csr_array, Array]:
    """Values beside stored ones, for the children alone."""
    valued = csr_array((values, together.indices, together.indptr), shape=together.shape)
    both = (valued * children).tocsr()
    return both, both.data


def _levels(children: csr_array, lifts: Array) -> Array:
    """Mean lift of every set's children, weighted by itself, so that a few wrong ones do little."""
    total = np.maximum(row_sums(children, np.maximum(lifts, 0)), 1e-9)
    return row_sums(children, np.maximum(lifts, 0) ** 2) / total


def _lifts_alone(observed: Observed, sets: _Sets) -> Array:
    """The lift of every child in the samples that the other children choose.

    A set of three true children and two strangers is on, by a threshold of four, where a stranger
    is. So the threshold for the others is that of a set with one child less.

    Returns:
        beside the stored ones of the children.
    """
    children, rows = sets.children, rows_of(sets.children)
    sizes = np.maximum(row_sizes(children) - 1, 1)
    noise = (children @ observed.means) / row_sizes(children)
    signal = np.full(len(sizes), _SIGNAL)
    fewer = np.minimum(bayes_threshold(sizes, noise, signal, sets.rates), sizes)
    high, _ = _responses(observed, children, fewer + 1)
    low, number = _responses(observed, children, fewer)
    on = values_at(children, high)
    off = number[rows] - values_at(children, low)
    lifts: Array = on / np.maximum(on + off, 1) - observed.means[children.indices]
    return lifts


def _joined(parts: Iterable[_Sets]) -> _Sets:
    children, *rest = zip(*parts, strict=True)
    return _Sets(vstack(children).tocsr(), *(np.concatenate(part) for part in rest))
