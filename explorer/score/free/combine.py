"""Several scores of a set of nets as one: by ranks, so that no scale and no weight is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ExplorerError
from explorer.score.reliability import ranks

Array = NDArray[np.float64]

# What screens candidates unless somebody says otherwise: how differently images are coded, twice,
# and in how many directions features spread. One forward pass has all three.
DEFAULT = ("swap", "naswot", "expressivity")


def combine(
    scores: Mapping[str, Sequence[float | None] | Array],
    names: Sequence[str] = DEFAULT,
    *,
    logarithmic: bool = False,
) -> Array:
    """One score for each net of a set: the mean over scores of its rank, or of the rank's log.

    A rank is the share of the set that is no better: 1 for the best, 1/n for the worst, equal nets
    their mean. The logarithm (Lee & Ham 2024, section 3) weighs what a net is bad in more than
    what it is good in: no single score lifts a net that the others find poor.

    A score that is not defined for a net ranks it last; one that is defined for none says nothing
    about any. The result only means something within its set.

    Args:
        scores: by name, one number for each net of the set; more is better, None is not defined.
        names: which of them to combine.
        logarithmic: take the logarithms of ranks, as AZ-NAS does.

    Raises:
        ExplorerError: no names, one that ``scores`` lacks, or scores of different numbers of nets.
    """
    missing = [name for name in names if name not in scores]
    if missing or not names:
        raise ExplorerError(f"no scores to combine by the name of '{', '.join(missing)}'")
    if len({len(scores[name]) for name in names}) > 1:
        raise ExplorerError("scores to combine are of the same nets, and so equally many")
    shares = [_shares(scores[name]) for name in names]
    table = np.array(shares)
    mean: Array = (np.log(table) if logarithmic else table).mean(axis=0)
    return mean


def _shares(values: Sequence[float | None] | Array) -> Array:
    """Ranks from 1/n to 1, what is not defined below all else."""
    numbers = np.array([np.nan if value is None else value for value in values], float)
    result: Array = ranks(np.where(np.isnan(numbers), -np.inf, numbers)) / max(len(numbers), 1)
    return result
