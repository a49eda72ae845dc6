"""Edges of filters: positive ones checked, negative ones, real weights.

The convolutional sister of ``construct.edges``. Everything is judged at units that have exactly one
positive parent on, or none; counts are summed over all places at which a filter is on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from explorer.construct.filters.bank import Bank, centred
from explorer.construct.filters.decode import decode
from explorer.construct.filters.shifts import Maps, around, drawn, with_margin
from explorer.construct.samples import Array

_FEWEST = 3  # places that an edge is judged by
_KEPT, _NEW = 0.5, 0.75  # of a filter's typical edge, for an edge to stay or to come in
_ERROR = 0.1  # P(unit on | one positive and one negative parent): states are not quite right
_PASSES = 3  # of negative edges, each knowing those of the one before


class _Masked(NamedTuple):
    """Units that something is judged by, and which of them are on."""

    chances: Maps
    on: Maps

    def around(self, places: Array) -> tuple[Array, Array]:
        """Both, counted around places; of (channels, 2 reach + 1, 2 reach + 1)."""
        return around(self.chances, places), around(self.on, places)


def _masked(mask: Array, maps: Maps) -> _Masked:
    return _Masked(with_margin(mask, maps.reach), with_margin(mask & maps.inner, maps.reach))


def checked(bank: Bank, maps: Maps) -> Bank:
    """Filters with every positive edge looked at where nothing else explains the unit.

    Where a filter is on, its own units without another parent are nearly always on, and others
    without any parent nearly never.
    """
    if not len(bank):
        return bank
    states = decode(bank, maps)
    counts = drawn(states, bank.templates)
    lone, idle = (_masked(counts == number, maps) for number in (1, 0))
    free = counts == 0
    stray = (maps.inner & free).sum() / max(free.sum(), 1)
    window = bank.templates.shape[-1]
    margin = maps.reach - window // 2
    templates = np.zeros_like(bank.templates)
    for number, state in enumerate(states):
        places = np.argwhere(state)
        ours = np.pad(bank.templates[number], ((0, 0), (margin, margin), (margin, margin)))
        own, others = lone.around(places), idle.around(places)
        chances, on = np.where(ours, own, others)
        share = on / np.maximum(chances, 1) - stray
        judged = chances >= _FEWEST
        typical = np.median(share[ours & judged]) if (ours & judged).any() else 0.0
        needed = np.where(ours, _KEPT, _NEW) * typical
        kept = np.where(judged, share >= needed, ours)
        templates[number] = centred(kept * np.maximum(share, 1e-9), window) > 0
    return replace(bank, templates=templates)


def negative_units(states: Array, templates: Array, maps: Maps) -> Array:
    """Which filters switch which units around them off.

    Looked at are units with exactly one positive parent on, so that they should be on. Filters are
    told by the log odds of how often they were on and off all the same; the odds beforehand are
    those of a positive unit.

    Returns:
        bool, of the templates' shape.
    """
    found = np.zeros_like(templates)
    if not len(templates):
        return found
    lone = drawn(states, templates) == 1
    likely = np.log((~templates).sum() / max(templates.sum(), 1))
    window = _middle(maps.reach, templates.shape[-1])
    for _ in range(_PASSES):
        against = drawn(states, found)
        free, single = (_masked(lone & (against == number), maps) for number in (0, 1))
        trials = free.chances.inner.sum(axis=(0, 2, 3)) + 2
        failing = 1 - (free.on.inner.sum(axis=(0, 2, 3)) + 1) / trials
        each_off, each_on = np.log((1 - _ERROR) / failing), np.log(_ERROR / (1 - failing))
        known, found = found, np.zeros_like(found)
        for number, state in enumerate(states):
            places = np.argwhere(state)
            alone, beside = (np.array(seen.around(places))[window] for seen in (free, single))
            chances, on = np.where(known[number], beside, alone)
            odds = (chances - on) * each_off[:, None, None] + on * each_on[:, None, None]
            found[number] = (odds > likely) & ~templates[number]
    return found


def measured_weights(
    values: Array, on: Array, states: Array, templates: Array, reach: int
) -> Array:
    """Mean values of the units of filters where they are on and no other filter is that has them.

    Args:
        values: maps of (images, channels, height, width).
        on: which units of them are on.
        states: of (filters, images, height, width).
        templates: units of both signs, bool of (filters, channels, window, window).
        reach: of the patches; at least half the window.

    Returns:
        float32, of the templates' shape; 0 beside the templates.
    """
    found = np.zeros(templates.shape, np.float32)
    lone = (drawn(states, templates) == 1) & on
    chances, sums = with_margin(lone, reach), with_margin(np.where(lone, values, 0), reach)
    window = _middle(reach, templates.shape[-1])
    for number, state in enumerate(states):
        places = np.argwhere(state)
        mean = around(sums, places) / np.maximum(around(chances, places), 1)
        found[number] = np.where(templates[number], mean[window], 0)
    return found


def _middle(reach: int, window: int) -> tuple[Any, ...]:
    """Where a window lies in a patch."""
    margin = reach - window // 2
    return ..., slice(margin, margin + window), slice(margin, margin + window)
