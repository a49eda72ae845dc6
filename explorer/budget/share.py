"""A part of a space: exact, or estimated from random draws, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import log10, sqrt

from explorer.budget.bounds import Budget

_Z = 1.96  # of a normal distribution: 95% lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Share:
    """What part of a space has a property, and the interval that holds it with 95%.

    Attributes:
        hits: how many of the assignments that were looked at have it.
        of: how many were looked at.
    """

    value: float
    low: float
    high: float
    hits: int
    of: int

    @property
    def is_exact(self) -> bool:
        """Whether every assignment was looked at."""
        return self.low == self.high

    def interval(self) -> str:
        """How sure the share is."""
        if self.is_exact:
            return f"{self.hits:,} of {self.of:,} assignments"
        return f"95% interval {percent(self.low)} to {percent(self.high)}"


def estimate(hits: int, of: int) -> Share:
    """A share by the assignments drawn at random that belong to it.

    The interval is Wilson's (1927), as recommended by Brown, Cai & DasGupta (2001); where nothing
    was hit it ends at 3/n, the rule of three (Hanley & Lippman-Hand 1983).
    """
    value, more = hits / of, _Z**2 / of
    middle = (value + more / 2) / (1 + more)
    reach = _Z * sqrt(value * (1 - value) / of + more / of / 4) / (1 + more)
    low = max(middle - reach, 0.0) if hits else 0.0
    high = min(middle + reach, 1.0) if hits else min(3 / of, 1.0)
    return Share(value, low, high if hits < of else 1.0, hits, of)


def fits_in_words(budget: Budget, share: Share) -> str:
    """How much of a space fits a budget: ``4.15% of the space fits within 1.5G macs``."""
    within = budget.describe()
    if share.hits == 0 and not share.is_exact:
        rare = _rounded_down(1 / share.high)
        return f"none of {share.of:,} fits within {within}: fewer than 1 in {rare:,} do (95%)"
    return f"{percent(share.value)} of the space fits within {within} ({share.interval()})"


def percent(value: float) -> str:
    """A share in three digits, which is 100% only when it is all."""
    digits = 5 if 0.9995 <= value < 1 else 3
    return f"{Decimal(f'{100 * value:.{digits}g}'):f}%"


def _rounded_down(value: float) -> int:
    """A large number with two digits that is not larger than it."""
    unit = int(10 ** max(int(log10(value)) - 1, 0))
    return int(value / unit) * unit
