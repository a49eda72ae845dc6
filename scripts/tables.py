"""Tables of Markdown: a line of cells, and a figure with those that it is the mean of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def line(cells: Iterable[str]) -> str:
    """A line of a table.

    >>> line(["sampler", "trials"])
    '| sampler | trials |'
    """
    return f"| {' | '.join(cells)} |"


def with_each(values: Sequence[float] | NDArray[np.float64]) -> str:
    """A mean, and every value in brackets.

    >>> with_each([0.5, 0.25])
    '0.375 (0.500 0.250)'
    """
    each = " ".join(f"{value:.3f}" for value in values)
    return f"{float(np.mean(values)):.3f} ({each})"
