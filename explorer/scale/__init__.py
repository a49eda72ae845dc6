"""A net made larger or smaller as a whole: depth, width and resolution together. Without torch."""

from explorer.scale.baseline import Baseline, open_baseline
from explorer.scale.coefficients import Coefficients, Factors
from explorer.scale.fit import Fitted, fit
from explorer.scale.grid import COUNTED_NEAR, NEAR, RATIO, coefficient_grid, is_near
from explorer.scale.published import Published, nearest, published
from explorer.scale.resolution import grids, side, side_step
from explorer.scale.scaled import ScaledNet
from explorer.scale.writing import factor

__all__ = [
    "COUNTED_NEAR",
    "NEAR",
    "RATIO",
    "Baseline",
    "Coefficients",
    "Factors",
    "Fitted",
    "Published",
    "ScaledNet",
    "coefficient_grid",
    "factor",
    "fit",
    "grids",
    "is_near",
    "nearest",
    "open_baseline",
    "published",
    "side",
    "side_step",
]
