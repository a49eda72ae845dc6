"""Gaussian-process regression with few hyperparameters, fitted by maximum a posteriori.

The kernel is a sum of terms over blocks of columns (Rasmussen and Williams 2006, chapter 5). Each
has an amplitude and at most one length scale for each block, so that the number of hyperparameters
does not grow with the number of columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.search.model.terms import Prior, Term

Array = npt.NDArray[np.float64]

_JITTER = 1e-6  # variance that is added to the diagonal, of standardised targets
_CHUNK = 64  # rows at a time, so that what is computed of them stays in the cache
_ITERATIONS = 40  # of the search for the hyperparameters


@dataclass(frozen=True, slots=True)
class Kernel:
    """A sum of terms, and noise.

    Attributes:
        noise: of the standard deviation of the noise of one target.
    """

    terms: tuple[Term, ...]
    noise: Prior

    @property
    def priors(self) -> tuple[Prior, ...]:
        return (*(prior for term in self.terms for prior in term.priors), self.noise)

    @property
    def medians(self) -> Array:
        """The hyperparameters that are expected before anything was seen."""
        return np.array([prior.median for prior in self.priors])

    def covariance(self, left: Array, right: Array, scales: Array) -> Array:
        """Covariances of the function at rows of ``left`` with those of ``right``."""
        total = np.zeros((len(left), len(right)))
        for term, own in zip(self.terms, self.split(scales), strict=True):
            total += term.gram(term.parts(left, right), own)
        return total

    def noisy(self, rows: Array, scales: Array) -> Array:
        """Covariances of targets at rows."""
        total = self.covariance(rows, rows, scales)
        total[np.diag_indices_from(total)] += scales[-1] ** 2 + _JITTER
        return total

    def split(self, scales: Array) -> list[Array]:
        """The hyperparameters of each term."""
        ends = np.cumsum([len(term.priors) for term in self.terms])
        return np.split(scales, ends)[: len(self.terms)]

    def fit(self, rows: Array, targets: Array) -> Array:
        """The most probable hyperparameters, given targets of mean 0 and variance about 1.

        Args:
            rows: targets x columns.
            targets: what was seen.

        Returns:
            The hyperparameters, term by term; the noise last.
        """
        priors = self.priors
        medians = np.log(self.medians)
        spreads = np.array([prior.spread for prior in priors])
        parts = [term.parts(rows, rows) for term in self.terms]

        def loss(logs: Array) -> tuple[float, Array]:
            value, slope = self._evidence(parts, targets, np.exp(logs))
            away = (logs - medians) / spreads
            return value + float(away @ away) / 2, slope + away / spreads

        return np.exp(_minimum(loss, medians, spreads))

    def _evidence(
        self, parts: list[list[Array]], targets: Array, scales: Array
    ) -> tuple[float, Array]:
        """The negative logarithm of the marginal likelihood, and its derivatives."""
        split = self.split(scales)
        covariance = np.zeros((len(targets), len(targets)))
        for term, part, own in zip(self.terms, parts, split, strict=True):
            covariance += term.gram(part, own)
        covariance[np.diag_indices_from(covariance)] += scales[-1] ** 2 + _JITTER
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return np.inf, np.zeros(len(scales))
        inverse = np.linalg.inv(lower)
        inverse = inverse.T @ inverse
        weights = inverse @ targets
        value = targets @ weights / 2 + np.log(np.diag(lower)).sum()
        outer = (inverse - np.outer(weights, weights)) / 2
        slopes = [
            float((outer * slope).sum())
            for term, part, own in zip(self.terms, parts, split, strict=True)
            for slope in term.slopes(part, own)
        ]
        slopes.append(2 * scales[-1] ** 2 * float(np.trace(outer)))
        return float(value), np.array(slopes)


Loss = Callable[[Array], tuple[float, Array]]


def _minimum(loss: Loss, start: Array, spreads: Array) -> Array:
    """A minimum near ``start``, by BFGS with backtracking (Nocedal and Wright 2006, chapter 6)."""
    here, (value, slope) = start, loss(start)
    inverse = np.diag(spreads**2) / len(start)
    for _ in range(_ITERATIONS):
        way = -inverse @ slope
        if slope @ way >= 0:
            inverse = np.diag(spreads**2) / len(start)
            way = -inverse @ slope
        way /= max(1.0, float(np.abs(way / spreads).max()))  # at most a prior's spread at a time
        step = 1.0
        while step > 1e-3:
            there = here + step * way
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * step * float(slope @ way):
                break
            step /= 2
        else:
            return here
        moved, turned = there - here, new_slope - slope
        gained = value - new_value
        here, value, slope = there, new_value, new_slope
        curvature = float(moved @ turned)
        if curvature > 1e-10:
            left = np.eye(len(here)) - np.outer(moved, turned) / curvature
            inverse = left @ inverse @ left.T + np.outer(moved, moved) / curvature
        if gained < 1e-3:
            return here
    return here


class Posterior:
    """What is known of a function after targets were seen.

    Args:
        kernel: of the prior.
        scales: its hyperparameters, as :meth:`Kernel.fit` gives them.
        rows: targets x columns.
        targets: what was seen, of mean about 0.
    """

    def __init__(self, kernel: Kernel, scales: Array, rows: Array, targets: Array) -> None:
        self.kernel = kernel
        self.rows = rows
        self.scales = scales
        self._split = kernel.split(scales)
        self._whiten = np.linalg.inv(np.linalg.cholesky(kernel.noisy(rows, scales)))
        self._weights = self._whiten.T @ (self._whiten @ targets)

    @property
    def left_out(self) -> float:
        """The log density of the targets, each as predicted from all others."""
        variances = 1 / (self._whiten**2).sum(axis=0)
        away = self._weights * variances
        return float(-(np.log(2 * np.pi * variances) + away**2 / variances).sum() / 2)

    def predict(self, rows: Array) -> tuple[Array, Array]:
        """Means and standard deviations of the function, without noise, one for each row."""
        chunks = [self._predict(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK)]
        means, deviations = zip(*chunks, strict=True) if chunks else (([]), ([]))
        return np.concatenate([[], *means]), np.concatenate([[], *deviations])

    def _predict(self, rows: Array) -> tuple[Array, Array]:
        covariance = self.kernel.covariance(rows, self.rows, self.scales)
        means = covariance @ self._weights
        variances = np.zeros(len(rows))
        for term, scales in zip(self.kernel.terms, self._split, strict=True):
            variances += term.variances(rows, scales)
        variances -= ((covariance @ self._whiten.T) ** 2).sum(axis=1)
        return means, np.sqrt(np.maximum(variances, 1e-12))
