"""The partial encoder: which hidden units are on in a sample, from the units beneath them.

Source: arXiv 1310.6343, "Each layer is a denoising autoencoder" and the algorithm PartialEncoder.
A hidden unit is on when enough of its positive children are; negative edges are not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack

from explorer.construct.samples import (
    Array,
    means,
    ones_in_common,
    ones_where,
    row_sizes,
    without,
)
from explorer.construct.thresholds import bayes_threshold
from explorer.construct.units import Units

_STRAY = 1e-4  # of a layer's ones that nothing explains, at least
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
    """What is asked of samples again and again, computed once."""
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
    enough = np.repeat((thresholds - 0.5).astype(counts.dtype), row_sizes(counts))
    return ones_where(counts, counts.data >= enough)


def encode(units: Units, observed: Observed) -> csr_array:
    """States of hidden units, of (samples, hidden units).

    Source: arXiv 1310.6343, "Each layer is a denoising autoencoder", PartialEncoder.
    """
    parts = [
        events(counts, units.thresholds[part]) for part, counts in counted(units.children, observed)
    ]
    if not parts:
        return csr_array((observed.number, 0), dtype=np.float32)
    return vstack(parts).T.tocsr()


def active_parents(states: csr_array, children: csr_array) -> csr_array:
    """How many hidden units that are on have each unit as a child; of (samples, units)."""
    return (states @ children).tocsr()


def decode(units: Units, observed: Observed) -> csr_array:
    """States of hidden units without those that others explain away, of (samples, hidden units).

    A child that has another active parent says nothing of this one. A hidden unit stays on while
    the children that only it explains outweigh those that are off. First those go that nothing
    speaks for, then those for which too little does. Where the threshold wants all of a few
    children, one of them may be off to begin with: a negative edge may have done it.

    Source: the encoder of arXiv 1310.6343, "Each layer is a denoising autoencoder"; that hidden
    units explain each other away is ours.
    """
    strict = (units.thresholds == units.sizes) & (units.sizes > 2)
    lower = units.thresholds - strict
    states = encode(replace(units, thresholds=lower), observed)
    rates = np.clip(units.rates, 1e-6, 0.5)
    doubt = np.log((1 - rates) / rates)
    signal = np.clip(units.lifts, 0.5, 0.98)
    for least in (-np.inf, 0.0, 0.0):
        counts = active_parents(states, units.children)
        lone = ones_where(counts, counts.data == 1) * observed.samples
        stray = without(observed.samples, counts).nnz / (observed.number * observed.units)
        noise = np.clip(stray, _STRAY, 0.4)  # P(on) of a unit that has no active parent
        sole = ones_in_common(states, lone, units.children)
        on = ones_in_common(states, observed.samples, units.children)
        hidden = states.indices
        odds = sole * np.log(signal / noise)[hidden] - doubt[hidden]
        odds += (units.sizes[hidden] - on) * np.log(1 - signal)[hidden]
        states = ones_where(states, (sole > 0) & (odds > least))
    return states


def refit(units: Units, observed: Observed) -> Units:
    """Thresholds, rates and lifts by the samples in which the units are on now.

    Source: ours; the paper knows rho and d, from which its thresholds follow.
    """
    states = encode(units, observed)
    ours = ones_in_common(states, observed.samples, units.children)
    on = np.bincount(states.indices, minlength=len(units))
    sizes = np.maximum(units.sizes, 1)
    signal = np.bincount(states.indices, ours, len(units)) / (sizes * np.maximum(on, 1))
    noise = (units.children @ observed.means) / sizes
    rates = on / observed.number
    thresholds = bayes_threshold(sizes, noise, signal, rates)
    return Units(units.children, thresholds, rates, signal - noise)
