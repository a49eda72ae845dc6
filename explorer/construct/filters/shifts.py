"""Shift-equivariant sums: where templates occur in maps, what stands around, what they draw.

A template is a set of units (channel, dy, dx) around an anchor. A state says at which positions of
which images an anchor is on. These three linear maps do for images what products of sparse matrices
do for samples (``encode``, ``grow``); templates have few units, so shifted additions are quicker
than a convolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.construct.samples import Array

_HELD = 1 << 23  # bytes of patches that are held at once


@dataclass(frozen=True, slots=True)
class Maps:
    """Boolean maps with a margin of zeros, so that no patch ends at a border.

    Attributes:
        padded: bool of (images, channels, height + 2 reach, width + 2 reach).
        reach: how far from its position a patch is looked at; a patch has (2 reach + 1)^2 places.
    """

    padded: Array
    reach: int

    @property
    def inner(self) -> Array:
        """The maps themselves, of (images, channels, height, width)."""
        (_, height, width), reach = self.shape, self.reach
        return self.padded[:, :, reach : reach + height, reach : reach + width]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Positions: (images, height, width)."""
        images, _, height, width = self.padded.shape
        return images, height - 2 * self.reach, width - 2 * self.reach

    @property
    def channels(self) -> int:
        return int(self.padded.shape[1])

    @property
    def positions(self) -> int:
        """Of all images together."""
        return int(np.prod(self.shape))


def with_margin(maps: Array, reach: int) -> Maps:
    """Boolean maps of (images, channels, height, width) with a margin."""
    return Maps(np.pad(maps, ((0, 0), (0, 0), (reach, reach), (reach, reach))), reach)


def units_of(template: Array, margin: int = 0) -> Array:
    """The units (channel, dy, dx) of a template, of (units, 3).

    Offsets are from the template's middle; with a margin, they are indices of padded maps.
    """
    middle = template.shape[-1] // 2
    found: Array = np.argwhere(template) + np.array([0, margin - middle, margin - middle])
    return found


def scores(maps: Maps, template: Array) -> Array:
    """How many units of a template are on, at each position: of (images, height, width)."""
    _, height, width = maps.shape
    found = np.zeros(maps.shape, np.min_scalar_type(int(template.sum())))
    for channel, dy, dx in units_of(template, maps.reach):
        found += maps.padded[:, channel, dy : dy + height, dx : dx + width]
    return found


def units_at(maps: Maps, places: Array, template: Array) -> Array:
    """Which units of a template are on where its anchor is: bool of (places, units).

    Args:
        maps: what is looked at.
        places: of (places, 3): image, y, x.
        template: of (channels, window, window).
    """
    channel, dy, dx = units_of(template, maps.reach).T
    image, y, x = places.T[:, :, None]
    found: Array = maps.padded[image, channel, y + dy, x + dx]
    return found


def around(maps: Maps, places: Array) -> Array:
    """How often each unit of the patch around a place is on, over all places.

    Returns:
        counts of (channels, 2 reach + 1, 2 reach + 1); of real maps, sums of their values.
    """
    size = 2 * maps.reach + 1
    kind = np.int32 if maps.padded.dtype == bool else np.float64
    total = np.zeros((maps.channels, size, size))
    for patches in _patches(maps, places, size):
        total += patches.sum(axis=0, dtype=kind)
    return total


def _patches(maps: Maps, places: Array, size: int) -> Iterator[Array]:
    """Pieces of (places, channels, size, size)."""
    every = np.lib.stride_tricks.sliding_window_view(maps.padded, (size, size), axis=(2, 3))
    step = max(1, _HELD // (maps.channels * size * size * every.itemsize))
    for start in range(0, len(places), step):
        image, y, x = places[start : start + step].T
        yield every[image, :, y, x]


def drawn(states: Array, weights: Array) -> Array:
    """What filters draw: the sum of their weights around the positions at which they are on.

    Args:
        states: bool of (filters, images, height, width).
        weights: of (filters, channels, window, window); Boolean ones count.

    Returns:
        of (images, channels, height, width); int16, or float32 where weights are real.
    """
    kind = np.float32 if weights.dtype.kind == "f" else np.int16
    _, images, height, width = states.shape
    channels, window = weights.shape[1:3]
    radius = window // 2
    field = np.zeros((images, channels, height + 2 * radius, width + 2 * radius), kind)
    for state, template in zip(states, weights, strict=True):
        for channel, dy, dx in units_of(template, radius):
            weight = kind(template[channel, dy, dx])
            field[:, channel, dy : dy + height, dx : dx + width] += state * weight
    return field[:, :, radius : radius + height, radius : radius + width]
