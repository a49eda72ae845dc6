"""Terms of a Gaussian process's kernel, and priors of their hyperparameters.

A term covers blocks of columns (Rasmussen and Williams 2006, chapters 2 and 4): a linear one, whose
functions add up column by column, or a Matern one (nu = 5/2), whose functions are smooth in a
distance. Each has an amplitude, each block of a Matern term one length scale for all its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """A log-normal prior: of what a hyperparameter's logarithm is normally distributed."""

    median: float
    spread: float  # standard deviation of the logarithm


@dataclass(frozen=True, slots=True)
class Linear:
    """A term whose functions are sums of one linear function for each column of a block."""

    block: slice
    amplitude: Prior

    @property
    def priors(self) -> tuple[Prior, ...]:
        return (self.amplitude,)

    def parts(self, left: Array, right: Array) -> list[Array]:
        """What is computed once: the inner products of rows."""
        return [left[:, self.block] @ right[:, self.block].T]

    def gram(self, parts: Sequence[Array], scales: Array) -> Array:
        """Covariances of rows."""
        covariance: Array = scales[0] ** 2 * parts[0]
        return covariance

    def slopes(self, parts: Sequence[Array], scales: Array) -> list[Array]:
        """Derivatives of the covariances by the logarithm of each hyperparameter."""
        return [2 * self.gram(parts, scales)]

    def variances(self, rows: Array, scales: Array) -> Array:
        """The covariance of each row with itself."""
        squares: Array = (rows[:, self.block] ** 2).sum(axis=1)
        variances: Array = squares * scales[0] ** 2
        return variances


@dataclass(frozen=True, slots=True)
class Matern:
    """A term whose functions are smooth in the distance over some blocks of columns."""

    blocks: tuple[slice, ...]
    amplitude: Prior
    lengths: tuple[Prior, ...]  # one for each block

    @property
    def priors(self) -> tuple[Prior, ...]:
        return (self.amplitude, *self.lengths)

    def parts(self, left: Array, right: Array) -> list[Array]:
        """What is computed once: squared distances, block by block."""
        return [_squared_distances(left[:, block], right[:, block]) for block in self.blocks]

    def _root(self, parts: Sequence[Array], scales: Array) -> Array:
        squares = sum(part / scale**2 for part, scale in zip(parts, scales[1:], strict=True))
        root: Array = np.sqrt(5 * squares)
        return root

    def gram(self, parts: Sequence[Array], scales: Array) -> Array:
        """Covariances of rows."""
        root = self._root(parts, scales)
        covariance: Array = scales[0] ** 2 * (1 + root + root**2 / 3) * np.exp(-root)
        return covariance

    def slopes(self, parts: Sequence[Array], scales: Array) -> list[Array]:
        """Derivatives of the covariances by the logarithm of each hyperparameter."""
        root = self._root(parts, scales)
        decay = scales[0] ** 2 * np.exp(-root)
        common = 5 / 3 * (1 + root) * decay
        by_length = [
            common * part / scale**2 for part, scale in zip(parts, scales[1:], strict=True)
        ]
        return [2 * (1 + root + root**2 / 3) * decay, *by_length]

    def variances(self, rows: Array, scales: Array) -> Array:
        """The covariance of each row with itself."""
        return np.full(len(rows), scales[0] ** 2)


Term = Linear | Matern


def _squared_distances(left: Array, right: Array) -> Array:
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2 * left @ right.T
    positive: Array = np.maximum(squares, 0)
    return positive
