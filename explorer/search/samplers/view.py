"""What trials have taught, seen from a reference point: the front, and what would enlarge it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.budget import Codes, Prior
from explorer.cost.batch import BatchCounter
from explorer.search.model.blend import Blend
from explorer.search.model.ehvi import Improvement, Staircase
from explorer.search.model.encoding import Rows
from explorer.search.model.surrogate import Belief

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int_]

_CONFIDENCE = 5.0  # the power of a prior after one trial; a tenth of fifty trials, as in pi-BO
_BAND = 20  # of the most promising nets for each on the shortlist


class Leaning(NamedTuple):
    """A prior that counts for less with every trial: a power of it weighs what is expected.

    The power falls as 1 / trials (pi-BO, Hvarfner et al. 2022, arXiv 2204.11051), so that in the
    end the trials decide alone.
    """

    prior: Prior
    counter: BatchCounter
    power: float

    @classmethod
    def after(cls, prior: Prior | None, counter: BatchCounter, trials: int) -> Leaning | None:
        """What is left of a prior after so many trials; None where there is none."""
        return None if prior is None else cls(prior, counter, _CONFIDENCE / max(trials, 1))

    def weights(self, codes: Codes) -> Array:
        """By what the gains of assignments are multiplied: at most 1."""
        logs = self.prior.logs(codes, self.counter.active(codes))
        weights: Array = np.exp(self.power * logs)
        return weights


class View(NamedTuple):
    """What is believed of accuracies, and how the front is looked at.

    Attributes:
        belief: of accuracies.
        reference: an accuracy, and macs, from which the area under the front counts.
        improvement: the expected rise above thresholds, in the unit in which the area counts.
        leaning: what is left of a prior, if there is one.
    """

    belief: Belief | Blend
    reference: tuple[float, float]
    improvement: Improvement
    leaning: Leaning | None = None

    def staircase(self, tried: Rows) -> Staircase:
        """The front of what was tried, by what is believed: noise makes no net better."""
        means, _ = self.belief.predict(tried.values)
        return Staircase.of(means, tried.macs, self.reference)

    def gains(self, stairs: Staircase, rows: Rows) -> Array:
        """By how much nets are expected to enlarge the front, as the prior weighs it."""
        return self.weighed(stairs, rows, *self.belief.predict(rows.values))

    def weighed(self, stairs: Staircase, rows: Rows, means: Array, deviations: Array) -> Array:
        """The same, where another model says what is expected of them."""
        gains = stairs.expected_gain(means, deviations, rows.macs, self.improvement)
        return gains if self.leaning is None else gains * self.leaning.weights(rows.codes)

    def front(self, tried: Rows) -> Codes:
        """The codes of the front of what was tried, by what is believed."""
        means, _ = self.belief.predict(tried.values)
        order = np.lexsort((-means, tried.macs))
        best = np.maximum.accumulate(means[order])
        rises = np.diff(best, prepend=-np.inf) > 0
        return tried.codes[:, order[rises]]


def banded(gains: Array, macs: Array, bands: int) -> Indices:
    """Nets in the order in which they are put on a shortlist: from each band of macs in turn.

    The most promising nets are much alike. The best of each of some bands, which all hold as many
    of the most promising, leave the second model more to choose from.
    """
    order = np.argsort(-gains, kind="stable")
    top = order[: _BAND * bands]
    band = np.empty(len(top), int)
    band[np.argsort(macs[top], kind="stable")] = np.arange(len(top)) * bands // max(len(top), 1)
    place = np.array([(band[:i] == own).sum() for i, own in enumerate(band)])
    return np.concatenate([top[np.lexsort((band, place))], order[len(top) :]])
