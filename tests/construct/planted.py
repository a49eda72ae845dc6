"""Small networks and samples that the tests of recovery share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from explorer.construct import Model, Quality, draw_network, draw_samples
from explorer.construct.match import edges_of_sign
from explorer.construct.model import Bottom


class Planted(NamedTuple):
    """A network, and states of all its layers from the bottom up."""

    network: list[csr_array]
    states: list[csr_array]

    @property
    def samples(self) -> csr_array:
        return self.states[0]

    @property
    def children(self) -> csr_array:
        """Positive edges of the lowest layer, of (hidden units, units)."""
        return edges_of_sign(self.network[0], 1).T.tocsr()


@cache
def planted(
    model: Model, samples: int, density: float, bottom: Bottom = "boolean", seed: int = 100
) -> Planted:
    rng = np.random.default_rng(seed)
    network = draw_network(model, rng)
    return Planted(network, draw_samples(network, samples, density, rng, bottom))


def one_layer() -> Planted:
    return planted(Model(200, 10), 6_000, 0.02)


def matrix(rows: Sequence[Sequence[int]]) -> csr_array:
    return csr_array(np.array(rows, np.float32))


def reaches(found: Quality, precision: float, recall: float) -> bool:
    return found.precision >= precision and found.recall >= recall
