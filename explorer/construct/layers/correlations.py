"""Translation-invariant correlations between the channels of feature maps.

What Arora et al. (arXiv 1310.6343) ask of a layer's units, which correlate, is asked here of
channels and shifts: a convolution treats all places alike, so all places are samples. Two units of
one 5x5 kernel are up to 4 places apart, so the window of shifts reaches 4 to each side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import DataError

Array = NDArray[Any]
Shift = tuple[int, ...]

REACH = 4  # places to each side: what two units of a 5x5 kernel may be apart
_CHUNK = 2**22  # values that are transformed at once
_SIDE = 32  # places of an axis that are looked at: a middle part of larger maps
_DEAD = 1e-6  # of the largest deviation: a channel that varies less is constant


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlation of channel a at a place with channel b at that place plus a shift.

    Attributes:
        values: of (channels, channels, *window), the window being 2 * reach + 1 wide on each axis
            and shift 0 in its middle; an axis of length 1 has a window of 1.
        alive: of (channels,), whether a channel varies at all; others have correlations of 0.
        places: how many places were looked at.
    """

    values: Array
    alive: Array
    places: int

    @property
    def channels(self) -> int:
        return int(self.values.shape[0])

    @property
    def reach(self) -> Shift:
        """The largest shift on each axis."""
        return tuple(size // 2 for size in self.values.shape[2:])

    def at(self, shift: Shift) -> Array:
        """Of (channels, channels), at one shift."""
        place: Any = [s + r for s, r in zip(shift, self.reach, strict=True)]
        found: Array = self.values[(slice(None), slice(None), *place)]
        return found

    def strongest(self) -> Array:
        """Of (channels, channels): the largest |correlation| over all shifts."""
        flat = np.abs(self.values).reshape(self.channels, self.channels, -1).max(axis=2)
        found: Array = np.maximum(flat, flat.T)
        return found

    def patch(self, channels: Array, shifts: list[Shift]) -> Array:
        """Correlations of the units (shift, channel) of a patch, shifts first.

        Returns:
            of (units, units); symmetric, with ones on the diagonal, and positive semidefinite but
            for the noise of estimation.
        """
        picked = self.values[np.ix_(channels, channels)]
        apart = [[np.subtract(q, p) + self.reach for q in shifts] for p in shifts]
        blocks = [[picked[:, :, *place] for place in line] for line in apart]
        found = np.block(blocks)
        return (found + found.T) / 2


def correlations(maps: Array, reach: int = REACH) -> Correlations:
    """Correlations of feature maps, over all of their places.

    What every image has at a place is taken away first: correlation is what varies together.

    Memory beyond the maps is bounded: they are transformed a few at a time, and of maps larger than
    32 on an axis the middle is looked at.

    Args:
        maps: of (images, channels, *grid), the grid having one axis or two.
        reach: the largest shift on each axis.

    Raises:
        DataError: another number of axes, no images, values that are not finite, or no channel
            that varies.
    """
    if maps.ndim not in (3, 4) or not maps.size:
        raise DataError(f"maps have the shape {maps.shape}, must be (images, channels, *grid)")
    maps = _middle(maps)
    grid = maps.shape[2:]
    mean, deviation = _moments(maps)
    alive = deviation > _DEAD * deviation.max()
    if not np.isfinite(deviation).all():
        raise DataError("feature maps hold values that are not finite")
    if not alive.any():
        raise DataError("no channel of the feature maps varies")
    scale = np.where(alive, 1 / np.where(alive, deviation, 1), 0).astype(np.float32)
    scale = scale.reshape(-1, *(1 for _ in grid))
    # Zeros behind the map keep its two ends from meeting in the transform.
    reaches = tuple(min(reach, side - 1) for side in grid)
    padded = tuple(_even(side + r) for side, r in zip(grid, reaches, strict=True))
    axes = tuple(range(2, 2 + len(grid)))
    spectrum: Any = 0.0
    for chunk in _chunks(maps):
        waves = np.fft.rfftn((chunk - mean) * scale, padded, axes)  # (images, channels, *waves)
        waves = np.moveaxis(waves.reshape(*waves.shape[:2], -1), 2, 0).astype(np.complex64)
        spectrum = spectrum + np.conj(waves).transpose(0, 2, 1) @ waves
    channels = maps.shape[1]
    shape = (*padded[:-1], padded[-1] // 2 + 1)
    spectrum = np.moveaxis(spectrum, 0, 2).reshape(channels, channels, *shape)
    sums = np.fft.irfftn(spectrum, padded, axes)
    shifts = [np.arange(-r, r + 1) for r in reaches]
    window = sums[np.ix_(np.arange(channels), np.arange(channels), *shifts)]
    pairs = [side - np.abs(s) for side, s in zip(grid, shifts, strict=True)]
    number = len(maps) * reduce(np.multiply.outer, pairs)
    values = np.clip(window / number, -1, 1)
    return Correlations(values, alive, len(maps) * int(np.prod(grid)))


def window_shifts(sizes: Shift) -> list[Shift]:
    """The shifts of a kernel: sizes (3, 1) gives (-1, 0), (0, 0), (1, 0)."""
    return list(product(*(range(-(size // 2), size // 2 + 1) for size in sizes)))


def _middle(maps: Array) -> Array:
    starts = [max(0, (side - _SIDE) // 2) for side in maps.shape[2:]]
    return maps[:, :, *(slice(start, start + _SIDE) for start in starts)]


def _chunks(maps: Array) -> Iterator[Array]:
    step = max(1, _CHUNK // int(np.prod(maps.shape[1:])))
    for start in range(0, len(maps), step):
        yield maps[start : start + step].astype(np.float32)


def _moments(maps: Array) -> tuple[Array, Array]:
    """Mean of each unit over the images, and each channel's deviation from these means."""
    mean = sum(chunk.sum(axis=0, dtype=np.float64) for chunk in _chunks(maps)) / len(maps)
    mean = np.asarray(mean, np.float32)
    axes = (0, *range(2, maps.ndim))
    square = sum(((chunk - mean) ** 2).sum(axis=axes, dtype=np.float64) for chunk in _chunks(maps))
    return mean, np.sqrt(np.asarray(square) * maps.shape[1] / maps.size)


def _even(size: int) -> int:
    """The next length with small factors, even."""
    while True:
        rest = size
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1 and size % 2 == 0:
            return size
        size += 1
