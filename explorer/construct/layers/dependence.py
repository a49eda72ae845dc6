"""How many units around a unit tell the same as it does, window by window.

Every unit is looked at as a signal of variance 1 with noise of variance 1. Were n units perfectly
correlated, the signal would be known from them up to a variance of 1 / (1 + n); so a variance of v
that remains, given all units of a window, stands for n = 1 / v - 1 of them. A unit that nothing
correlates with has n = 1, itself. It is a soft size of the cluster that the unit is in.
"""

from __future__ import annotations

import numpy as np

from explorer.construct.layers.correlations import Array, Correlations, Shift, window_shifts


def agreeing(found: Correlations, channels: Array, sizes: Shift) -> Array:
    """How many units of a window tell the same as the one in its middle.

    Args:
        found: correlations that reach as far as units of the window are apart.
        channels: which channels the window has.
        sizes: of the window, odd numbers, one for each axis.

    Returns:
        of (channels,), from 1 to the number of units.
    """
    shifts = window_shifts(sizes)
    number = len(channels)
    middle = shifts.index((0,) * len(sizes)) * number
    units = found.patch(channels, shifts)
    # Posterior variances of the signals: the diagonal of S - S (S + 1)^-1 S = 1 - (S + 1)^-1.
    inverse = np.linalg.inv(units + np.eye(len(units)))
    left = 1 - np.diagonal(inverse)[middle : middle + number]
    return np.maximum(1 / left - 1, 1.0)


def dropped(found: Correlations, channels: Array, axis: int) -> float:
    """How much of the places that a stride of 2 on an axis leaves out the kept ones tell.

    Returns:
        R squared: the mean share of a dropped unit's variance that its two kept neighbours on the
        axis explain linearly.
    """
    here = np.diagonal(found.at(_along(found, axis, 1)))[channels]
    apart = np.ones(len(channels))
    if found.reach[axis] > 1:
        apart = np.diagonal(found.at(_along(found, axis, 2)))[channels]
    return float(np.clip(2 * here**2 / np.maximum(1 + apart, 1e-6), 0, 1).mean())


def _along(found: Correlations, axis: int, step: int) -> Shift:
    return tuple(step if a == axis else 0 for a in range(len(found.reach)))


def proper(units: Array) -> Array:
    """Positive semidefinite, with ones on the diagonal.

    Estimates at different shifts come from different numbers of places, so that small negative
    eigenvalues occur; they are set to 0.
    """
    values, vectors = np.linalg.eigh(units)
    if values[0] < -1e-9:
        units = (vectors * np.maximum(values, 0)) @ vectors.T
        own = np.sqrt(np.maximum(np.diagonal(units), 1e-12))
        units = units / np.outer(own, own)
    return units
