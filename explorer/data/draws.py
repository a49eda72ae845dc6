"""Random whole numbers that are the same on every machine and under every numpy.

numpy promises that a seeded ``PCG64`` always yields the same 64-bit words; it makes no such promise
for the methods of ``Generator``, which may draw differently in a later release. So everything here
is made from the raw words by integer arithmetic.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.random import PCG64, SeedSequence
from numpy.typing import NDArray

from explorer.errors import DataError


def stream(seed: int, *path: int) -> PCG64:
    """An independent source of bits for ``path``, so that no use of a seed disturbs another.

    Raises:
        DataError: the seed is negative.
    """
    if seed < 0:
        raise DataError(f"seed {seed} is negative; a seed is a whole number from 0")
    return PCG64(SeedSequence([seed, *path]))


def below(bits: PCG64, bound: int, *shape: int) -> NDArray[np.int64]:
    """Whole numbers in ``0 .. bound - 1`` (bound < 2**32), of the given shape."""
    # The upper half of each word, scaled: the bias is below bound / 2**32, so nothing is redrawn
    # and the count of words used never depends on their values.
    high = bits.random_raw(math.prod(shape)) >> np.uint64(32)
    return ((high * np.uint64(bound)) >> np.uint64(32)).astype(np.int64).reshape(shape)


def order(bits: PCG64, count: int) -> NDArray[np.int64]:
    """A random order of ``0 .. count - 1``."""
    return np.argsort(bits.random_raw(count), kind="stable").astype(np.int64)


def octets(bits: PCG64, *shape: int) -> NDArray[np.uint8]:
    """Bytes of the given shape, eight from each word, lowest first on every machine."""
    count = math.prod(shape)
    words = bits.random_raw(-(-count // 8)).astype("<u8")
    return words.view(np.uint8)[:count].reshape(shape)
