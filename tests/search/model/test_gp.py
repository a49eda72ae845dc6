"""The process against its definition, its slopes against differences."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.search.model.gp import Kernel, Posterior
from explorer.search.model.terms import Linear, Matern, Prior

PRIOR = Prior(0.7, 0.7)
KERNEL = Kernel(
    (
        Linear(slice(0, 3), PRIOR),
        Matern((slice(0, 3), slice(3, 5)), PRIOR, (Prior(1.5, 0.5), Prior(0.8, 0.5))),
    ),
    Prior(0.1, 0.7),
)
SCALES = np.array([0.5, 0.9, 1.2, 0.7, 0.1])


def data(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 5))
    targets = rows[:, 0] + np.sin(2 * rows[:, 3]) + 0.1 * rng.normal(size=count)
    return rows, (targets - targets.mean()) / targets.std()


def covariance(left: np.ndarray, right: np.ndarray) -> float:
    """Of two rows, as the books write it."""
    squares = ((left - right)[:3] ** 2).sum() / 1.2**2 + ((left - right)[3:] ** 2).sum() / 0.7**2
    root = (5 * squares) ** 0.5
    return float(0.25 * left[:3] @ right[:3] + 0.81 * (1 + root + root**2 / 3) * np.exp(-root))


def test_the_posterior_is_that_of_the_definition() -> None:
    rows, targets = data(12)
    asked, _ = data(5, seed=1)
    gram = np.array([[covariance(a, b) for b in rows] for a in rows])
    cross = np.array([[covariance(a, b) for b in rows] for a in asked])
    own = np.array([covariance(a, a) for a in asked])
    noisy = gram + (0.1**2 + 1e-6) * np.eye(12)
    means, deviations = Posterior(KERNEL, SCALES, rows, targets).predict(asked)
    assert np.allclose(means, cross @ np.linalg.solve(noisy, targets))
    variances = own - (cross * np.linalg.solve(noisy, cross.T).T).sum(axis=1)
    assert np.allclose(deviations, variances**0.5)


def test_nothing_asked_is_nothing_answered() -> None:
    rows, targets = data(12)
    means, deviations = Posterior(KERNEL, SCALES, rows, targets).predict(rows[:0])
    assert means.shape == deviations.shape == (0,)


def test_the_slopes_of_the_evidence() -> None:
    rows, targets = data(15)
    parts = [term.parts(rows, rows) for term in KERNEL.terms]
    _, slopes = KERNEL._evidence(parts, targets, SCALES)
    for index, slope in enumerate(slopes):
        step = np.zeros(5)
        step[index] = 1e-5
        above, _ = KERNEL._evidence(parts, targets, SCALES * np.exp(step))
        below, _ = KERNEL._evidence(parts, targets, SCALES * np.exp(-step))
        assert slope == pytest.approx((above - below) / 2e-5, rel=1e-4, abs=1e-6)


def test_a_fit_explains_better_than_the_priors_medians() -> None:
    rows, targets = data(60)
    medians = np.array([prior.median for prior in KERNEL.priors])
    fitted = KERNEL.fit(rows, targets)
    asked, truth = data(200, seed=2)

    def error(scales: np.ndarray) -> float:
        means, _ = Posterior(KERNEL, scales, rows, targets).predict(asked)
        return float(((means - truth) ** 2).mean())

    parts = [term.parts(rows, rows) for term in KERNEL.terms]
    assert (
        KERNEL._evidence(parts, targets, fitted)[0] < KERNEL._evidence(parts, targets, medians)[0]
    )
    assert error(fitted) < 0.2
    assert 0.02 < fitted[-1] < 0.4
