"""Accuracies as a model sees them, in a unit in which a few disasters do not decide everything.

What is found there is counted in the accuracy's own unit again, as the area under a front is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.search.model.ehvi import density, expected_improvement, mills_ratio, normal_cdf

Array = npt.NDArray[np.float64]

_KNEE = -1.0  # spreads from the median: below it the scale is logarithmic
_FLOOR = -50.0  # below it all are as bad: e^49 spreads from the median


def warped(accuracies: Array) -> Array:
    """Accuracies standardised by quantiles: linear above, logarithmic far below the median.

    So that trials that went wrong, or very small nets, do not decide what the others look like.
    """
    if not len(accuracies):
        return accuracies
    middle = np.median(accuracies)
    spread = 1.4826 * np.median(np.abs(accuracies - middle))
    standard = (accuracies - middle) / (spread or accuracies.std() or 1.0)
    tail = _KNEE - np.log1p(np.maximum(_KNEE - standard, 0))
    return np.where(standard < _KNEE, tail, standard)


def improvement_unwarped(means: Array, deviations: Array, threshold: Array) -> Array:
    """By how much normal variables exceed a threshold, counted in spreads of the accuracies.

    The expectation is over the warped unit, in which the variables are normal; what they exceed the
    threshold by is not. Below the knee a small rise of the warped accuracy y is one of exp(-1 - y).

    Args:
        means: of warped accuracies.
        deviations: standard deviations of the same, above 0.
        threshold: warped accuracies.
    """
    above = expected_improvement(means, deviations, np.maximum(threshold, _KNEE))
    low = np.minimum(threshold, _KNEE)
    below = _exponential(means, deviations, low) - _exponential(means, deviations, _KNEE)
    gains: Array = above + np.maximum(below, 0)
    return gains


def _exponential(means: Array, deviations: Array, low: Array | float) -> Array:
    """The integral, from ``low`` up, of exp(-1 - y) times the chance that a variable exceeds y.

    By parts it is a difference of two tails of normal distributions. Far out the second is written
    by the density of the first, so that neither is rounded away, and no factor overflows.
    """
    low = np.maximum(low, _FLOOR)
    away = (low - means) / deviations
    beyond = away + deviations
    tail = density(away) * mills_ratio(np.maximum(beyond, 0))
    shift = np.exp(np.minimum(deviations * (away + deviations / 2), 0))
    second = np.where(beyond > 0, tail, shift * normal_cdf(-beyond))
    integral: Array = np.exp(_KNEE - low) * (normal_cdf(-away) - second)
    return integral
