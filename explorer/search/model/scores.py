"""Training-free scores as columns of a model."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from explorer.search.screen import FreeValues

Array = npt.NDArray[np.float64]


def normal_scores(values: Sequence[FreeValues], names: Sequence[str]) -> Array:
    """Scores of nets as normal quantiles of their ranks; 0, the middle, where one is not known.

    Scores have units and tails of their own, and only their order was ever shown to mean anything.

    Args:
        values: by name, of each net.
        names: which of them.

    Returns:
        nets x names.
    """
    table = np.array([[_number(net.get(name)) for name in names] for net in values])
    return np.stack([normal_ranks(column) for column in table.T], axis=1)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def normal_ranks(column: Array) -> Array:
    """Values as normal quantiles of their ranks; equal ones share theirs, nan becomes 0."""
    result = np.zeros(len(column))
    known = np.isfinite(column)
    if known.any():
        _, places, counts = np.unique(column[known], return_inverse=True, return_counts=True)
        middles = (np.cumsum(counts) - counts / 2) / counts.sum()
        quantile = NormalDist().inv_cdf
        result[known] = np.array([quantile(share) for share in middles])[places]
    return result
