"""What is expected of nets' accuracy after some were trained: a Gaussian process over their rows.

What is assumed beforehand, of every space: accuracy tends to grow with the logarithm of macs (by
half a standard deviation for each of log macs) and with training-free scores; choices have effects
that mostly add up; nets alike in choices, costs or scores are alike in accuracy; a training is
noisy. Amplitudes and lengths are learned. Where they start from was chosen by no benchmark, but for
a model with features (docs/search.md).

Where a function of the user's says features, accuracy is expected to grow with the mean of their
normal ranks, and a little with log macs, and what else a net differs by matters less. The unit in
which that trend is right is estimated with it (:func:`trend_unit`): trials that were chosen for
their features are much alike, and their spread says little of how accuracies are spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.search.model.encoding import Encoding
from explorer.search.model.gp import Kernel, Posterior
from explorer.search.model.scores import normal_ranks
from explorer.search.model.terms import Linear, Matern, Prior, Term

Array = npt.NDArray[np.float64]

_MOST = 200  # trials that hyperparameters are fitted on
_GROWTH = 1.15  # times as many trials, before they are fitted again
_MACS_SLOPE = 0.5  # of accuracy by log macs, both standardised, without scores
_SLOPES = (0.2, 0.6)  # by log macs, and by the mean of the scores
_FEATURED_SLOPES = (1 / 6, 5 / 6)  # by log macs, and by the mean of the features
_NOISE = Prior(0.2, 0.7)
_LARGE, _SMALL, _LENGTH = Prior(0.7, 0.7), Prior(0.5, 0.7), Prior(1.5, 0.7)
# With features, in units of the trend.
_FEATURED_NOISE = Prior(0.14, 0.7)
_CHOICES, _COSTS, _CROSSED = Prior(0.16, 0.7), Prior(0.4, 0.7), Prior(0.3, 0.7)
_OF_FEATURES = Prior(0.4, 0.7)
_TURNS = 2  # of fitting hyperparameters and the unit in turn
_FEWEST = 3  # trials before hyperparameters are fitted to them


def trend_unit(trend: Array, targets: Array, covariance: Array) -> tuple[float, float]:
    """The middle and the unit of targets that are a trend and something random, in that unit.

    They maximise the restricted likelihood of targets = middle + unit (trend + random), which has
    one maximum, at a unit above 0 even where targets fall as the trend rises.

    Args:
        trend: what is expected of each target.
        targets: what was seen.
        covariance: of the random parts.
    """
    if len(targets) < 2:
        return float((targets - trend).sum()), 1.0
    inverse = np.linalg.inv(covariance)
    shares = inverse.sum(axis=0) / inverse.sum()
    within = inverse - np.outer(inverse.sum(axis=0), shares)  # middles do not matter to it
    square, cross = float(targets @ within @ targets), float(targets @ within @ trend)
    if square < 1e-9:  # all of them the same
        return float(shares @ targets), 1.0
    unit = 2 * square / (cross + np.sqrt(cross**2 + 4 * (len(targets) - 1) * square))
    return float(shares @ (targets - unit * trend)), float(unit)


@dataclass
class Surrogate:
    """A model of accuracy for one encoding, with or without training-free scores.

    Hyperparameters are fitted when the number of trials has grown by a part, on the first of them
    and from the same start, so that they do not depend on when the process was started.

    Args:
        encoding: of the rows.
        scores: how many columns of scores follow those of the encoding and of features; their
            ranks are among the nets at hand.
        features: how many columns of features follow those of the encoding; their scale is fixed.
    """

    encoding: Encoding
    scores: int = 0
    features: int = 0

    def __post_init__(self) -> None:
        noise = _FEATURED_NOISE if self.features else _NOISE
        self.kernel = Kernel(self._terms(), noise)
        self._known: tuple[bytes, Array] = (b"", np.zeros(0))

    def _terms(self) -> tuple[Term, ...]:
        choices, costs = self.encoding.choices, self.encoding.costs
        main, other, rest = (
            (_CHOICES, _CROSSED, _COSTS) if self.features else (_LARGE, _SMALL, _LARGE)
        )
        terms: list[Term] = [
            Linear(choices, main),
            Matern((choices,), other, (_LENGTH,)),
            Matern((costs,), rest, (_LENGTH,)),
            Linear(slice(costs.start, costs.start + 1), rest),
        ]
        ends = costs.stop + self.features
        if self.features:
            block = slice(costs.stop, ends)
            terms += [Linear(block, _OF_FEATURES), Matern((block,), _OF_FEATURES, (_LENGTH,))]
        if self.scores:
            block = slice(ends, ends + self.scores)
            terms += [Linear(block, _SMALL), Matern((block,), _SMALL, (_LENGTH,))]
        return tuple(terms)

    def trend(self, rows: Array) -> Array:
        """What is assumed of accuracy beforehand, standardised or in a unit of its own."""
        costs = self.encoding.costs
        macs = rows[:, costs.start]
        if self.features:
            features: Array = rows[:, costs.stop : costs.stop + self.features].mean(axis=1)
            return np.asarray(_FEATURED_SLOPES[0] * macs + _FEATURED_SLOPES[1] * features)
        if not self.scores:
            return np.multiply(macs, _MACS_SLOPE)
        scores: Array = rows[:, costs.stop :].mean(axis=1)
        return np.asarray(_SLOPES[0] * macs + _SLOPES[1] * scores)

    def learn(self, rows: Array, targets: Array) -> Belief:
        """What is believed after trials; with features, after none as well.

        Args:
            rows: trials x columns, in the order of their numbers.
            targets: their accuracies, :func:`warped`.
        """
        scales = self._scales(rows, targets)
        return Belief(self, scales, rows, targets)

    def _scales(self, rows: Array, targets: Array) -> Array:
        if self.features and len(targets) < _FEWEST:
            return self.kernel.medians
        first = 1
        while first < len(targets):
            following = max(first + 1, int(first * _GROWTH))
            if following > len(targets):
                break
            first = following
        every = np.unique(np.linspace(0, first - 1, min(first, _MOST)).round().astype(int))
        rows, targets = rows[every].copy(), targets[every]
        if self.scores:  # ranks among these trials alone, whatever else they were ranked with
            block = slice(rows.shape[1] - self.scores, rows.shape[1])
            rows[:, block] = np.stack([normal_ranks(c) for c in rows[:, block].T], axis=1)
        key = rows.tobytes() + targets.tobytes()
        if self._known[0] != key:
            self._known = (key, self._fitted(rows, targets))
        return self._known[1]

    def _fitted(self, rows: Array, targets: Array) -> Array:
        scales = self.kernel.medians
        for _ in range(_TURNS if self.features else 1):
            residuals, _, _ = self.residuals(rows, targets, scales)
            scales = self.kernel.fit(rows, residuals)
        return scales

    def residuals(self, rows: Array, targets: Array, scales: Array) -> tuple[Array, float, float]:
        """What the trend leaves of standardised targets, and their mean and spread.

        Args:
            rows: trials x columns.
            targets: what they reached.
            scales: hyperparameters, by which the unit of a trend of features is estimated.
        """
        if self.features:
            trend = self.trend(rows)
            middle, spread = trend_unit(trend, targets, self.kernel.noisy(rows, scales))
            return (targets - middle) / spread - trend, middle, spread
        middle, spread = float(targets.mean()), float(targets.std()) or 1.0
        left = (targets - middle) / spread - self.trend(rows)
        return left - left.mean(), middle + spread * float(left.mean()), spread


class Belief:
    """Accuracies that a surrogate predicts, warped as its targets were.

    Args:
        surrogate: whose kernel and trend.
        scales: the kernel's hyperparameters.
        rows: trials x columns.
        targets: what they reached.
    """

    def __init__(self, surrogate: Surrogate, scales: Array, rows: Array, targets: Array) -> None:
        self.surrogate = surrogate
        self.scales = scales
        self.rows = rows
        self.targets = targets
        residuals, self._middle, self._spread = surrogate.residuals(rows, targets, scales)
        self._posterior = Posterior(surrogate.kernel, scales, rows, residuals)

    @property
    def left_out(self) -> float:
        """The log density of the targets, each as predicted from all others."""
        return self._posterior.left_out - len(self.targets) * float(np.log(self._spread))

    def predict(self, rows: Array) -> tuple[Array, Array]:
        """Means and standard deviations of accuracies without the noise of a training."""
        means, deviations = self._posterior.predict(rows)
        means = means + self.surrogate.trend(rows)
        return self._middle + self._spread * means, self._spread * deviations

    def believing(self, rows: Array) -> Belief:
        """The same, as if nets that are still being trained reached what is expected of them."""
        if not len(rows):
            return self
        means, _ = self.predict(rows)
        return Belief(
            self.surrogate,
            self.scales,
            np.concatenate([self.rows, rows]),
            np.concatenate([self.targets, means]),
        )
