"""Which of the filters that were found are there: doubles and echoes go.

The convolutional sister of ``construct.prune``.
"""

from __future__ import annotations

import numpy as np

from explorer.construct.filters.bank import Bank, overlaps
from explorer.construct.filters.decode import decode, encode
from explorer.construct.filters.shifts import Maps, drawn, units_at, with_margin
from explorer.construct.samples import Array


def distinct(bank: Bank, double: float) -> Bank:
    """Of filters that are alike but for a shift, the best: pure and large.

    Args:
        bank: what to choose from.
        double: filters are alike that have so much of the larger in common.
    """
    order = np.argsort(-bank.lifts * np.sqrt(bank.sizes), kind="stable")
    alive = np.ones(len(bank), bool)
    kept = []
    for i in order:
        if alive[i]:
            kept.append(i)
            common = overlaps(bank.templates[i], bank.templates)
            alive[common >= double * np.maximum(bank.sizes, bank.sizes[i])] = False
    return bank.take(np.array(kept, int))


def supported(
    bank: Bank,
    maps: Maps,
    least: float,
    *,
    known: int = 0,
) -> Bank:
    """Without echoes: filters whose support is small.

    Echoes lend each other support, and take it from true ones; so the worst goes first, and the
    rest are looked at again.

    Args:
        bank: what to choose from.
        maps: what is to be explained.
        least: share of a filter's ones that nothing else explains.
        known: so many filters at the beginning stay in any case.
    """
    while len(bank) > known:
        shares = support(bank, maps)[known:]
        if shares.min() >= least:
            break
        bank = bank.take(np.arange(len(bank)) != known + np.argmin(shares))
    return bank


def support(bank: Bank, maps: Maps) -> Array:
    """The share of the ones of each filter's units that nothing else explains, of (filters,)."""
    states = encode(bank, maps)
    alone = with_margin((drawn(states, bank.templates) == 1) & maps.inner, maps.reach)
    shares = np.zeros(len(bank))
    for number, template in enumerate(bank.templates):
        places = np.argwhere(states[number])
        every = units_at(maps, places, template).sum()
        shares[number] = units_at(alone, places, template).sum() / max(every, 1)
    return shares


def credible(bank: Bank, maps: Maps, least: float) -> Bank:
    """Without filters that others explain away at most places where their threshold is reached.

    Remnants of filters make templates of their own that are on rarely; what lets them reach their
    threshold is nearly always something else.

    Args:
        bank: what to choose from.
        maps: what is to be explained.
        least: share of those places at which a filter must be on.
    """
    reached = encode(bank, maps).sum(axis=(1, 2, 3))
    return bank.take(decode(bank, maps).sum(axis=(1, 2, 3)) >= least * np.maximum(reached, 1))
