"""Rank correlations against small cases by hand and brute force over pairs; their intervals."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from explorer.errors import ExplorerError
from explorer.score.reliability import (
    STATISTICS,
    bands,
    best,
    difference,
    interval,
    kendall,
    ranks,
    spearman,
    weighted_kendall,
    weighted_spearman,
    within,
)


def slow_kendall(first: list[float], second: list[float]) -> float:
    pairs = list(combinations(range(len(first)), 2))
    signs = [(np.sign(first[a] - first[b]), np.sign(second[a] - second[b])) for a, b in pairs]
    untied = [sum(sign[side] != 0 for sign in signs) for side in (0, 1)]
    return float(sum(a * b for a, b in signs) / math.sqrt(untied[0] * untied[1]))


def slow_ranks(values: list[float]) -> list[float]:
    return [sum(v < x for v in values) + (sum(v == x for v in values) + 1) / 2 for x in values]


def columns(seed: int, count: int = 40) -> tuple[list[float], list[float]]:
    """Two columns that are related, with ties in both."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 15, count).astype(float)
    return list(np.round(truth + rng.normal(0, 4, count))), list(truth)


def test_kendall_by_hand() -> None:
    assert kendall([1, 2, 3], [1, 2, 3]) == 1
    assert kendall([1, 2, 3], [3, 2, 1]) == -1
    assert kendall([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(4 / 6)
    # Of six pairs five are untied in the first, four in the second; three agree, none does not.
    assert kendall([1, 1, 2, 3], [1, 2, 2, 2]) == pytest.approx(2 / math.sqrt(5 * 3))
    assert math.isnan(kendall([1, 1, 1], [1, 2, 3]))


def test_spearman_by_hand() -> None:
    assert spearman([1, 2, 3], [10, 20, 300]) == pytest.approx(1)
    assert spearman([1, 2, 3, 4], [2, 1, 4, 3]) == pytest.approx(1 - 6 * 4 / (4 * 15))
    assert list(ranks([5, 1, 5, 7])) == [2.5, 1, 2.5, 4]
    assert list(ranks([])) == []


@pytest.mark.parametrize("seed", range(8))
def test_statistics_are_those_of_brute_force(seed: int) -> None:
    first, second = columns(seed)
    assert kendall(first, second) == pytest.approx(slow_kendall(first, second))
    expected = np.corrcoef(slow_ranks(first), slow_ranks(second))[0, 1]
    assert spearman(first, second) == pytest.approx(float(expected))


def test_a_chunk_of_pairs_makes_no_difference() -> None:
    first, second = columns(3, 1_100)
    assert kendall(first, second) == pytest.approx(slow_kendall(first, second))


@pytest.mark.parametrize("seed", range(4))
def test_weights_mean_copies(seed: int) -> None:
    first, second = columns(seed, 12)
    weights = np.random.default_rng(seed).integers(0, 4, (5, 12))
    found = weighted_kendall(np.array(first), np.array(second), weights.astype(float))
    found_too = weighted_spearman(np.array(first), np.array(second), weights.astype(float))
    for row, tau, rho in zip(weights, found, found_too, strict=True):
        copies = [list(np.repeat(column, row)) for column in (first, second)]
        assert tau == pytest.approx(kendall(*copies))
        assert rho == pytest.approx(spearman(*copies))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_intervals_hold_the_value_and_the_seed_decides(statistic: str) -> None:
    first, second = columns(1, 200)
    found = interval(statistic, first, second, resamples=400)
    assert found.low < found.value < found.high
    assert found == interval(statistic, first, second, resamples=400)
    assert found != interval(statistic, first, second, resamples=400, seed=1)
    wider = interval(statistic, first[:50], second[:50], resamples=400)
    assert wider.high - wider.low > found.high - found.low
    narrower = interval(statistic, first, second, resamples=400, level=0.5)
    assert found.low < narrower.low < narrower.high < found.high
    assert str(found) == f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def test_intervals_cover_what_they_say() -> None:
    """Of normal columns with correlation r, Kendall's tau is 2/pi asin r; 95 in 100 hold it."""
    rng, r = np.random.default_rng(0), 0.6
    truth = 2 / math.pi * math.asin(r)
    inside = 0
    for seed in range(100):
        first = rng.normal(size=80)
        second = r * first + math.sqrt(1 - r * r) * rng.normal(size=80)
        found = interval("kendall", first, second, resamples=300, seed=seed)
        inside += found.low <= truth <= found.high
    assert 88 <= inside <= 99


def test_a_difference_is_paired() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=150)
    good = truth + rng.normal(0, 0.5, 150)
    poor = good + rng.normal(0, 0.5, 150)
    found = difference("kendall", good, poor, truth, resamples=400)
    assert found.value == pytest.approx(kendall(good, truth) - kendall(poor, truth))
    assert found.low > 0
    apart = [interval("kendall", score, truth, resamples=400) for score in (good, poor)]
    assert found.high - found.low < sum(each.high - each.low for each in apart)
    assert difference("kendall", good, good, truth, resamples=50) == (0, 0, 0)


def test_what_is_not_defined_ranks_last() -> None:
    assert kendall([math.nan, 2, 3], [1, 2, 3]) == 1
    with pytest.raises(ExplorerError, match="the truth has a nan"):
        kendall([1, 2, 3], [1, math.nan, 3])
    with pytest.raises(ExplorerError, match="3 nets or more, equally long; got 3 and 2"):
        spearman([1, 2, 3], [1, 2])
    with pytest.raises(ExplorerError, match="got 2 and 2"):
        interval("kendall", [1, 2], [1, 2])


def test_constant_scores_have_no_interval() -> None:
    found = interval("kendall", [1, 1, 1], [1, 2, 3], resamples=20)
    assert all(math.isnan(each) for each in found)


def test_parts_of_a_set() -> None:
    assert list(best([1, 4, 2, 3], 0.5)) == [False, True, False, True]
    assert list(best([1, 3, 3, 3], 0.5)) == [False, True, True, True]
    assert list(best([1, 2, 3], 0.01)) == [False, False, True]
    found = list(bands([10, 20, 30, 40, 50, 60], 3))
    assert [list(np.flatnonzero(band)) for band in found] == [[0, 1], [2, 3], [4, 5]]
    assert [int(band.sum()) for band in bands([1, 1, 1, 1, 2, 3], 3)] == [4, 2]


def test_within_bands_counts_their_pairs_alone() -> None:
    truth = [1.0, 2, 3, 11, 12, 13]
    score = [3.0, 2, 1, 11, 12, 13]
    groups = [np.array([True] * 3 + [False] * 3), np.array([False] * 3 + [True] * 3)]
    assert kendall(score, truth) == pytest.approx((12 - 3) / 15)
    assert within(score, truth, groups) == pytest.approx(0)
    assert within(score, truth, groups[1:]) == pytest.approx(1)
