"""From a pair of units to a filter: the fixed point of ``construct.grow`` at all positions.

1. Places at which both units of a pair are on: what else is on around most of them?
2. Places at which enough of this template is on: what is on around most of them? And so on. The
   patch around a place reaches so far that no template of the window's size is cut off, so shifts
   of one template need not be put together afterwards.
3. Where two filters share all units but one, what they share is a fixed point, too, and draws both
   into it. A pair that is lost on the way leads to the template that it began with.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.construct.filters.bank import Bank, centred, no_filters
from explorer.construct.filters.shifts import Maps, around, scores, units_at, units_of
from explorer.construct.samples import Array
from explorer.construct.thresholds import Adaptive, bayes_threshold

_STEPS = 6  # of the fixed point; most templates need two
_SIGNAL = 0.8  # P(unit on | filter on), until it is measured
_FEWEST = 3  # places at which a unit must be on
_SURE = 3  # standard deviations of a count
_LEAST = 1e-9  # of a unit of a template, so that it is not lost
_MORE = 2  # units that a pair may take into its seed
_CLEAR = 0.6  # lift of another unit from which on a seed belongs to one filter
_FEW = 60  # places of a seed; fewer are not divided any more
_PLACES = 4_000  # that are looked at; of more, random ones


class _Fit(NamedTuple):
    """A template with what its threshold is made of."""

    template: Array
    noise: float
    signal: float
    rate: float

    @property
    def size(self) -> int:
        return int(self.template.sum())

    def threshold(self, without: int = 0) -> int:
        """By Bayes' rule, for so many units less."""
        size = np.array([max(self.size - without, 1)])
        values = (np.array([value]) for value in (self.noise, self.signal, self.rate))
        return int(bayes_threshold(size, *values)[0])


def grow(
    maps: Maps,
    means: Array,
    pair: tuple[int, int, int, int],
    window: int,
    rules: Adaptive,
    rng: np.random.Generator,
) -> Bank:
    """The filter that a pair leads to, or none.

    Args:
        maps: with a reach of window - 1.
        means: of the channels.
        pair: channel, other channel, and its offset dy and dx.
        window: side of the template.
        rules: cuts.
        rng: decides which places are looked at.
    """
    first = fit = _extended(maps, means, pair, window, rules, rng)
    for _ in range(_STEPS):
        if fit.size < 2:
            break
        before, fit = fit, _step(maps, means, fit, rules, rng)
        if np.array_equal(before.template, fit.template):
            break
    if not _holds(fit.template, pair) and first.size > 2:
        return _bank(first.template, first.size, first.rate, first.signal - first.noise)
    return _alone(maps, means, fit, rules, rng)


def _holds(template: Array, pair: tuple[int, int, int, int]) -> bool:
    """Whether a pair is in a template, wherever that is."""
    first, second, dy, dx = pair
    window = template.shape[-1]
    moved = np.pad(template[second], window)[window + dy :, window + dx :][:window, :window]
    return bool((template[first] & moved).any())


def _bank(template: Array, threshold: int, rate: float, lift: float) -> Bank:
    """A single filter."""
    return Bank(template[None], *(np.array([value]) for value in (threshold, rate, lift)))


def _extended(
    maps: Maps,
    means: Array,
    pair: tuple[int, int, int, int],
    window: int,
    rules: Adaptive,
    rng: np.random.Generator,
) -> _Fit:
    """A pair and the units that are on around most of its places.

    A pair may belong to several filters, or twice to one: then nothing is on around most of its
    places. The unit that is on around the largest part of them is taken into the seed, and looked
    at are the places of all three, or four.
    """
    first, second, dy, dx = pair
    reach = maps.reach
    seed = np.zeros((maps.channels, 2 * reach + 1, 2 * reach + 1), bool)
    seed[first, reach, reach] = seed[second, reach + dy, reach + dx] = True
    near = _near(maps, means, seed, rng)
    for _ in range(_MORE):
        others = np.where(seed, 0, near.lifts)
        if others.max() >= _CLEAR or near.looked_at < _FEW:
            break
        seed[np.unravel_index(np.argmax(others), seed.shape)] = True
        near = _near(maps, means, seed, rng)
    level = near.lifts[~seed].max(initial=0)
    kept = seed | (near.sure & (near.lifts >= rules.first * level))
    template = centred(np.where(kept, np.maximum(near.lifts, _LEAST), 0), window) > 0
    by_chance = maps.positions * float(np.prod(means[np.nonzero(seed)[0]]))
    rate = max(near.number - by_chance, 1) / maps.positions / _SIGNAL ** seed.sum()
    return _Fit(template, _noise(template, means), _SIGNAL, min(rate, 0.5))


class _Near(NamedTuple):
    """What is on around the places of a seed.

    Attributes:
        number: of places.
        looked_at: so many of them.
        lifts: how much more often than by chance each unit is on, of the patch's shape.
        sure: where that is no accident.
    """

    number: int
    looked_at: int
    lifts: Array
    sure: Array


def _near(maps: Maps, means: Array, seed: Array, rng: np.random.Generator) -> _Near:
    places, number = _places(scores(maps, seed) == seed.sum(), rng)
    on = around(maps, places)
    chance = len(places) * means[:, None, None]
    sure = (on >= _FEWEST) & (on - chance > _SURE * np.sqrt(chance))
    return _Near(number, len(places), (on - chance) / max(len(places), 1), sure)


def _step(maps: Maps, means: Array, fit: _Fit, rules: Adaptive, rng: np.random.Generator) -> _Fit:
    """The units that are on around most of the places at which a template is."""
    window = fit.template.shape[-1]
    places, number = _places(scores(maps, fit.template) >= fit.threshold(), rng)
    on = around(maps, places)
    signal = on / max(len(places), 1)
    lifts = signal - means[:, None, None]
    margin = maps.reach - window // 2
    ours = np.pad(fit.template, ((0, 0), (margin, margin), (margin, margin)))
    kept = (on >= _FEWEST) & (lifts >= rules.cut * _level(lifts[ours]))
    values = centred(np.where(kept, np.maximum(lifts, 0), 0), window)
    template = values > 0
    noise = _noise(template, means)
    mean = float(values[template].mean()) if template.any() else 0.0
    return _Fit(template, noise, mean + noise, number / maps.positions)


def _alone(maps: Maps, means: Array, fit: _Fit, rules: Adaptive, rng: np.random.Generator) -> Bank:
    """A filter of the units that hold at the places which the other units choose."""
    if fit.size < 2:
        return no_filters(maps.channels, fit.template.shape[-1])
    fewer = fit.threshold(without=1)
    places, _ = _places(scores(maps, fit.template) >= fewer, rng)
    on = units_at(maps, places, fit.template)
    chosen = on.sum(axis=1)[:, None] - on >= fewer
    share = (on & chosen).sum(axis=0) / np.maximum(chosen.sum(axis=0), 1)
    lifts = share - means[units_of(fit.template)[:, 0]]
    kept = lifts >= rules.alone * _level(lifts)
    template = np.zeros_like(fit.template)
    template[tuple(np.argwhere(fit.template)[kept].T)] = True
    size = int(kept.sum())
    lift = float(lifts[kept].sum()) / max(size, 1)
    whole = centred(template, template.shape[-1])
    return _bank(whole, min(fit.threshold(), size), fit.rate, lift)


def _places(on: Array, rng: np.random.Generator) -> tuple[Array, int]:
    """Some of the places at which something is on, of (places, 3), and how many there are."""
    flat = np.flatnonzero(on)
    some = flat if len(flat) <= _PLACES else rng.choice(flat, _PLACES, replace=False)
    return np.stack(np.unravel_index(some, on.shape), axis=1), len(flat)


def _noise(template: Array, means: Array) -> float:
    """Mean over a template's units of how often they are on."""
    return float(means[np.nonzero(template)[0]].mean()) if template.any() else 0.0


def _level(lifts: Array) -> float:
    """Mean lift, weighted by itself, so that a few wrong units do little."""
    positive = np.maximum(lifts, 0)
    return float((positive**2).sum() / max(positive.sum(), 1e-9))
