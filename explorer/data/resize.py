"""Resizing images to a square, exactly: the same bytes on every machine.

Every weight is a whole number over a common denominator, and every partial sum stays far below
2**53. Floating-point matrix products therefore do integer arithmetic without rounding, whatever
the order in which a BLAS adds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.errors import DataError

LARGEST = 4096
_CHUNK = 256


def to_size(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Images of ``size`` x ``size`` pixels; an image that is not square is stretched.

    Shrinking averages the area that each new pixel covers; enlarging interpolates linearly between
    pixel centres. Each axis is treated by itself.

    Args:
        images: N x H x W x C.
        size: the new height and width in pixels.

    Returns:
        N x size x size x C; the argument itself when it has that size already.

    Raises:
        DataError: the size is not in 1 .. 4096.
    """
    if not 1 <= size <= LARGEST:
        raise DataError(f"image size {size} px; allowed is 1 to {LARGEST}")
    count, height, width, channels = images.shape
    if height == width == size:
        return images
    rows, columns = _weights(height, size), _weights(width, size)
    resized = np.empty((count, size, size, channels), np.uint8)
    for start in range(0, count, _CHUNK):
        part = slice(start, start + _CHUNK)
        resized[part] = _resample(images[part], rows, columns)
    return resized


def _resample(
    images: NDArray[np.uint8], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.uint8]:
    planes = images.transpose(0, 3, 1, 2).astype(np.float64)  # N x C x H x W
    sums = rows @ planes @ columns.T  # N x C x R x R
    mean = sums / (rows[0].sum() * columns[0].sum())
    pixels: NDArray[np.uint8] = np.rint(mean).astype(np.uint8)
    return pixels.transpose(0, 2, 3, 1)


def _weights(source: int, target: int) -> NDArray[np.float64]:
    """Whole numbers, target x source; every row has the same sum."""
    whole = _overlaps(source, target) if target <= source else _tents(source, target)
    return whole.astype(np.float64)


def _overlaps(source: int, target: int) -> NDArray[np.int64]:
    """How much of old pixel j new pixel i covers, where the axis is source * target long."""
    new = np.arange(target, dtype=np.int64)[:, None] * source
    old = np.arange(source, dtype=np.int64)[None, :] * target
    common: NDArray[np.int64] = np.minimum(new + source, old + target) - np.maximum(new, old)
    return common.clip(min=0)


def _tents(source: int, target: int) -> NDArray[np.int64]:
    """Linear interpolation, where old pixel centres lie 2 * target apart."""
    step = 2 * target
    centre = (2 * np.arange(target, dtype=np.int64) + 1) * source - target
    centre = np.clip(centre, 0, step * (source - 1))
    old = step * np.arange(source, dtype=np.int64)
    height: NDArray[np.int64] = step - np.abs(centre[:, None] - old[None, :])
    return height.clip(min=0)
