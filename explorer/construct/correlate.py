"""The correlation test: which units are on together more often than chance lets them be.

Source: arXiv 1310.6343, step 1 of "Learning a single layer network". Two children of one hidden
unit are on together whenever it is, with a probability near rho; two other units only by chance.
The paper's test compares the raw probability with 2 rho / 3, which is right while rho d^2 << 1.
Ours takes away what the two units' own frequencies explain, and so works for denser samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, triu

from explorer.construct.samples import FEWEST, Array, boolean_samples, row_sizes
from explorer.construct.thresholds import ADAPTIVE, Paper, Thresholds, deviations
from explorer.errors import DataError

_DENSE = 6_000  # units whose pairs fit into an array
_SPEEDUP = 30  # of a dense product over a sparse one, by entry
_BLOCK = 4_096  # samples of a dense product


class Counts(NamedTuple):
    """How often units are on, alone and together.

    Attributes:
        samples: how many were looked at.
        alone: of each unit, of (units,).
        both: of each pair, a symmetric matrix of (units, units).
    """

    samples: int
    alone: Array
    both: csr_array


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of linked units, sorted; ``first`` < ``second``.

    Attributes:
        both: samples in which both are on.
        excess: how many of them chance does not explain.
    """

    first: Array
    second: Array
    both: Array
    excess: Array

    def __len__(self) -> int:
        return len(self.first)

    def take(self, chosen: Array) -> Pairs:
        """Some of them, by number or by mask."""
        return Pairs(
            self.first[chosen], self.second[chosen], self.both[chosen], self.excess[chosen]
        )


def pair_counts(samples: object) -> Counts:
    """Counts of one matrix of samples.

    Source: what the test of arXiv 1310.6343, "Learning a single layer network", step 1, looks at.

    Args:
        samples: 0/1 array or scipy matrix of (samples, units), of at most 2^24 samples, up to which
            float32 counts.

    Raises:
        DataError: no samples, no units, or values that are not 0 or 1.
    """
    ones = boolean_samples(samples)
    number, units = ones.shape
    alone = np.bincount(ones.indices, minlength=units)
    work = float((row_sizes(ones).astype(float) ** 2).sum())
    if units > _DENSE or work * _SPEEDUP < number * units**2:
        return Counts(number, alone, (ones.T @ ones).tocsr())
    both = np.zeros((units, units), np.float32)
    for start in range(0, number, _BLOCK):
        block = ones[start : start + _BLOCK].toarray()
        both += block.T @ block
    return Counts(number, alone, csr_array(both))


def streamed_counts(chunks: Iterable[object]) -> Counts:
    """Counts of samples that come in pieces, such as the batches of a loader.

    Args:
        chunks: matrices of (samples, units) with values 0 and 1.

    Raises:
        DataError: there are none, they differ in their number of units, or see ``pair_counts``.
    """
    total: Counts | None = None
    for chunk in chunks:
        new = pair_counts(chunk)
        if total is not None and len(new.alone) != len(total.alone):
            raise DataError(f"a chunk has {len(new.alone)} units, the first {len(total.alone)}")
        total = new if total is None else _added(total, new)
    if total is None:
        raise DataError("there are no samples")
    return total


def _added(a: Counts, b: Counts) -> Counts:
    both = a.both.astype(np.float64) + b.both  # of any number of chunks
    return Counts(a.samples + b.samples, a.alone + b.alone, both.tocsr())


def correlations(counts: Counts) -> Array:
    """Pearson's correlation of all pairs, of (units, units), in [-1, 1].

    A unit that is never or always on has none; its row and its diagonal are 0.
    """
    means = counts.alone / counts.samples
    spread = np.sqrt(means * (1 - means))
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
    covariance = counts.both.toarray() / counts.samples - np.outer(means, means)
    found: Array = np.clip(covariance * np.outer(scale, scale), -1, 1)
    return found


def linked_pairs(counts: Counts, thresholds: Thresholds = ADAPTIVE) -> Pairs:
    """The pairs that are on together too often.

    Adaptive: the excess over chance is more than the largest that chance gives among so many
    pairs. Paper: P(both on) >= 2 rho / 3.

    Source: arXiv 1310.6343, "Learning a single layer network", step 1: the graph of correlations.
    """
    upper = triu(counts.both, 1).tocoo()
    chance = counts.alone[upper.row] * (counts.alone[upper.col] / counts.samples)
    excess = upper.data - chance
    if isinstance(thresholds, Paper):
        linked = upper.data >= thresholds.both * counts.samples
    else:
        linked = excess > deviations(len(counts.alone)) * np.sqrt(chance)
    kept = np.flatnonzero(linked & (upper.data >= FEWEST))
    kept = kept[np.lexsort((upper.col[kept], upper.row[kept]))]
    return Pairs(upper.row[kept], upper.col[kept], upper.data[kept], excess[kept])
