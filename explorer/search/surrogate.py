"""What is expected of nets' accuracy after some were trained: a Gaussian process over their rows.

What is assumed beforehand, of every space: accuracy tends to grow with the logarithm of macs (by
half a standard deviation for each of log macs) and with training-free scores; choices have effects
that mostly add up; nets alike in choices, costs or scores are alike in accuracy; a training is
noisy. All amplitudes and lengths are learned, none of them from any benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.search.encoding import Encoding
from explorer.search.gp import Kernel, Linear, Matern, Posterior, Prior, Term
from explorer.search.scores import normal_ranks

Array = npt.NDArray[np.float64]

_MOST = 200  # trials that hyperparameters are fitted on
_GROWTH = 1.15  # times as many trials, before they are fitted again
_MACS_SLOPE = 0.5  # of accuracy by log macs, both standardised, without scores
_SLOPES = (0.2, 0.6)  # by log macs, and by the mean of the scores
_NOISE = Prior(0.2, 0.7)
_LARGE, _SMALL, _LENGTH = Prior(0.7, 0.7), Prior(0.5, 0.7), Prior(1.5, 0.7)


def warped(accuracies: Array) -> Array:
    """Accuracies standardised by quantiles: linear above, logarithmic far below the median.

    So that trials that went wrong, or very small nets, do not decide what the others look like.
    """
    middle = np.median(accuracies)
    spread = 1.4826 * np.median(np.abs(accuracies - middle))
    standard = (accuracies - middle) / (spread or accuracies.std() or 1.0)
    tail = -1 - np.log1p(np.maximum(-standard - 1, 0))
    return np.where(standard < -1, tail, standard)


@dataclass
class Surrogate:
    """A model of accuracy for one encoding, with or without training-free scores.

    Hyperparameters are fitted when the number of trials has grown by a part, on the first of them
    and from the same start, so that they do not depend on when the process was started.

    Args:
        encoding: of the rows.
        scores: how many columns of scores follow those of the encoding.
    """

    encoding: Encoding
    scores: int = 0

    def __post_init__(self) -> None:
        self.kernel = Kernel(self._terms(), _NOISE)
        self._known: tuple[bytes, Array] = (b"", np.zeros(0))

    def _terms(self) -> tuple[Term, ...]:
        choices, costs = self.encoding.choices, self.encoding.costs
        terms: list[Term] = [
            Linear(choices, _LARGE),
            Matern((choices,), _SMALL, (_LENGTH,)),
            Matern((costs,), _LARGE, (_LENGTH,)),
            Linear(slice(costs.start, costs.start + 1), _LARGE),
        ]
        if self.scores:
            block = slice(costs.stop, costs.stop + self.scores)
            terms += [Linear(block, _SMALL), Matern((block,), _SMALL, (_LENGTH,))]
        return tuple(terms)

    def trend(self, rows: Array) -> Array:
        """What is assumed of accuracy beforehand, standardised."""
        costs = self.encoding.costs
        macs = rows[:, costs.start]
        if not self.scores:
            return np.multiply(macs, _MACS_SLOPE)
        scores: Array = rows[:, costs.stop :].mean(axis=1)
        return np.asarray(_SLOPES[0] * macs + _SLOPES[1] * scores)

    def learn(self, rows: Array, targets: Array) -> Belief:
        """What is believed after trials.

        Args:
            rows: trials x columns, in the order of their numbers.
            targets: their accuracies, :func:`warped`.
        """
        scales = self._scales(rows, targets)
        return Belief(self, scales, rows, targets)

    def _scales(self, rows: Array, targets: Array) -> Array:
        first = 1
        while first < len(targets):
            following = max(first + 1, int(first * _GROWTH))
            if following > len(targets):
                break
            first = following
        every = np.unique(np.linspace(0, first - 1, min(first, _MOST)).round().astype(int))
        rows, targets = rows[every].copy(), targets[every]
        if self.scores:  # ranks among these trials alone, whatever else they were ranked with
            block = slice(self.encoding.costs.stop, rows.shape[1])
            rows[:, block] = np.stack([normal_ranks(c) for c in rows[:, block].T], axis=1)
        key = rows.tobytes() + targets.tobytes()
        if self._known[0] != key:
            residuals, _, _ = self.residuals(rows, targets)
            self._known = (key, self.kernel.fit(rows, residuals))
        return self._known[1]

    def residuals(self, rows: Array, targets: Array) -> tuple[Array, float, float]:
        """What the trend leaves of standardised targets, and their mean and spread."""
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
        residuals, self._middle, self._spread = surrogate.residuals(rows, targets)
        self._posterior = Posterior(surrogate.kernel, scales, rows, residuals)

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
