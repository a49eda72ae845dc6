"""How far a score can be trusted: rank correlations with what it stands for, and their intervals.

Everything is of two columns of numbers for the same nets: a score, and the truth that it is to
rank by, such as an accuracy after long training. Numpy alone.

Intervals are percentiles of the bootstrap over nets (Efron 1979): as many nets are drawn with
replacement, again and again. A draw is a row of weights, how often each net is in it, and the
statistics below take all rows at once. A net that is drawn twice makes a tied pair with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ExplorerError

Array = NDArray[np.float64]
Column = Sequence[float] | Array
Statistic = Callable[[Array, Array, Array], Array]  # (score, truth, draws x nets) -> draws

RESAMPLES = 2_000
LEVEL = 0.95
FEWEST = 3  # nets: with two, every rank correlation is -1, 0 or 1

_CHUNK = 512  # columns of the matrix of pairs that are in memory at once


class Interval(NamedTuple):
    """A statistic, and between what values it lies with the chosen probability."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


# ---- statistics


def kendall(score: Column, truth: Column) -> float:
    """Kendall's tau-b (Kendall 1945): of pairs that neither ties, those in order less the others.

    Divided by the root of the product of the numbers of pairs that each of the two does not tie;
    nan where one of them ties all.

    Raises:
        ExplorerError: columns of different lengths, or fewer than three nets.
    """
    first, second = _columns(score, truth)
    return float(weighted_kendall(first, second, np.ones((1, len(first))))[0])


def spearman(score: Column, truth: Column) -> float:
    """Spearman's rho: the linear correlation of the ranks, ties sharing their mean rank.

    Raises:
        ExplorerError: columns of different lengths, or fewer than three nets.
    """
    first, second = _columns(score, truth)
    return float(weighted_spearman(first, second, np.ones((1, len(first))))[0])


def ranks(values: Column) -> Array:
    """Ranks from 1 for the smallest; equal values share the mean of theirs."""
    numbers = np.asarray(values, float)
    result: Array = _weighted_ranks(numbers, np.ones((1, len(numbers))))[0]
    return result


def weighted_kendall(score: Array, truth: Array, weights: Array) -> Array:
    """Tau-b for each row of weights, which say how often a net is there."""
    agreeing = np.zeros(len(weights))
    light = weights.astype(np.float32)  # sums of whole numbers stay exact below 2^24
    first, second = (_places(values).astype(np.float32) for values in (score, truth))
    for start in range(0, len(score), _CHUNK):
        part = slice(start, start + _CHUNK)
        signs = np.sign(first[:, None] - first[None, part])
        signs *= np.sign(second[:, None] - second[None, part])
        agreeing += np.einsum("ij,ij->i", light @ signs, light[:, part], dtype=np.float64)
    untied = _untied(score, weights) * _untied(truth, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = agreeing / np.sqrt(untied)
    return result


def _untied(values: Array, weights: Array) -> Array:
    """The ordered pairs of each row of weights whose values differ."""
    _, groups = _grouped(values, weights)
    result: Array = weights.sum(1) ** 2 - np.square(groups).sum(1)
    return result


def weighted_spearman(score: Array, truth: Array, weights: Array) -> Array:
    """Rho for each row of weights, which say how often a net is there."""
    first, second = _weighted_ranks(score, weights), _weighted_ranks(truth, weights)
    total = weights.sum(1, keepdims=True)
    first = first - (weights * first).sum(1, keepdims=True) / total
    second = second - (weights * second).sum(1, keepdims=True) / total
    product = (weights * first * second).sum(1)
    squares = (weights * first**2).sum(1) * (weights * second**2).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = product / np.sqrt(squares)
    return result


def _weighted_ranks(values: Array, weights: Array) -> Array:
    """For each row of weights the mean rank of each net's value among all that are there."""
    places, groups = _grouped(values, weights)
    last = groups.cumsum(1)
    result: Array = (last - (groups - 1) / 2)[:, places]
    return result


def _grouped(values: Array, weights: Array) -> tuple[NDArray[np.intp], Array]:
    """For each net which of the different values it has, and the weight of each value by row."""
    places = _places(values)
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    return places, np.add.reduceat(weights[:, order], starts, axis=1)


def _places(values: Array) -> NDArray[np.intp]:
    """For each net the place of its value among the different ones, from 0."""
    return np.unique(values, return_inverse=True)[1]


STATISTICS: dict[str, Statistic] = {"kendall": weighted_kendall, "spearman": weighted_spearman}


# ---- intervals


def interval(
    statistic: str,
    score: Column,
    truth: Column,
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """A rank correlation and its bootstrap percentile interval.

    Args:
        statistic: a key of ``STATISTICS``.
        score: what ranks the nets; what is not defined is nan, and below all else.
        truth: what they are to be ranked by.
        resamples: how often nets are drawn.
        level: the probability that the interval is to have.
        seed: of the draws; the same draws for every score of the same number of nets.

    Raises:
        ExplorerError: columns of different lengths, or fewer than three nets.
    """
    first, second = _columns(score, truth)
    value, drawn = _drawn(statistic, first, second, resamples, seed)
    return Interval(value, *_percentiles(drawn, level))


def difference(
    statistic: str,
    score: Column,
    other: Column,
    truth: Column,
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """By how much one score ranks better than another, both of the same nets in every draw.

    Arguments and errors as of :func:`interval`.
    """
    (first, second), (third, _) = _columns(score, truth), _columns(other, truth)
    ours, drawn = _drawn(statistic, first, second, resamples, seed)
    theirs, drawn_too = _drawn(statistic, third, second, resamples, seed)
    return Interval(ours - theirs, *_percentiles(drawn - drawn_too, level))


def _drawn(
    statistic: str, score: Array, truth: Array, resamples: int, seed: int
) -> tuple[float, Array]:
    """The statistic of all nets, and those of the draws."""
    of, count = STATISTICS[statistic], len(score)
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), resamples)
    parts = np.array_split(draws.astype(float), max(1, resamples // 500))
    drawn = np.concatenate([of(score, truth, part) for part in parts])
    return float(of(score, truth, np.ones((1, count)))[0]), drawn


def _percentiles(drawn: Array, level: float) -> tuple[float, float]:
    """The ends of the middle of the draws; a draw without two different values tells nothing."""
    kept = drawn[np.isfinite(drawn)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _columns(score: Column, truth: Column) -> tuple[Array, Array]:
    first, second = np.asarray(score, float), np.asarray(truth, float)
    if first.shape != second.shape or first.ndim != 1 or len(first) < FEWEST:
        raise ExplorerError(
            f"a rank correlation is of two columns of {FEWEST} nets or more, equally long; "
            f"got {len(first)} and {len(second)}"
        )
    if np.isnan(second).any():
        raise ExplorerError("a rank correlation is with numbers; the truth has a nan")
    return np.where(np.isnan(first), -np.inf, first), second


# ---- parts of a set of nets


def best(truth: Column, share: float) -> NDArray[np.bool_]:
    """Which nets are in the best ``share`` by the truth; ties with the last of them are in, too.

    Rank correlations are smaller there than over all nets, because the range is: that is what a
    search has to do with, and what a score is worth in it.
    """
    numbers = np.asarray(truth, float)
    count = max(1, round(share * len(numbers)))
    result: NDArray[np.bool_] = numbers >= np.sort(numbers)[-count]
    return result


def bands(values: Column, count: int) -> Iterator[NDArray[np.bool_]]:
    """Which nets are in each of ``count`` bands of equally many nets, such as of similar macs.

    Equal values are in the same band.
    """
    numbers = np.asarray(values, float)
    edges = np.quantile(numbers, np.linspace(0, 1, count + 1)[1:-1], method="inverted_cdf")
    places = np.searchsorted(edges, numbers, side="left")
    yield from (places == place for place in range(count) if (places == place).any())


def within(score: Column, truth: Column, groups: Sequence[NDArray[np.bool_]]) -> float:
    """Kendall's tau-b over the pairs of nets that are in the same group, such as a band of macs.

    What is left of a score's order where size says little: macs themselves are near 0 here.
    """
    first, second = _columns(score, truth)
    masks = np.array(groups, float)
    values = weighted_kendall(first, second, masks)
    untied = _untied(first, masks), _untied(second, masks)
    roots = np.sqrt(untied[0] * untied[1])
    agreeing = np.where(roots > 0, values * roots, 0).sum()
    pairs = float(np.sqrt(untied[0].sum() * untied[1].sum()))
    return float(agreeing) / pairs if pairs else float("nan")
