"""The partial encoder: which hidden units are on in a sample, from the units beneath them.

Source: arXiv 1310.6343, "Each layer is a denoising autoencoder" and the algorithm PartialEncoder.
A hidden unit is on when enough of its positive children are; negative edges are not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.construct.samples import (
    Array,
    means,
    ones_where,
    row_sizes,
    row_sums,
    rows_of,
)
from explorer.construct.thresholds import bayes_threshold
from explorer.construct.units import Units

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WORK = 2e7  # entries of a product that are held at once: 160 MB


class Observed(NamedTuple):
    """Samples with what is asked of them again and again.

    Attributes:
        samples: 0/1 matrix of (samples, units).
        turned: the same, of (units, samples).
        means: how often every unit is on.
    """

    samples: csr_array
    turned: csr_array
    means: Array

    @property
    def number(self) -> int:
        """Of samples."""
        return int(self.samples.shape[0])

    @property
    def units(self) -> int:
        """Units of a sample."""
        return int(self.samples.shape[1])


def observe(samples: csr_array) -> Observed:
    return Observed(samples, samples.T.tocsr(), means(samples))


def counted(children: csr_array, observed: Observed) -> Iterator[tuple[slice, csr_array]]:
    """How many children are on: matrices of (hidden units, samples) for slices of hidden units."""
    work = np.cumsum(children @ row_sizes(observed.turned).astype(float))
    start = 0
    while start < children.shape[0]:
        done = work[start - 1] if start else 0.0
        end = max(start + 1, int(np.searchsorted(work, done + _WORK, "right")))
        yield slice(start, end), (children[start:end] @ observed.turned).tocsr()
        start = end


def events(counts: csr_array, thresholds: Array) -> csr_array:
    """The samples of each hidden unit with so many children on; of (hidden units, samples)."""
    return ones_where(counts, counts.data >= thresholds[rows_of(counts)] - 0.5)


def encode(units: Units, observed: Observed) -> csr_array:
    """States of hidden units, of (samples, hidden units)."""
    from scipy.sparse import csr_array, vstack

    parts = [
        events(counts, units.thresholds[part]) for part, counts in counted(units.children, observed)
    ]
    if not parts:
        return csr_array((observed.number, 0), dtype=np.float32)
    return vstack(parts).T.tocsr()


def refit(units: Units, observed: Observed) -> Units:
    """Thresholds, rates and lifts by the samples in which the units are on now."""
    states = encode(units, observed)
    together = (states.T.tocsr() @ observed.samples).tocsr()
    ours = (together * units.children).tocsr()
    on = np.bincount(states.indices, minlength=len(units))
    sizes = np.maximum(units.sizes, 1)
    signal = row_sums(ours, ours.data) / (sizes * np.maximum(on, 1))
    noise = (units.children @ observed.means) / sizes
    rates = on / observed.number
    thresholds = bayes_threshold(sizes, noise, signal, rates)
    return Units(units.children, thresholds, rates, signal - noise)
