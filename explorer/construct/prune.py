"""Which of the sets that were found are hidden units: doubles, supersets and echoes go."""

from __future__ import annotations

import numpy as np

from explorer.construct.encode import Observed, active_parents, encode
from explorer.construct.samples import Array, from_pairs, ones_in_common, ones_where, row_sizes
from explorer.construct.units import Units

_INSIDE = 0.8  # of the smaller set
_SMALLER = 0.75  # of the larger set
_COVERED = 0.6  # of a set, by its parts
_OFTENER = 1.5  # a part that is on so many times as often is no part of a hidden unit


def distinct(units: Units, *, double: float, weights: Array | float = 1.0) -> Units:
    """Of sets that are alike, the best: pure and large.

    Source: ours; see the module.

    Args:
        units: what to choose from.
        double: sets are alike that have so much of the larger in common.
        weights: of each; a set's score is multiplied by it.
    """
    order = np.argsort(-units.lifts * np.sqrt(units.sizes) * weights, kind="stable")
    common = (units.children @ units.children.T).tocsr()
    sizes, alive = units.sizes, np.ones(len(units), bool)
    kept = []
    for i in order:
        if alive[i]:
            kept.append(i)
            row = slice(common.indptr[i], common.indptr[i + 1])
            others = common.indices[row]
            larger = np.maximum(sizes[others], sizes[i])
            alive[others[common.data[row] >= double * larger]] = False
    return units.take(np.array(kept, int))


def without_supersets(units: Units) -> Units:
    """Without sets that are made up of clearly smaller ones which are on clearly more often.

    All grandchildren of a unit are on together, and so their set is a fixed point. But each of its
    parts, the children of one hidden unit, has other parents too and is on more often. (So are the
    few children that two hidden units share; but these do not make up either.)

    Source: ours; see the module.
    """
    common = (units.children @ units.children.T).tocoo()
    part, whole = common.row, common.col
    inside = common.data >= _INSIDE * units.sizes[part]
    smaller = units.sizes[part] <= _SMALLER * units.sizes[whole]
    oftener = units.rates[part] > _OFTENER * units.rates[whole]
    parts = inside & smaller & oftener
    made = from_pairs(whole[parts], part[parts], (len(units), len(units)))
    covered = (made @ units.children).tocsr() * units.children
    return units.take(row_sizes(covered) < _COVERED * units.sizes)


def supported(units: Units, observed: Observed, least: float) -> Units:
    """Without echoes: hidden units whose support is small.

    Echoes lend each other support, and take it from true ones; so the worst go first, and the rest
    are looked at again.

    Source: ours; see the module.
    """
    shares = support(units, observed)
    worst = shares < least / 2
    if worst.any():
        units = units.take(~worst)
        shares = support(units, observed)
    return units.take(shares >= least)


def support(units: Units, observed: Observed) -> Array:
    """The share of the ones of each hidden unit's children that nothing else explains.

    Looked at are samples in which it is on; a one is explained by any other active parent.

    Returns:
        of (hidden units,), in [0, 1].
    """
    states = encode(units, observed)
    counts = active_parents(states, units.children)
    lone = ones_where(counts, counts.data == 1)
    alone, every = (
        np.bincount(states.indices, ones_in_common(states, ones, units.children), len(units))
        for ones in (lone * observed.samples, observed.samples)
    )
    shares: Array = alone / np.maximum(every, 1)
    return shares
