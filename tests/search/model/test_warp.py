"""The unit of the model, and the gain in that of the scores against the definition."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from scipy.special import ndtri

from explorer.search.model.ehvi import Staircase, expected_improvement
from explorer.search.model.warp import improvement_unwarped, warped

SPREAD = 0.02 * 1.4826  # of these scores and two more, by their median absolute deviation
SCORES = np.repeat([0.86, 0.88, 0.9, 0.92, 0.94], 3)


def unwarped(values: np.ndarray) -> np.ndarray:
    """Spreads from the median of what was warped."""
    return np.where(values > -1, values, -np.exp(-1 - values))


def test_a_disaster_does_not_decide_the_scale() -> None:
    accuracies = np.append(np.linspace(0.88, 0.92, 20), 0.1)
    values = warped(accuracies)
    assert np.all(np.diff(values[:20]) > 0)
    assert values[20] < values[0]
    assert values[20] > values[0] - 6
    assert np.allclose(warped(np.full(5, 0.5)), 0)


def test_what_was_warped_is_found_again() -> None:
    scores = np.append(SCORES, [0.1, 0.6])
    values = warped(scores)
    spreads = unwarped(values)
    assert np.allclose(spreads - spreads[-1], (scores - 0.6) / SPREAD)


@pytest.mark.parametrize("mean", [-7.0, -2.5, -1.0, 0.5])
@pytest.mark.parametrize("deviation", [0.05, 0.6, 2.5])
@pytest.mark.parametrize("threshold", [-6.0, -2.0, -1.0, 0.0])
def test_the_gain_is_that_of_many_draws(mean: float, deviation: float, threshold: float) -> None:
    shares = (np.arange(400_000) + 0.5) / 400_000
    draws = mean + deviation * ndtri(shares)
    above = np.maximum(unwarped(draws) - unwarped(np.array([threshold])), 0)
    found = improvement_unwarped(*(np.array([v]) for v in (mean, deviation, threshold)))
    assert found[0] == pytest.approx(above.mean(), rel=2e-3, abs=1e-6)


def test_without_doubt_it_is_the_difference() -> None:
    gains = improvement_unwarped(np.array([-2.0, -4.0, 1.0]), np.full(3, 1e-9), np.array([-3.0]))
    assert gains == pytest.approx([exp(2) - exp(1), 0, exp(2) + 1], abs=1e-6)


def test_above_the_knee_it_is_the_usual_one() -> None:
    means, deviations, threshold = np.array([0.0, 2.0]), np.array([0.3, 1.0]), np.array([-0.5])
    usual = expected_improvement(means, deviations, threshold)
    assert np.allclose(improvement_unwarped(means, deviations, threshold), usual, atol=1e-9)


@pytest.mark.parametrize("threshold", [-49.0, -20.0, -9.0, -1.5])
def test_far_below_it_is_what_lies_between(threshold: float) -> None:
    """Where it is sure that a threshold is passed, the gain is the distance in scores."""
    gain = improvement_unwarped(np.array([0.0]), np.array([0.05]), np.array([threshold]))
    assert gain[0] == pytest.approx(exp(-1 - threshold), rel=1e-6)


def test_what_is_beyond_the_floor_is_as_bad() -> None:
    gains = improvement_unwarped(np.zeros(3), np.ones(3), np.array([-50.0, -51.0, -1e6]))
    assert gains[0] == gains[1] == gains[2]


def test_where_there_is_hardly_a_chance_it_is_small_and_above_nothing() -> None:
    away = np.array([5.0, 7.0, 9.0])
    gains = improvement_unwarped(-3 - 0.2 * away, np.full(3, 0.2), np.array([-3.0]))
    # An exponential unit at so sure a loss is linear: its slope there times the usual gain.
    usual = exp(2) * expected_improvement(-0.2 * away, np.full(3, 0.2), np.zeros(1))
    assert np.all(gains > 0)
    assert np.all(np.diff(np.log(gains)) < -8)
    assert gains == pytest.approx(usual, rel=0.1)


def test_no_number_is_too_large() -> None:
    means = np.array([-1e6, -100.0, -5.0, 0.0, 5.0, 1e4])[:, None, None]
    deviations = np.array([1e-9, 1e-3, 1.0, 50.0, 1e5])[:, None]
    thresholds = np.array([-1e5, -60.0, -3.0, -1.0, 0.0, 100.0])
    with np.errstate(all="raise", under="ignore"):
        gains = improvement_unwarped(means, deviations, thresholds)
    assert np.isfinite(gains).all()
    assert (gains >= 0).all()
    assert (np.diff(gains, axis=0) >= -1e-9 * gains[1:]).all()  # more with the mean
    assert (np.diff(gains, axis=2) <= 0).all()  # less with the threshold


def test_a_rise_below_the_knee_is_worth_what_it_is_in_scores() -> None:
    """A step of two spreads of the scores is no third of one in the model's unit."""
    scores = np.append(SCORES, [0.6, 0.66])
    values = warped(scores)
    stairs = Staircase.of(values[-2:-1], np.array([1.0]), (values[-2] - 1, 3.0))
    step = values[-1:], np.array([1e-9]), np.array([2.0])
    assert stairs.expected_gain(*step)[0] < 0.3
    gain = stairs.expected_gain(*step, improvement_unwarped)[0]
    assert gain == pytest.approx(0.06 / SPREAD, rel=1e-6)
