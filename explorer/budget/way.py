"""Ways from assignments to one that fits, each knob and lever at a pace of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.budget.draw import Codes

Mask = npt.NDArray[np.bool_]
Figures = npt.NDArray[np.float64]

_HALVINGS = 11  # of the way to an end: a 1024th of it is finer than most knobs' grids


@dataclass(frozen=True, slots=True)
class Way:
    """The way from assignments to an end: at time 1 all knobs have arrived, at 2 all levers.

    Attributes:
        arrivals: choices x assignments, when a knob is there, or a lever turns.
    """

    start: Codes
    end: Codes
    knobs: Mask
    arrivals: Figures

    @classmethod
    def random(cls, start: Codes, end: Codes, knobs: Mask, rng: np.random.Generator) -> Way:
        drawn = rng.random(start.shape)
        arrivals = np.where(knobs[:, None], 0.25 + 0.75 * drawn, 1 + drawn)
        return cls(start, end, knobs, arrivals)

    def at(self, times: Figures) -> Codes:
        """Where each assignment is at its time."""
        share = np.minimum(times / self.arrivals, 1)
        share = np.where(self.knobs[:, None], share, share >= 1)
        ends = self.end[:, None].astype(np.int16)
        step = np.rint((ends - self.start) * share).astype(np.int16)
        result: Codes = self.start + step
        return result

    def first(self, holds: Callable[[Codes], Mask]) -> Codes:
        """The earliest place, by halving, where something holds that holds at the end."""
        low = np.zeros(self.start.shape[1])
        high = np.full(self.start.shape[1], 2.0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            there = holds(self.at(middle))
            high, low = np.where(there, middle, high), np.where(there, low, middle)
        return self.at(high)
