"""Where filters are on: by counting units, and with those that others explain taken away.

The convolutional sister of ``construct.encode``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.construct.filters.bank import Bank, extent_of
from explorer.construct.filters.shifts import Maps, drawn, scores, units_at, with_margin
from explorer.construct.samples import Array
from explorer.construct.thresholds import bayes_threshold

_STRAY = 1e-4  # of a layer's ones that nothing explains, at least


def encode(bank: Bank, maps: Maps) -> Array:
    """States by thresholds alone: bool of (filters, images, height, width)."""
    states = np.zeros((len(bank), *maps.shape), bool)
    for state, template, threshold in zip(states, bank.templates, bank.thresholds, strict=True):
        state[:] = scores(maps, template) >= threshold
    return states


def candidates(bank: Bank, maps: Maps) -> Array:
    """Where filters may be on: states by thresholds that leave room for one unit that is off.

    Noise or a negative unit may have put it out. So a threshold that wants all of a few units
    wants one less.
    """
    strict = (bank.thresholds == bank.sizes) & (bank.sizes > 2)
    return encode(replace(bank, thresholds=bank.thresholds - strict), maps)


def decode(bank: Bank, maps: Maps) -> Array:
    """Candidates without those that others explain away, of (filters, images, height, width).

    A unit that has another active parent says nothing of this one. A filter stays on at a place
    while the units that only it explains there outweigh those that are off. First those go that
    nothing speaks for, then those for which too little does.
    """
    states = candidates(bank, maps)
    rates = np.clip(bank.rates, 1e-6, 0.5)
    doubt = np.log((1 - rates) / rates)
    signal = np.clip(bank.lifts, 0.5, 0.98)
    for least in (-np.inf, 0.0, 0.0):
        counts = drawn(states, bank.templates)
        alone = with_margin((counts == 1) & maps.inner, maps.reach)
        stray = maps.inner[counts == 0].sum() / counts.size
        noise = np.clip(stray, _STRAY, 0.4)  # P(on) of a unit that has no active parent
        for number, template in enumerate(bank.templates):
            places = np.argwhere(states[number])
            sole = units_at(alone, places, template).sum(axis=1)
            off = bank.sizes[number] - units_at(maps, places, template).sum(axis=1)
            odds = sole * np.log(signal[number] / noise) + off * np.log(1 - signal[number])
            gone = (sole == 0) | (odds - doubt[number] <= least)
            states[number][tuple(places[gone].T)] = False
    return states


def refit(bank: Bank, maps: Maps, states: Array | None = None) -> Bank:
    """Thresholds, rates and lifts by the places at which filters are on now.

    Args:
        bank: filters.
        maps: what they are to explain.
        states: where they are on; without them, where their thresholds are reached.
    """
    means = maps.inner.mean(axis=(0, 2, 3))
    states = encode(bank, maps) if states is None else states
    signal, noise = np.zeros(len(bank)), np.zeros(len(bank))
    for number, template in enumerate(bank.templates):
        noise[number] = means[np.nonzero(template)[0]].mean()
        places = np.argwhere(states[number])
        if len(places):
            signal[number] = units_at(maps, places, template).mean()
    rates = states.mean(axis=(1, 2, 3))
    thresholds = bayes_threshold(np.maximum(bank.sizes, 1), noise, signal, rates)
    return Bank(bank.templates, thresholds, rates, signal - noise)


def rates_inside(states: Array, templates: Array) -> Array:
    """How often each filter is on, at the positions where its extent lies inside the image."""
    found = []
    for state, template in zip(states, templates, strict=True):
        radius = extent_of(template) // 2
        height, width = state.shape[1:]
        found.append(state[:, radius : height - radius, radius : width - radius].mean())
    return np.array(found)
