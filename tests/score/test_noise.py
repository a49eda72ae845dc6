"""Noise between seeds: quantiles as published tables have them, statistics as simulations do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.errors import ExplorerError
from explorer.score.noise import (
    Noise,
    ceiling,
    chi_square_quantile,
    honest_difference,
    seed_noise,
    studentized_range,
)
from explorer.score.reliability import kendall


# Pearson and Hartley, Biometrika Tables for Statisticians 1, table 8.
@pytest.mark.parametrize(
    ("probability", "freedom", "value"),
    [
        (0.025, 1, 0.000982),
        (0.025, 2, 0.0506),
        (0.975, 2, 7.378),
        (0.025, 5, 0.8312),
        (0.95, 10, 18.307),
        (0.975, 12, 23.337),
        (0.5, 30, 29.336),
        (0.975, 100, 129.561),
    ],
)
def test_chi_square_quantiles(probability: float, freedom: int, value: float) -> None:
    assert chi_square_quantile(probability, freedom) == pytest.approx(value, rel=1e-3)


def test_chi_square_quantiles_of_many_degrees() -> None:
    assert chi_square_quantile(0.5, 4_000) == pytest.approx(4_000 - 2 / 3, rel=1e-5)


# The same tables, table 29: upper 5 % points.
@pytest.mark.parametrize(
    ("groups", "freedom", "value"),
    [(2, 5, 3.635), (3, 10, 3.877), (5, 20, 4.232), (10, 12, 5.395), (3, 3, 5.910), (2, 2, 6.085)],
)
def test_studentized_ranges(groups: int, freedom: int, value: float) -> None:
    assert studentized_range(groups, freedom) == pytest.approx(value, rel=0.02)


def test_a_known_noise_is_recovered_and_its_interval_covers() -> None:
    rng, inside, found = np.random.default_rng(0), 0, []
    for _ in range(400):
        true = rng.normal(0.6, 0.05, 8)
        noise = seed_noise(*(list(true + rng.normal(0, 0.02, 8)) for _ in range(2)))
        assert noise is not None and noise.pairs == 8
        inside += noise.low <= 0.02 <= noise.high
        found.append(noise.sigma**2)
    assert math.sqrt(np.mean(found)) == pytest.approx(0.02, rel=0.03)
    assert 0.92 <= inside / 400 <= 0.98


def test_noise_by_hand() -> None:
    noise = seed_noise([0.5, 0.6], [0.52, 0.6])
    assert noise is not None
    assert noise.sigma == pytest.approx(math.sqrt(0.02**2 / 2 / 2))
    assert noise.low == pytest.approx(noise.sigma * math.sqrt(2 / 7.378), rel=1e-3)
    assert noise.high == pytest.approx(noise.sigma * math.sqrt(2 / 0.0506), rel=1e-3)


def test_one_pair_is_no_measurement() -> None:
    assert seed_noise([], []) is None
    assert seed_noise([0.5], [0.6]) is None
    with pytest.raises(ExplorerError, match="got 2 and 1"):
        seed_noise([0.5, 0.6], [0.5])


def test_equal_nets_differ_honestly_in_one_study_of_twenty() -> None:
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(1_000):
        first, second = rng.normal(0.5, 0.01, (2, 6))
        noise = seed_noise(list(first), list(second))
        assert noise is not None
        wrong += np.ptp(rng.normal(0.5, 0.01, 5)) > honest_difference(noise, 5)
    assert 30 <= wrong <= 70


@pytest.mark.parametrize("sigma", [0.005, 0.02, 0.04])
def test_the_ceiling_is_what_two_seeds_reach(sigma: float) -> None:
    """Estimated from one run of each net; compared with what many pairs of runs have."""
    rng = np.random.default_rng(2)
    true = rng.normal(0.6, 0.05, 120)
    pairs = [rng.normal(0, sigma, (2, 120)) + true for _ in range(100)]
    found = [ceiling(first, Noise(sigma, sigma, sigma, 12)) for first, _ in pairs[:20]]
    retrained = np.mean([kendall(first, second) for first, second in pairs])
    perfect = np.mean([kendall(first, true) for first, _ in pairs])
    assert np.mean([f.retrained.value for f in found if f]) == pytest.approx(retrained, abs=0.02)
    assert np.mean([f.perfect.value for f in found if f]) == pytest.approx(perfect, abs=0.02)
    assert perfect > retrained


def test_the_interval_of_the_ceiling_is_that_of_the_noise() -> None:
    scores = list(np.random.default_rng(3).normal(0.6, 0.05, 30))
    found = ceiling(scores, Noise(0.02, 0.01, 0.04, 12))
    assert found is not None
    assert 0 < found.retrained.low < found.retrained.value < found.retrained.high < 1
    wide = ceiling(scores, Noise(0.02, 0.01, 1.0, 2))
    assert wide is not None and wide.perfect.low == 0


def test_without_noise_everything_can_be_ranked() -> None:
    found = ceiling([0.5, 0.5, 0.6, 0.7], Noise(0, 0, 0, 5))
    assert found is not None and found.retrained == found.perfect == (1, 1, 1)


def test_noise_as_large_as_the_differences_leaves_nothing() -> None:
    assert ceiling([0.50, 0.51, 0.52], Noise(0.05, 0.03, 0.1, 5)) is None
    assert ceiling([0.5, 0.5, 0.5], Noise(0, 0, 0, 5)) is None
