"""Sparse 0/1 matrices: observed samples, hidden states, and which units a hidden unit switches on.

All of them are ``csr_array`` of float32 whose stored values are ones, so that a matrix product
counts. Samples are (samples, units), children are (hidden units, units).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array, issparse

from explorer.errors import DataError

Array = npt.NDArray[Any]
FEWEST = 3  # samples that anything is judged by
_BLOCK = 2**20  # bytes of a dense matrix that are held at once: they fit a core's cache


def boolean_samples(samples: object) -> csr_array:
    """Samples as a sparse 0/1 matrix.

    Args:
        samples: array or scipy matrix of (samples, units) with values 0 and 1.

    Raises:
        DataError: no samples, no units, not two axes, or other values than 0 and 1.
    """
    found = real_samples(samples)
    if (found.data != 1).any():
        odd = found.data[found.data != 1][0]
        raise DataError(f"samples hold {odd:g}, must be 0 or 1")
    return found


def real_samples(samples: object) -> csr_array:
    """Samples as a sparse matrix of float32 without stored zeros.

    Raises:
        DataError: no samples, no units, not two axes, or values that are not finite.
    """
    return sparse_matrix(samples, "samples", "(samples, units)").astype(np.float32)


def sparse_matrix(values: Any, name: str, axes: str) -> csr_array:
    """A sparse copy in float64: sorted, each place once, without stored zeros.

    Args:
        values: array, lists or scipy matrix.
        name: what an error calls them.
        axes: what an error calls their shape.

    Raises:
        DataError: no numbers, not two axes, nothing along one of them, or values that are not
            finite.
    """
    if not issparse(values):
        try:
            values = np.asarray(values)
        except ValueError:
            raise DataError(f"{name} are of several lengths, must be numbers of {axes}") from None
    if values.ndim != 2 or values.dtype.kind not in "biuf":
        raise DataError(
            f"{name} are {values.dtype} of shape {values.shape}, must be numbers of {axes}"
        )
    if 0 in values.shape:
        raise DataError(f"{name} have the shape {values.shape}, must be {axes}, of each at least 1")
    found = csr_array(values, dtype=np.float64, copy=True)
    found.sum_duplicates()
    found.eliminate_zeros()
    if not np.isfinite(found.data).all():
        odd = found.data[~np.isfinite(found.data)][0]
        raise DataError(f"{name} hold {odd:g}, must be finite")
    return found


def rows_of(matrix: csr_array) -> Array:
    """The row of every stored value."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def row_sizes(matrix: csr_array) -> Array:
    """How many values every row stores."""
    return np.diff(matrix.indptr)


def row_sums(matrix: csr_array, values: Array) -> Array:
    """Sums by row of values that stand beside the stored ones."""
    return np.bincount(rows_of(matrix), values, minlength=matrix.shape[0])


def ones_where(matrix: csr_array, kept: Array) -> csr_array:
    """A 0/1 matrix with a one at every stored value that is kept."""
    places = np.flatnonzero(kept)
    starts = np.searchsorted(places, matrix.indptr)
    ones = np.ones(len(places), np.float32)
    return csr_array((ones, matrix.indices[places], starts), shape=matrix.shape)


def from_pairs(rows: Array, columns: Array, shape: tuple[int, int]) -> csr_array:
    """A 0/1 matrix with ones at these places; a place may be named twice."""
    found = coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape).tocsr()
    found.data[:] = 1
    return found


def means(samples: csr_array) -> Array:
    """How often every unit is on, in [0, 1]; of (units,)."""
    found: Array = np.bincount(samples.indices, minlength=samples.shape[1]) / samples.shape[0]
    return found


def without(samples: csr_array, excluded: csr_array) -> csr_array:
    """The ones of samples where another matrix stores nothing but zeros."""
    left = (samples - samples * ones_where(excluded, excluded.data != 0)).tocsr()
    left.eliminate_zeros()
    return left


def ones_in_common(places: csr_array, samples: csr_array, sets: csr_array) -> Array:
    """How many ones a sample and a set share, at the places that a matrix stores.

    The product of samples and turned sets has these values, and many more that nobody asks for.

    Args:
        places: of (samples, sets).
        samples: 0/1 matrix of (samples, units).
        sets: 0/1 matrix of (sets, units).

    Returns:
        beside the stored values of the places.
    """
    found = np.zeros(places.nnz)
    step = max(1, _BLOCK // samples.shape[1])
    for start in range(0, places.shape[0], step):
        block = samples[start : start + step].astype(bool).toarray()
        part = slice(places.indptr[start], places.indptr[min(start + step, places.shape[0])])
        asked = sets[places.indices[part]]
        rows = np.repeat(np.arange(len(block)), row_sizes(places[start : start + step]))
        shared = block[rows[rows_of(asked)], asked.indices]
        found[part] = row_sums(asked, shared)
    return found


def values_at(places: csr_array, values: csr_array) -> Array:
    """The values at the places that another matrix stores, 0 where there are none."""
    width = np.int64(places.shape[1])
    values = values.tocsr()
    values.sort_indices()
    keys = rows_of(values) * width + values.indices
    wanted = rows_of(places) * width + places.indices
    found = np.zeros(len(wanted))
    if len(keys):
        nearest = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = keys[nearest] == wanted
        found[hit] = values.data[nearest[hit]]
    return found
