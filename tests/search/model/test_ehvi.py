"""The closed form against the definition."""

from __future__ import annotations

from math import erfc

import numpy as np
import pytest

from explorer.search.model.ehvi import Staircase, expected_improvement, normal_cdf

REFERENCE = (0.2, 100.0)


def area(accuracies: np.ndarray, costs: np.ndarray) -> float:
    """The hypervolume by a fine grid of costs."""
    grid = np.arange(0.005, REFERENCE[1], 0.01)
    best = [max([REFERENCE[0], *accuracies[costs <= cost]]) for cost in grid]
    return float(np.sum(np.array(best) - REFERENCE[0]) * 0.01)


def front(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random(9), rng.integers(5, 120, 9).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_the_area_is_that_below_the_stairs(seed: int) -> None:
    accuracies, costs = front(seed)
    assert Staircase.of(accuracies, costs, REFERENCE).area == pytest.approx(area(accuracies, costs))


@pytest.mark.parametrize("seed", range(4))
def test_a_gain_without_doubt_is_what_the_area_grows_by(seed: int) -> None:
    accuracies, costs = front(seed)
    stairs = Staircase.of(accuracies, costs, REFERENCE)
    for accuracy, cost in ((0.9, 3.0), (0.5, 40.0), (0.1, 1.0), (0.99, 99.0), (0.7, 110.0)):
        more = Staircase.of(np.append(accuracies, accuracy), np.append(costs, cost), REFERENCE)
        gain = stairs.expected_gain(np.array([accuracy]), np.array([1e-9]), np.array([cost]))
        assert gain[0] == pytest.approx(more.area - stairs.area, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_expected_gain_is_that_of_many_draws(seed: int) -> None:
    accuracies, costs = front(seed)
    stairs = Staircase.of(accuracies, costs, REFERENCE)
    rng = np.random.default_rng(seed)
    mean, deviation, cost = rng.random(), 0.05 + 0.2 * rng.random(), 90 * rng.random()
    draws = rng.normal(mean, deviation, 4_000)
    gains = [
        Staircase.of(np.append(accuracies, draw), np.append(costs, cost), REFERENCE).area
        - stairs.area
        for draw in draws
    ]
    found = stairs.expected_gain(np.array([mean]), np.array([deviation]), np.array([cost]))[0]
    error = np.std(gains) / len(gains) ** 0.5
    assert found == pytest.approx(np.mean(gains), abs=4 * error + 1e-5)


def test_a_front_of_nothing_is_the_reference() -> None:
    stairs = Staircase.of(np.zeros(0), np.zeros(0), REFERENCE)
    assert stairs.area == 0
    gain = stairs.expected_gain(np.array([0.7]), np.array([1e-9]), np.array([60.0]))
    assert gain[0] == pytest.approx(0.5 * 40)


def test_the_normal_distribution() -> None:
    values = np.linspace(-6, 6, 101)
    exact = [erfc(-value / 2**0.5) / 2 for value in values]
    assert np.allclose(normal_cdf(values), exact, rtol=2e-7, atol=0)
    assert expected_improvement(np.array([0.0]), np.array([2.0]), np.array([0.0]))[
        0
    ] == pytest.approx(2 / (2 * np.pi) ** 0.5, abs=1e-6)
