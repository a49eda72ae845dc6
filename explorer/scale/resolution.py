"""Sides of the input: which are near enough to the one that is wanted, and how they are told."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from explorer.ops import Shape

MULTIPLE = 8  # of pixels, that sides are rounded to from 224 pixels on
_STEPS = 28  # the sides of smaller inputs have as many steps: rounding moves none by 2 %
_BEYOND = 4  # steps tried past the side that is wanted, and past the net's own


def grids(grid: tuple[int, ...], factor: Fraction) -> list[tuple[int, ...]]:
    """The grids that a net may take for ``factor`` times its own, the nearest first.

    Sides are multiples of 8 pixels, or of 4, 2 or 1 for an input of fewer than 224, 112 or 56. They
    reach from the wanted one back to the net's own, which is the last to try.
    """
    if factor == 1:
        return [grid]
    first, *others = grid
    step = side_step(first)
    wanted = first * factor / step
    low = min(floor(wanted) - _BEYOND, first // step)
    high = max(floor(wanted) + _BEYOND, first // step)
    found: list[tuple[int, ...]] = []
    for tried in sorted(range(max(low, 1), high + 1), key=lambda number: abs(number - wanted)):
        share = Fraction(tried * step, first)
        found.append((tried * step, *(_nearest(other * share, step) for other in others)))
    return [*found, grid]


def side_step(side: int) -> int:
    """What scaled sides are multiples of: 8 pixels, or a smaller power of two for a small side."""
    step = MULTIPLE
    while step > 1 and step * _STEPS > side:
        step //= 2
    return step


def side(shape: Shape) -> str:
    """The grid of an image as people say it: one number where it is square."""
    square = len(shape.grid) == 2 and len(set(shape.grid)) == 1
    return str(shape.grid[0]) if square else "x".join(map(str, shape.grid))


def _nearest(length: Fraction, step: int) -> int:
    return max(floor(length / step + Fraction(1, 2)), 1) * step
