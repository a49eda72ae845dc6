"""Sparse 0/1 matrices: observed samples, hidden states, and which units a hidden unit switches on.

All of them are ``csr_array`` of float32 whose stored values are ones, so that a matrix product
counts. Samples are (samples, units), children are (hidden units, units).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from explorer.errors import DataError, ExplorerError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = npt.NDArray[Any]


def need_scipy() -> None:
    """Refuse early, in one line, where the optional library is missing."""
    if find_spec("scipy") is None:
        raise ExplorerError(
            "explorer.construct needs scipy: pip install 'inception-explorer[construct]'"
        )


def boolean_samples(samples: Any, name: str = "samples") -> csr_array:
    """Samples as a sparse 0/1 matrix.

    Args:
        samples: array or scipy matrix of (samples, units) with values 0 and 1.
        name: what an error calls them.

    Raises:
        DataError: no samples, no units, not two axes, or other values than 0 and 1.
    """
    found = real_samples(samples, name)
    if (found.data != 1).any():
        odd = found.data[found.data != 1][0]
        raise DataError(f"{name} hold {odd:g}, must be 0 or 1")
    return found


def real_samples(samples: Any, name: str = "samples") -> csr_array:
    """Samples as a sparse matrix of float32 without stored zeros.

    Raises:
        DataError: no samples, no units, not two axes, or values that are not finite.
    """
    need_scipy()
    from scipy.sparse import csr_array, issparse

    if not issparse(samples):
        samples = np.asarray(samples)
        if samples.ndim != 2 or samples.dtype.kind not in "biuf":
            raise DataError(
                f"{name} are {samples.dtype} of shape {samples.shape}, "
                "must be numbers of (samples, units)"
            )
    found = csr_array(samples, dtype=np.float32)
    if 0 in found.shape:
        raise DataError(f"{name} have the shape {found.shape}, must hold a sample and a unit")
    if not np.isfinite(found.data).all():
        raise DataError(f"{name} hold values that are not finite")
    found.eliminate_zeros()
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
    from scipy.sparse import csr_array

    sizes = np.bincount(rows_of(matrix)[kept], minlength=matrix.shape[0])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(int(starts[-1]), np.float32)
    return csr_array((ones, matrix.indices[kept], starts), shape=matrix.shape)


def from_pairs(rows: Array, columns: Array, shape: tuple[int, int]) -> csr_array:
    """A 0/1 matrix with ones at these places; a place may be named twice."""
    from scipy.sparse import coo_array

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
