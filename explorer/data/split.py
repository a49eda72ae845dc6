"""Dividing a split in two, class by class, and completing what a source left out."""

from __future__ import annotations

import numpy as np

from explorer.data.draws import order, stream
from explorer.data.sets import Dataset, Parts, Split
from explorer.errors import DataError

# One image in so many, and the stream of the seed that picks them. Test is cut first, so that a
# bare training set ends as 60 / 20 / 20 %.
_CUTS = {"test": (5, 1), "val": (4, 2)}


def divide(split: Split, one_in: int, seed: int, path: int = 0) -> tuple[Split, Split]:
    """The split without a random ``1 / one_in`` of every class, and that part.

    A class of n >= 2 images gives max(1, n // one_in) of them; an only image stays. Both parts keep
    the order of the images.
    """
    shuffled = order(stream(seed, path), len(split))
    labels = split.labels[shuffled]
    away = np.zeros(len(split), bool)
    for label in np.unique(labels):
        members = shuffled[labels == label]
        share = max(1, len(members) // one_in) if len(members) > 1 else 0
        away[members[:share]] = True
    return split.take(np.flatnonzero(~away)), split.take(np.flatnonzero(away))


def complete(name: str, parts: Parts, seed: int) -> Dataset:
    """A dataset from what a source holds: missing splits are cut from the training images.

    The source's own test images are never touched.

    Raises:
        DataError: what :class:`Dataset` refuses, or too few images to cut from.
    """
    train, test, val = parts.train, parts.test, parts.val
    if test is None:
        train, test = _cut(name, train, "test", seed)
    if val is None:
        train, val = _cut(name, train, "val", seed)
    return Dataset(name, train, val, test, parts.classes or _numbered(parts))


def _cut(name: str, train: Split, what: str, seed: int) -> tuple[Split, Split]:
    one_in, path = _CUTS[what]
    rest, part = divide(train, one_in, seed, path)
    if not len(part):
        raise DataError(
            f"{name}: no {what} split can be cut from {len(train)} train images, "
            "one of each class; a class needs 2 images or more"
        )
    return rest, part


def _numbered(parts: Parts) -> tuple[str, ...]:
    return tuple(str(label) for label in range(int(parts.train.labels.max()) + 1))
