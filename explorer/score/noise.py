"""What another training seed does to scores: how large it is, and what it leaves to be told apart.

Scores are accuracies, 0 to 1, one for each net; noise is taken to be normal and of one size for all
nets. Numpy alone, and no tables: quantiles are computed or simulated with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import erf, exp, lgamma, log, sqrt

import numpy as np

from explorer.errors import ExplorerError
from explorer.score.reliability import LEVEL, Column, Interval

FEWEST_PAIRS = 2  # of a net's two seeds: one difference alone says next to nothing
_DRAWS = 400_000  # of a range: the 95 % quantile is then within about 1 %
_AT_ONCE = 2_000_000  # numbers drawn in one array


@dataclass(frozen=True, slots=True)
class Noise:
    """The standard deviation between seeds, pooled over nets that were trained with two.

    Attributes:
        sigma: of one score, in the scores' unit.
        low: the lower end of its 95 % interval.
        high: the upper end.
        pairs: of first and second seed; as many degrees of freedom.
    """

    sigma: float
    low: float
    high: float
    pairs: int


def seed_noise(first: Sequence[float], second: Sequence[float]) -> Noise | None:
    """The noise of a seed from nets that were trained with two: sigma^2 = mean of d^2 / 2.

    The variance within pairs, each with one degree of freedom and a mean of its own (Dahlberg
    1940). The interval is that of a normal variance: sigma^2 m / chi-square with m degrees.

    Args:
        first: a score for each net.
        second: of the same nets, with another seed.

    Returns:
        None for fewer than two nets.

    Raises:
        ExplorerError: the two are not equally long.
    """
    if len(first) != len(second):
        raise ExplorerError(f"pairs of scores: got {len(first)} and {len(second)}")
    pairs = len(first)
    if pairs < FEWEST_PAIRS:
        return None
    differences = np.asarray(first, float) - np.asarray(second, float)
    sigma = sqrt(float(np.mean(differences**2)) / 2)
    ends = [chi_square_quantile((1 + side * LEVEL) / 2, pairs) for side in (1, -1)]
    low, high = (sigma * sqrt(pairs / end) for end in ends)
    return Noise(sigma, low, high, pairs)


# ---- quantiles


def chi_square_quantile(probability: float, freedom: int) -> float:
    """The value that a chi-square variable stays below with a probability strictly in 0 to 1."""
    low, high = 0.0, 1.0
    while _chi_square(high, freedom) < probability:
        high *= 2
    for _ in range(100):  # halvings: beyond what a float can tell apart
        middle = (low + high) / 2
        low, high = (middle, high) if _chi_square(middle, freedom) < probability else (low, middle)
    return high


def _chi_square(value: float, freedom: int) -> float:
    """The distribution function: the lower incomplete gamma function by its power series."""
    shape, x = freedom / 2, value / 2
    if x <= 0:
        return 0.0
    term = total = exp(shape * log(x) - x - lgamma(shape + 1))
    if x > shape and term == 0:  # so far in the tail that the series cannot begin
        return 1.0
    step = shape
    while term > 1e-17 * total or step < x:
        step += 1
        term *= x / step
        total += term
    return min(total, 1.0)


@lru_cache(maxsize=64)
def studentized_range(groups: int, freedom: int, level: float = LEVEL) -> float:
    """The quantile q of the studentized range (Tukey 1949), simulated: good to about 1 %.

    It is the range of so many normal numbers over an estimate of their standard deviation that is
    independent of them and has so many degrees of freedom.
    """
    rng, left, drawn = np.random.default_rng(0), _DRAWS, []
    while left:
        count = min(left, max(1, _AT_ONCE // groups))
        ranges = np.ptp(rng.standard_normal((count, groups)), axis=1)
        drawn.append(ranges / np.sqrt(rng.chisquare(freedom, count) / freedom))
        left -= count
    return float(np.quantile(np.concatenate(drawn), level))


def honest_difference(noise: Noise, groups: int) -> float:
    """Tukey's honest significant difference (1949) between any two of ``groups`` single scores.

    With a probability of 95 % none of the pairs differ by more, if seeds are all that differs:
    q sigma, with the degrees of freedom that sigma has.
    """
    return studentized_range(groups, noise.pairs) * noise.sigma


# ---- what no score can beat


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How well scores can be ranked at all, as Kendall's tau with the scores.

    The intervals are those of sigma; which nets there happen to be is not in them.

    Attributes:
        retrained: what a second training of every net would reach.
        perfect: what the true order would reach. No score can beat it that has not seen the noise
            of the very runs that it is compared with.
    """

    retrained: Interval
    perfect: Interval


def ceiling(scores: Column, noise: Noise) -> Ceiling | None:
    """The expected rank correlations of scores with a second seed, and with their true values.

    The true values are estimated by the scores, drawn towards their mean until their variance is
    the scores' less sigma^2 (Louis 1984). Two nets whose true values differ by d are in order
    with probability Phi(d / sigma sqrt 2), so the sign that a seed gives them has the expectation
    erf(d / 2 sigma): the mean of that over all pairs of nets is the expected tau of the true order,
    the mean of its square that of two seeds.

    Returns:
        None where sigma is not below the standard deviation of the scores: then they cannot be
        told from noise.
    """
    values = np.asarray(scores, float)
    if noise.sigma >= spread(values):
        return None
    found = [_expected(values, sigma) for sigma in (noise.sigma, noise.high, noise.low)]
    (retrained, perfect) = (Interval(*each) for each in zip(*found, strict=True))
    return Ceiling(retrained, perfect)


def spread(scores: Column) -> float:
    """The standard deviation of scores over nets."""
    return float(np.std(np.asarray(scores, float), ddof=1))


def _expected(scores: np.ndarray, sigma: float) -> tuple[float, float]:
    """The expected tau of two seeds, and of one with the true order."""
    above, below = np.triu_indices(len(scores), 1)
    share = 1 - (sigma / spread(scores)) ** 2
    if share <= 0:
        return 0.0, 0.0
    apart = np.abs(scores[above] - scores[below])
    apart = apart[apart > 0] * sqrt(share)  # equal scores have no order to agree with
    signs = np.array([_sign(d, sigma) for d in apart.tolist()])
    return float(np.mean(signs**2)), float(np.mean(signs))


def _sign(apart: float, sigma: float) -> float:
    return erf(apart / (2 * sigma)) if sigma else 1.0
