"""Expected hypervolume improvement where one of two objectives is known beforehand.

Of a candidate the cost is exact and the accuracy normally distributed. The area that it would add
under the front's staircase is then a sum over the stairs behind its cost: the length of a stair
times the expected improvement on the stair's height. So there is no integral to estimate (of
Emmerich et al. 2011, the case in which one variance is zero).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
# The expected rise of normal variables above thresholds, by means, deviations and thresholds.
Improvement = Callable[[Array, Array, Array], Array]

# The Chebyshev fit of erfc of Press et al. 1992, 6.2: its relative error is below 1.2e-7, also far
# out in the tail, where an expected improvement is a small difference.
_ERFC = (
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806,
    0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
)  # fmt: skip


def expected_improvement(means: Array, deviations: Array, threshold: Array) -> Array:
    """By how much normal variables exceed a threshold on average, 0 where they lie below it."""
    away = (means - threshold) / deviations
    gains: Array = np.maximum(deviations * (density(away) + away * normal_cdf(away)), 0)
    return gains


def density(values: Array) -> Array:
    """The density of the standard normal distribution."""
    densities: Array = np.exp(-(values**2) / 2) / np.sqrt(2 * np.pi)
    return densities


def normal_cdf(values: Array) -> Array:
    """The distribution function of the standard normal, with a relative error below 1.2e-7."""
    tail = mills_ratio(np.abs(values)) * density(values)
    shares: Array = np.where(values >= 0, 1 - tail, tail)
    return shares


def mills_ratio(values: Array) -> Array:
    """What lies above values of the standard normal, by its density there; of values from 0 up."""
    inner = 1 / (1 + values / np.sqrt(8))
    ratios: Array = np.sqrt(np.pi / 2) * inner * np.exp(np.polyval(_ERFC[::-1], inner))
    return ratios


@dataclass(frozen=True, slots=True)
class Staircase:
    """A front of two objectives, and a reference point behind it.

    Attributes:
        edges: where stairs end, in costs, ascending; the last is the reference cost.
        heights: the best accuracy that costs at most as much as the stair's beginning; the first
            is the reference accuracy, of the stair that begins at cost 0.
    """

    edges: Array
    heights: Array

    @classmethod
    def of(cls, accuracies: Array, costs: Array, reference: tuple[float, float]) -> Staircase:
        """The staircase of nets.

        Args:
            accuracies: of nets, any unit.
            costs: of the same nets.
            reference: an accuracy that counts for nothing, and a cost that is too high.
        """
        order = np.lexsort((-accuracies, costs))
        order = order[costs[order] < reference[1]]
        best = np.maximum.accumulate(np.append(reference[0], accuracies[order]))
        rises = np.flatnonzero(np.diff(best) > 0)
        edges = np.append(costs[order][rises], reference[1]).astype(float)
        return cls(edges, np.append(reference[0], best[rises + 1]))

    @property
    def area(self) -> float:
        """The hypervolume between the front and the reference point."""
        return float((np.diff(self.edges) * (self.heights[1:] - self.heights[0])).sum())

    def expected_gain(
        self,
        means: Array,
        deviations: Array,
        costs: Array,
        improvement: Improvement = expected_improvement,
    ) -> Array:
        """By how much candidates are expected to enlarge the area.

        Args:
            means: of each candidate's accuracy.
            deviations: standard deviations of the same, above 0.
            costs: what each candidate costs.
            improvement: the expected rise above thresholds, in the unit in which the area counts.
        """
        begins = np.append(-np.inf, self.edges[:-1])
        lengths = np.maximum(self.edges - np.maximum(begins, costs[:, None]), 0)
        gains = improvement(means[:, None], deviations[:, None], self.heights)
        return np.asarray((lengths * gains).sum(axis=1))
