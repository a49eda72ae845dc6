"""Feature maps whose correlations are known."""

from __future__ import annotations

import numpy as np

from explorer.construct.layers.correlations import Array
from explorer.data import Dataset, Split


def white(channels: int = 3, images: int = 200, grid: tuple[int, ...] = (12, 12)) -> Array:
    """Independent units."""
    found: Array = np.random.default_rng(0).normal(size=(images, channels, *grid))
    return found.astype(np.float32)


def shared(groups: tuple[int, ...], noise: float = 0.3, images: int = 200) -> Array:
    """Channels in groups, each of which tells of one white field at the same places."""
    rng = np.random.default_rng(1)
    fields = rng.normal(size=(images, len(groups), 10, 10))
    maps = np.repeat(fields, groups, axis=1)
    return (maps + noise * rng.normal(size=maps.shape)).astype(np.float32)


def smooth(window: tuple[int, int], channels: int = 2, images: int = 200) -> Array:
    """White fields of which every place is the mean of a window."""
    rows, columns = window
    fields = np.random.default_rng(2).normal(size=(images, channels, 11 + rows, 11 + columns))
    cut = np.lib.stride_tricks.sliding_window_view(fields, window, (2, 3))
    found: Array = cut.mean(axis=(4, 5))
    return found.astype(np.float32)


def textures(window: tuple[int, int], images: int = 240, seed: int = 0) -> Dataset:
    """Smooth fields of two classes: in one, the left half is stronger."""
    rng = np.random.default_rng(seed)
    maps = smooth(window, 1, images)[:, 0]
    labels = rng.integers(0, 2, images)
    half = maps.shape[2] // 2
    maps[labels == 1, :, :half] *= 3
    scaled = 128 + 40 * maps / maps.std()
    pixels = np.clip(scaled, 0, 255).astype(np.uint8)[..., None]
    split = Split(pixels, labels)
    return Dataset("textures", split, split.take(np.arange(20)), split.take(np.arange(20)),
                   ("even", "uneven"))  # fmt: skip
