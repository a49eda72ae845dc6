"""From arrays of unknown make to a :class:`Split`, or one line that says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.sets import Images, Labels, Split
from explorer.errors import DataError

MOST_CHANNELS = 16
# A label is an index into the classes; a larger one is a mistake, not a very large problem.
MOST_CLASSES = 100_000


def make_split(
    images: NDArray[Any], labels: NDArray[Any], image_place: str, label_place: str
) -> Split:
    """A split from arrays as they were stored.

    Args:
        images: uint8, N x H x W x C or N x H x W.
        labels: any integer type, N or N x 1.
        image_place: where the images were found, for messages.
        label_place: where the labels were found.

    Raises:
        DataError: another type or shape, no images, or lengths that differ.
    """
    split = Split(_images(images, image_place), _labels(labels, label_place))
    if len(split.images) != len(split.labels):
        raise DataError(
            f"{image_place} has {len(split.images)} images but {label_place} has "
            f"{len(split.labels)} labels; there must be one label for each image"
        )
    return split


def _images(array: NDArray[Any], place: str) -> Images:
    _check_pixels(array, place)
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


def _check_pixels(array: NDArray[Any], place: str) -> None:
    if array.dtype == np.uint8:
        return
    if array.dtype.kind == "f" and array.ndim == 2:
        raise DataError(
            f"{place} holds {array.dtype} signals of shape {array.shape}; this version reads only "
            "images: uint8, N x height x width x channels"
        )
    raise DataError(f"{place} is {array.dtype}; images are uint8, 0 to 255")


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
