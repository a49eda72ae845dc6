"""Assignments of a space as rows of numbers, for a model of their accuracy.

A row is an embedding of the choices followed by standardised costs. Every choice that has a part in
the net takes a place of length 1/sqrt 2: a lever's alternatives are at right angles, the values of
a knob lie on a quarter of a circle from its least to its largest. A choice without a part in the
net is 0 (Swersky et al. 2014), so between two nets that both lack it, it makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.budget import Codes, Feasible
from explorer.space import Choice, Knob

Array = npt.NDArray[np.float64]

COSTS = ("macs", "params", "activations")


@dataclass(frozen=True, slots=True)
class Rows:
    """Assignments as a model sees them.

    Attributes:
        codes: choices x assignments.
        values: assignments x columns.
        macs: multiply-adds of each.
    """

    codes: Codes
    values: Array
    macs: Array

    def __len__(self) -> int:
        return len(self.macs)

    def of(self, chosen: npt.NDArray[np.int_]) -> Rows:
        """Some of the assignments, by their indices."""
        return Rows(self.codes[:, chosen], self.values[chosen], self.macs[chosen])

    @classmethod
    def joined(cls, parts: list[Rows]) -> Rows:
        """The assignments of all parts, one after another."""
        return cls(
            np.concatenate([part.codes for part in parts], axis=1),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.macs for part in parts]),
        )

    def distinct(self) -> Rows:
        """Each assignment that looks different to the model once, in the order of the first."""
        _, first = np.unique(np.round(self.values, 9), axis=0, return_index=True)
        return self.of(np.sort(first))


class Encoding:
    """Encodes assignments of one space.

    Args:
        feasible: counts them.
        typical: choices x assignments; random ones, by which columns are centred and scaled.
    """

    def __init__(self, feasible: Feasible, typical: Codes) -> None:
        self.feasible = feasible
        self._places = [_places(choice) for choice in feasible.space.choices.values()]
        embedded, costs = self._embedded(typical), np.log(self._counted(typical))
        self._middle = embedded.mean(axis=0)
        # So that linear functions with coefficients of variance 1 have a variance of about 1.
        self._radius = np.sqrt(((embedded - self._middle) ** 2).sum(axis=1).mean()) or 1.0
        self._cost_middle = costs.mean(axis=0)
        spread = costs.std(axis=0)
        self._cost_spread = np.where(spread > 0, spread, 1)

    @property
    def choices(self) -> slice:
        """The columns of the embedding: two random rows are about sqrt 2 apart."""
        return slice(0, len(self._middle))

    @property
    def costs(self) -> slice:
        """The columns of the costs: their logarithms, standardised; macs first."""
        return slice(len(self._middle), len(self._middle) + len(COSTS))

    def rows(self, codes: Codes) -> Rows:
        """Assignments as rows; each must have a graph."""
        counted = self._counted(codes)
        embedded = (self._embedded(codes) - self._middle) / self._radius
        standard = (np.log(counted) - self._cost_middle) / self._cost_spread
        return Rows(codes, np.concatenate([embedded, standard], axis=1), counted[:, 0])

    def _embedded(self, codes: Codes) -> Array:
        active = self.feasible.counter.active(codes)
        columns = [
            places[code] * here[:, None]
            for places, code, here in zip(self._places, codes, active, strict=True)
        ]
        return np.concatenate(columns, axis=1)

    def _counted(self, codes: Codes) -> Array:
        """Costs, assignments x COSTS; at least 1, since their logarithms are taken."""
        counts = self.feasible.counter.count(codes, COSTS)
        counted: Array = np.stack([counts[name].astype(float) for name in COSTS], axis=1)
        return np.maximum(counted, 1)


def _places(choice: Choice) -> Array:
    """Where each value of a choice lies: values x columns."""
    if not isinstance(choice, Knob):
        corners: Array = np.eye(len(choice.values)) / np.sqrt(2)
        return corners
    numbers = np.array([float(value) for value in choice.values])
    if choice.log:
        numbers = np.log(numbers)
    angles = (numbers - numbers[0]) / ((numbers[-1] - numbers[0]) or 1) * np.pi / 2
    arc: Array = np.stack([np.cos(angles), np.sin(angles)], axis=1) / np.sqrt(2)
    return arc
