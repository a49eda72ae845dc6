"""Hidden units as they are found: sets of units that they switch on, and when they are on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from explorer.construct.samples import Array, from_pairs, row_sizes


@dataclass(frozen=True, slots=True)
class Units:
    """Hidden units.

    Attributes:
        children: 0/1 matrix of (hidden units, units): the positive edges.
        thresholds: a hidden unit is on when so many of its children are.
        rates: how often it is on, in [0, 1].
        lifts: mean over its children of P(on | hidden unit on) - P(on).
    """

    children: csr_array
    thresholds: Array
    rates: Array
    lifts: Array

    def __len__(self) -> int:
        return int(self.children.shape[0])

    @property
    def sizes(self) -> Array:
        """Children of each."""
        return row_sizes(self.children)

    def take(self, chosen: Array) -> Units:
        """Some of them, by number or by mask."""
        return Units(
            self.children[chosen],
            self.thresholds[chosen],
            self.rates[chosen],
            self.lifts[chosen],
        )

    def join(self, other: Units) -> Units:
        """These, then the others."""
        return Units(
            vstack([self.children, other.children]).tocsr(),
            np.concatenate([self.thresholds, other.thresholds]),
            np.concatenate([self.rates, other.rates]),
            np.concatenate([self.lifts, other.lifts]),
        )


def no_units(units: int) -> Units:
    """None yet, over so many units."""
    nothing = np.zeros(0)
    return Units(from_pairs(nothing, nothing, (0, units)), nothing, nothing, nothing)
