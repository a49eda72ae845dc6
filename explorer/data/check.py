"""From arrays of unknown make to a :class:`Split`, or one line that says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.sets import Images, Labels, Signals, Split
from explorer.errors import DataError

MOST_CHANNELS = 16  # of images
# Of a signal; float32 reaches 3e38, and what is computed with values needs room.
LARGEST_VALUE = 1e30
# A label is an index into the classes; a larger one is a mistake, not a very large problem.
MOST_CLASSES = 100_000


def make_split(
    images: NDArray[Any], labels: NDArray[Any], image_place: str, label_place: str
) -> Split:
    """A split from arrays as they were stored.

    The type tells N x H x W grey images, which are uint8, from N x L x C signals, which are floats.

    Args:
        images: images, uint8, N x H x W x C or N x H x W; or signals, floats of N x L x C or N x L,
            or uint8 of N x L. Floats of any size become float32.
        labels: any integer type, N or N x 1.
        image_place: where the images were found, for messages.
        label_place: where the labels were found.

    Raises:
        DataError: another type or shape, nothing in it, a value that is not finite, or lengths that
            differ.
    """
    is_signal = _is_signal(images)
    values = (_signals if is_signal else _images)(images, image_place)
    split = Split(values, _labels(labels, label_place))
    if len(split.images) != len(split.labels):
        one = "signal" if is_signal else "image"
        raise DataError(
            f"{image_place} has {len(split.images)} {one}s but {label_place} has "
            f"{len(split.labels)} labels; there must be one label for each {one}"
        )
    return split


def _is_signal(array: NDArray[Any]) -> bool:
    if array.ndim == 2:
        return array.dtype == np.uint8 or array.dtype.kind == "f"
    return array.ndim == 3 and array.dtype.kind == "f"


def _signals(array: NDArray[Any], place: str) -> Images | Signals:
    if 0 in array.shape:
        raise DataError(f"{place} is empty: its shape is {array.shape}")
    signals = array if array.ndim == 3 else array[..., None]
    _, length, channels = signals.shape
    if channels >= length:
        # Most likely N x 28 x 28 are grey images as floats, and N x 3 x 500 has its channels first.
        raise DataError(
            f"{place} is {array.dtype} of shape {array.shape}; signals are N x length or "
            "N x length x channels, with more points than channels; images are uint8"
        )
    if array.dtype == np.uint8:
        return np.ascontiguousarray(signals)
    _check_values(array, place)
    return np.ascontiguousarray(signals, np.float32)


def _check_values(array: NDArray[Any], place: str) -> None:
    allowed = np.abs(array) <= np.float64(LARGEST_VALUE)  # false of nan, too
    if not allowed.all():
        where = tuple(np.argwhere(~allowed)[0].tolist())
        raise DataError(
            f"{place} has the value {array[where]} in signal {where[0]}; "
            f"allowed is {-LARGEST_VALUE:g} to {LARGEST_VALUE:g}"
        )


def _images(array: NDArray[Any], place: str) -> Images:
    if array.dtype != np.uint8:
        raise DataError(
            f"{place} is {array.dtype} of shape {array.shape}; images are uint8, 0 to 255; signals "
            "are floats, N x length or N x length x channels"
        )
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4:
        raise DataError(
            f"{place} has shape {array.shape}; images are N x height x width x channels "
            "or N x height x width"
        )
    if 0 in array.shape:
        raise DataError(f"{place} is empty: its shape is {array.shape}")
    if array.shape[3] > MOST_CHANNELS:
        raise DataError(
            f"{place} has shape {array.shape}, so {array.shape[3]} channels; channels come last "
            f"and allowed is 1 to {MOST_CHANNELS}"
        )
    return np.ascontiguousarray(array)


def _labels(array: NDArray[Any], place: str) -> Labels:
    if array.dtype.kind not in "iu":
        raise DataError(f"{place} is {array.dtype}; labels are whole numbers from 0")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{place} has shape {array.shape}; labels are one number for each image")
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < MOST_CLASSES:
        raise DataError(
            f"{place} has labels from {array.min()} to {array.max()}; "
            f"allowed is 0 to {MOST_CLASSES - 1}"
        )
    return array.astype(np.int64)
