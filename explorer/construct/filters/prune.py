"""Which of the filters that were found are there: doubles and echoes go.

The convolutional sister of ``construct.prune``.
"""

from __future__ import annotations

import numpy as np

from explorer.construct.filters.bank import Bank, overlaps
from explorer.construct.filters.decode import candidates, decode
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

    Echoes lend each other support, and take it from true ones; so of those that have too little the
    worst quarter goes, and the rest are looked at again.

    Args:
        bank: what to choose from.
        maps: what is to be explained.
        least: see ``support``.
        known: so many filters at the beginning stay in any case.
    """
    while len(bank) > known:
        shares = support(bank, maps)
        shares[:known] = 1
        weak = int((shares < least).sum())
        if not weak:
            break
        bank = bank.take(np.sort(np.argsort(shares, kind="stable")[-(-weak // 4) :]))
    return bank


def support(bank: Bank, maps: Maps) -> Array:
    """How far each filter is needed, in [0, 1]; of (filters,).

    The share of its units' ones, at all places at which it may be on, that decoding leaves to it
    alone. Of two filters that share all units but one it is about half. Remnants of a filter that
    make a template of their own are explained by the whole, and have next to none.
    """
    states, places = decode(bank, maps), candidates(bank, maps)
    alone = with_margin((drawn(states, bank.templates) == 1) & maps.inner, maps.reach)
    shares = np.zeros(len(bank))
    for number, template in enumerate(bank.templates):
        every = units_at(maps, np.argwhere(places[number]), template).sum()
        ours = units_at(alone, np.argwhere(states[number]), template).sum()
        shares[number] = ours / max(every, 1)
    return shares
