"""What data is, once it has been read: images or signals with labels, in three splits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import DataError

Images = NDArray[np.uint8]
Signals = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Images, or signals of one dimension, and their classes.

    Attributes:
        images: N x H x W x C, uint8; or signals of L points, N x L x C, uint8 or float32.
        labels: N, each the index of a class.
    """

    images: NDArray[Any]  # what can be either is not told apart by numpy's types
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: NDArray[np.int64]) -> Split:
        """The images at the given indices, in that order."""
        return Split(self.images[chosen], self.labels[chosen])


@dataclass(frozen=True, eq=False)
class Parts:
    """What a source holds: the splits and the class names that it does not have are None."""

    train: Split
    val: Split | None = None
    test: Split | None = None
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits of one kind of image or signal.

    Candidates learn from ``train`` and are compared on ``val``; ``test`` is for the one final
    figure, and nothing may be chosen by it.

    Attributes:
        name: how the user called it.
        classes: a name for every label, in the order of the labels.
        val_copies: how often one object is shown in ``val``; shown again, it tells less than a new
            one would.

    Raises:
        DataError: an empty split, splits of different shapes or types, a label without a class, or
            a class without a training image.
    """

    name: str
    train: Split
    val: Split
    test: Split
    classes: tuple[str, ...]
    val_copies: int = 1

    def __post_init__(self) -> None:
        for split_name, split in self.splits():
            self._check_images(split_name, split)
            self._check_labels(split_name, split)
        self._check_classes()

    def splits(self) -> Iterator[tuple[str, Split]]:
        """The names ``train``, ``val`` and ``test`` with their splits."""
        yield from (("train", self.train), ("val", self.val), ("test", self.test))

    @property
    def channels(self) -> int:
        """Numbers per pixel, or per point of a signal."""
        return int(self.train.images.shape[-1])

    @property
    def size(self) -> tuple[int, ...]:
        """Height and width in pixels, or the length of a signal in points."""
        return tuple(int(length) for length in self.train.images.shape[1:-1])

    @property
    def shape(self) -> str:
        """Channels and grid as people write an input: ``3x32x32``, or ``1x40`` of signals."""
        return _by((self.channels, *self.size))

    @property
    def kind(self) -> str:
        """What there are many of: ``images``, or ``signals`` where the grid has one axis."""
        return _kind(self.train)

    @cached_property
    def fingerprint(self) -> str:
        """``d1:`` and a SHA-256 over shapes and bytes: equal exactly when all arrays are."""
        dtype = self.train.images.dtype
        digest = hashlib.sha256(b"" if dtype == np.uint8 else dtype.name.encode())
        for _, split in self.splits():
            for array in (split.images, split.labels.astype(np.int64)):
                digest.update(repr(array.shape).encode())
                little = array.astype(array.dtype.newbyteorder("<"), copy=False)
                digest.update(np.ascontiguousarray(little).data)
        return f"d1:{digest.hexdigest()}"

    def _check_images(self, split_name: str, split: Split) -> None:
        if not len(split):
            raise DataError(f"{self.name}: the {split_name} split is empty")
        got, expected = split.images.shape[1:], self.train.images.shape[1:]
        if got != expected:
            axes = "length" if self.kind == "signals" else "height x width"
            raise DataError(
                f"{self.name}: {split_name} {_kind(split)} are {_by(got)} and train {self.kind} "
                f"are {_by(expected)} ({axes} x channels); all must agree"
            )
        if split.images.dtype != self.train.images.dtype:
            raise DataError(
                f"{self.name}: {split_name} {self.kind} are {split.images.dtype} and train "
                f"{self.kind} are {self.train.images.dtype}; all must agree"
            )

    def _check_labels(self, split_name: str, split: Split) -> None:
        low, high = int(split.labels.min()), int(split.labels.max())
        if low < 0 or high >= len(self.classes):
            raise DataError(
                f"{self.name}: {split_name} labels go from {low} to {high}; "
                f"with {len(self.classes)} classes allowed is 0 to {len(self.classes) - 1}"
            )

    def _check_classes(self) -> None:
        if len(self.classes) < 2:
            raise DataError(f"{self.name}: there is 1 class; at least 2 are needed")
        absent = np.setdiff1d(np.arange(len(self.classes)), self.train.labels)
        if absent.size:
            raise DataError(
                f"{self.name}: no train image has label {absent[0]} "
                f"(class '{self.classes[absent[0]]}'); labels count from 0 without gaps"
            )


def _kind(split: Split) -> str:
    return "signals" if split.images.ndim == 3 else "images"


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(str(length) for length in shape)
