"""Rounds of seeds: pairs that no hidden unit found so far explains lead to the next ones.

Source: the graph recovery of arXiv 1310.6343 takes an unmarked edge, finds a hidden unit, marks its
edges and goes on; so do we, with several hundred edges at once.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from explorer.construct.correlate import Pairs, linked_pairs, pair_counts
from explorer.construct.encode import Observed
from explorer.construct.grow import grow
from explorer.construct.prune import distinct
from explorer.construct.samples import Array, row_sizes
from explorer.construct.thresholds import Adaptive
from explorer.construct.units import Units, no_units

_ROUNDS = 10
_RANK = 10  # of a unit's pairs: its excess stands for the strongest ones
_MODE = 0.5  # of that excess; cousins have one k-th of it
_NEWS = 0.005  # of the units; a round that finds fewer new ones is the last
_DOUBLE = 0.5  # as ``Adaptive.double``, but lower: these sets are not fitted yet
_OFTEN = 2  # times the co-occurrence that a hidden unit explains: then there is another
_SURE = 4  # standard deviations of a count


def seek(observed: Observed, rules: Adaptive, rng: np.random.Generator, smallest: int = 3) -> Units:
    """Hidden units with so many positive children or more.

    Seeds are the strongest pairs of their units. In a deeper network a hidden unit's parent looks
    like a hidden unit, too, since its grandchildren are on together; but these cousins are so more
    rarely than siblings. Sets of cousins may still come out, see ``without_supersets``.

    Source: arXiv 1310.6343, "Learning a single layer network", step 2.
    """
    linked = linked_pairs(pair_counts(observed.samples), rules)
    pairs = linked.take(_strong(linked, observed.units))
    left, untried = np.ones(len(pairs), bool), np.ones(len(pairs), bool)
    units = no_units(observed.units)
    for number in range(_ROUNDS):
        seeds = _seeds(pairs, np.flatnonzero(left), observed.units, rng)
        if not len(seeds):
            break
        untried[seeds] = False
        before = len(units)
        units = _pure(units.join(grow(observed, pairs.take(seeds), rules, rng)), rules, smallest)
        left = untried & ~_explained(pairs, units, observed.number)
        if number and len(units) - before <= _NEWS * before:
            break
    return units


def _strong(pairs: Pairs, units: int) -> Array:
    """Which pairs are among the strongest of one of their units, or nearly as strong."""
    ends = np.concatenate([pairs.first, pairs.second])
    excess = np.concatenate([pairs.excess, pairs.excess])
    order = np.lexsort((-excess, ends))
    number = np.bincount(ends, minlength=units)
    rank = np.minimum(number, _RANK) - 1
    some = np.flatnonzero(number)
    typical = np.zeros(units)
    typical[some] = excess[order][(np.cumsum(number) - number + rank)[some]]
    strong: Array = pairs.excess >= _MODE * np.minimum(typical[pairs.first], typical[pairs.second])
    return strong


def _seeds(pairs: Pairs, left: Array, most: int, rng: np.random.Generator) -> Array:
    """For every unit one of the pairs that are left, at random."""
    order = rng.permutation(left)
    firsts = [np.unique(ends[order], return_index=True)[1] for ends in (pairs.first, pairs.second)]
    return order[np.unique(np.concatenate(firsts))][:most]


def _pure(units: Units, rules: Adaptive, smallest: int) -> Units:
    """Without small sets, mixtures and doubles."""
    units = units.take(units.sizes >= smallest)
    if not len(units):
        return units
    large = units.sizes > np.median(units.sizes)
    least = np.where(large, rules.purity_large, rules.purity) * np.median(units.lifts)
    return distinct(units.take(units.lifts >= least), double=_DOUBLE)


def _explained(pairs: Pairs, units: Units, samples: int) -> Array:
    """Which pairs are on together about as often as a single hidden unit makes them.

    A single one, since all parents of a hidden unit together explain its children as well as it.
    """
    alike = samples * _strongest(pairs, units)
    found: Array = pairs.excess <= _OFTEN * alike + _SURE * np.sqrt(pairs.both)
    return found


def _strongest(pairs: Pairs, units: Units) -> Array:
    """The largest probability of both being on that one of the hidden units gives each pair."""
    strongest = np.zeros(len(pairs))
    wide = np.int64(units.children.shape[1])
    keys = pairs.first.astype(np.int64) * wide + pairs.second  # sorted, as the pairs are
    together = units.rates * units.lifts**2
    sizes = units.sizes
    for size in np.unique(sizes[sizes > 1]):
        alike = np.flatnonzero(sizes == size)
        children = _listed(units.children, alike, int(size))
        a, b = np.triu_indices(size, 1)
        names = (children[:, a] * wide + children[:, b]).ravel()
        places = np.minimum(np.searchsorted(keys, names), len(keys) - 1)
        hit = keys[places] == names
        np.maximum.at(strongest, places[hit], np.repeat(together[alike], len(a))[hit])
    return strongest


def _listed(children: csr_array, chosen: Array, size: int) -> Array:
    """Children of hidden units that all have so many, sorted; of (hidden units, size)."""
    part = children[chosen]
    assert (row_sizes(part) == size).all()
    return np.sort(part.indices.reshape(-1, size), axis=1).astype(np.int64)
