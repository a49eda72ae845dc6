"""Compound scaling: one number, phi, from which depth, width and resolution follow.

Tan & Le 2019 (EfficientNet), section 3.3, equation 3: depth alpha^phi, width beta^phi, resolution
gamma^phi, with alpha * beta^2 * gamma^2 about 2 and none of them below 1. Depth multiplies the
multiply-adds once, width and resolution twice, so that they grow by about 2^phi.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from explorer.errors import ExplorerError

LARGEST_PHI = 20.0  # beyond it, 2^phi of anything is no net that anyone trains
_DIGITS = 4  # of a factor: what the text of a scaled net says is what was counted


@dataclass(frozen=True, slots=True)
class Factors:
    """What a net is multiplied by: its modules a stage, its channels, the side of its input."""

    depth: Fraction = Fraction(1)
    width: Fraction = Fraction(1)
    resolution: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Coefficients:
    """The three bases of equation 3. The defaults are those that the paper found for B0.

    Raises:
        ExplorerError: one of them is below 1.
    """

    alpha: float = 1.2
    beta: float = 1.1
    gamma: float = 1.15

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "gamma"):
            value = getattr(self, name)
            if not 1 <= value <= 10:  # also refuses nan
                raise ExplorerError(f"--{name}: from 1 to 10, as equation 3 asks; got {value:g}")

    @property
    def product(self) -> float:
        """By how much the multiply-adds grow from phi to phi + 1: alpha * beta^2 * gamma^2."""
        return self.alpha * self.beta**2 * self.gamma**2

    def factors(self, phi: float) -> Factors:
        """Depth, width and resolution at ``phi``, each to four digits behind the point.

        Raises:
            ExplorerError: phi is not between -20 and 20.
        """
        if not -LARGEST_PHI <= phi <= LARGEST_PHI:
            raise ExplorerError(f"--phi: from -{LARGEST_PHI:g} to {LARGEST_PHI:g}, got {phi:g}")
        return Factors(_power(self.alpha, phi), _power(self.beta, phi), _power(self.gamma, phi))

    def __str__(self) -> str:
        return f"alpha = {self.alpha:g}, beta = {self.beta:g}, gamma = {self.gamma:g}"


def _power(base: float, phi: float) -> Fraction:
    return max(Fraction(f"{base**phi:.{_DIGITS}f}"), Fraction(1, 10**_DIGITS))
