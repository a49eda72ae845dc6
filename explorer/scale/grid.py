"""The grid of step 1: which alpha, beta and gamma, at phi = 1 (Tan & Le 2019, section 3.3).

The paper searches a small grid under alpha * beta^2 * gamma^2 about 2 and does not print it. This
one takes every tenth.
"""

from __future__ import annotations

from itertools import product

from explorer.scale.coefficients import Coefficients

ALPHAS = (1.0, 1.1, 1.2, 1.3, 1.4)
BETAS = (1.0, 1.1, 1.2, 1.3)
GAMMAS = (1.0, 1.1, 1.2, 1.3)
RATIO = 2.0  # of multiply-adds, from phi = 0 to phi = 1
NEAR = 0.1  # alpha * beta^2 * gamma^2 lies so near to it
COUNTED_NEAR = 0.2  # and so near the ratio as counted, in whole modules, channels and pixels


def coefficient_grid() -> tuple[Coefficients, ...]:
    """The points of the grid that equation 3 allows."""
    points = (Coefficients(*point) for point in product(ALPHAS, BETAS, GAMMAS))
    return tuple(point for point in points if abs(point.product / RATIO - 1) <= NEAR)


def is_near(ratio: float) -> bool:
    """Whether a counted ratio is near enough to 2 for points to be compared by accuracy."""
    return abs(ratio / RATIO - 1) <= COUNTED_NEAR
