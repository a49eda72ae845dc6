"""A prior over assignments: where good nets are expected when the defaults are known to be good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.space import Choice, Knob, Space

Array = npt.NDArray[np.float64]

SPREAD = 1.5  # a factor is within this of 1 as often as a normal number within one deviation
FAVOUR = 2.0  # how much more likely any other choice has its default than each other value


@dataclass(frozen=True, slots=True)
class Prior:
    """How likely each value of each choice is, the choices independent of each other.

    A factor (a knob whose default 1 lies between its values) is log-normal around 1. Any other
    choice, such as a lever or a depth, slightly favours its default.

    Attributes:
        shares: for every choice, in the order of the space, those of its values; they sum to 1.
    """

    shares: tuple[Array, ...]

    @classmethod
    def of(cls, space: Space) -> Prior:
        return cls(tuple(_shares(choice) for choice in space.choices.values()))

    def logs(self, codes: npt.NDArray[np.int16], active: npt.NDArray[np.bool_]) -> Array:
        """The logarithm of how likely assignments are, as against the most likely values: up to 0.

        Args:
            codes: choices x assignments, the position of each value in its domain.
            active: of the same shape; a choice without a part in the net counts as most likely.
        """
        total: Array = np.zeros(codes.shape[1])
        for shares, row, here in zip(self.shares, codes, active, strict=True):
            total += np.log(shares / shares.max())[row] * here
        return total


def _shares(choice: Choice) -> Array:
    if isinstance(choice, Knob) and is_factor(choice):
        logs = np.log([float(value) for value in choice.values])
        weights = np.exp(-0.5 * (logs / np.log(SPREAD)) ** 2)
    else:
        weights = np.array([FAVOUR if v == choice.default else 1.0 for v in choice.values])
    shares: Array = weights / weights.sum()
    return shares


def is_factor(knob: Knob) -> bool:
    """Whether a knob multiplies something: its default is 1, with positive values on both sides."""
    return knob.default == 1 and 0 < min(knob.values) < 1 < max(knob.values)
