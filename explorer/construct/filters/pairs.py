"""Which units are on together too often, at which distance: correlations that shifts do not change.

The correlation test of ``correlate`` for pairs (channel at p, other channel at p + offset), summed
over all p.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.construct.filters.bank import Bank, shifted
from explorer.construct.filters.shifts import Maps
from explorer.construct.samples import Array
from explorer.construct.thresholds import deviations

_HELD = 1 << 19  # coefficients of a transform that are held at once
_FEWEST = 3  # places at which a pair must be on
_SURE = 4  # standard deviations of a count
_LEFT = 0.3  # of a pair's excess; less is explained


class Pairs(NamedTuple):
    """Counts of all pairs, of (channels, channels, 2 reach + 1, 2 reach + 1).

    Attributes:
        both: places p with the first channel on at p and the second at p + offset.
        chance: how many there would be if they were independent.
    """

    both: Array
    chance: Array


def count_pairs(maps: Maps) -> Pairs:
    """Counts by Fourier transforms of a few images at a time."""
    images, height, width = maps.shape
    reach, channels = maps.reach, maps.channels
    size = height + reach, width + reach
    power = np.zeros((size[0] * (size[1] // 2 + 1), channels, channels), complex)
    step = max(1, _HELD // (channels * size[0] * size[1]))
    for start in range(0, images, step):
        waves = np.fft.rfft2(maps.inner[start : start + step], size)
        by_wave = np.moveaxis(waves.reshape(*waves.shape[:2], -1), 2, 0)
        power += by_wave.conj().transpose(0, 2, 1) @ by_wave
    grid = power.transpose(1, 2, 0).reshape(channels, channels, size[0], -1)
    offsets = np.arange(-reach, reach + 1)
    both = np.rint(np.fft.irfft2(grid, size))[:, :, offsets[:, None], offsets]
    means = maps.inner.mean(axis=(0, 2, 3))
    beside = (height - abs(offsets))[:, None] * (width - abs(offsets)) * images
    return Pairs(both, np.multiply.outer(np.outer(means, means), np.maximum(beside, 0)))


def unexplained(pairs: Pairs, bank: Bank, positions: int) -> Array:
    """The excess of the pairs that are linked and that no filter explains; 0 for all others.

    Each pair is there once: with an offset downwards, or else to the right, or else, at the same
    place, with channels in order.
    """
    excess = pairs.both - pairs.chance
    units = pairs.both[0, 0].size * len(pairs.both)
    linked = (excess > deviations(units) * np.sqrt(pairs.chance)) & (pairs.both >= _FEWEST)
    rest = excess - _explained(bank, positions, pairs.both.shape)
    needed = np.maximum(_SURE * np.sqrt(pairs.both), _LEFT * excess)
    found: Array = np.where(linked & (rest > needed) & _once(pairs.both.shape), rest, 0)
    return found


def _explained(bank: Bank, positions: int, shape: tuple[int, ...]) -> Array:
    """How often filters turn both units of a pair on."""
    found = np.zeros(shape)
    for template, rate, lift in zip(bank.templates, bank.rates, bank.lifts, strict=True):
        own = template.astype(np.float32)
        together = np.einsum("yxdij,cij->cdyx", shifted(own), own)
        found += positions * rate * lift**2 * together
    return found


def _once(shape: tuple[int, ...]) -> Array:
    channels, size = shape[0], shape[-1]
    place = np.arange(size * size).reshape(size, size) - size * size // 2
    order = np.arange(channels)
    later: Array = (place > 0) | (
        (place == 0) & (order[:, None, None, None] < order[:, None, None])
    )
    return later
