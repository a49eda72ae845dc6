"""The generative model: layers of random bipartite graphs that turn a few causes into an image.

Source: Arora, Bhaskara, Ge, Ma, "Provable bounds for learning some deep representations"
(arXiv 1310.6343), section "Definitions and results". Every hidden unit switches some units of the
layer beneath it on (positive edges) and some off (negative edges):

    h(l)    uniform over the 0/1 vectors with density * n ones
    h(i-1)  = 1[G(i) h(i) > 0]
    y       = 1[G(1) h(1) > 0], or G(1) h(1) where the bottom is real

"Regular" networks differ from the paper's in that every unit has exactly degree / 2 positive and
degree / 2 negative edges to the layer above and as many to the layer beneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.sparse import coo_array, csr_array

from explorer.errors import ExplorerError

Degrees = Literal["binomial", "regular"]
Weights = Literal["signs", "uniform"]
Bottom = Literal["boolean", "real"]
_TRIES = 1_000  # swaps of one edge that would be double, before we say that there is no graph


@dataclass(frozen=True, slots=True)
class Model:
    """What random networks are drawn from.

    Attributes:
        units: n, of every layer.
        degree: d, expected edges of a unit to the layer beneath it; half of them are positive.
        layers: hidden layers.
        degrees: "binomial" (each edge exists with probability d/n) or "regular".
        weights: "signs" (+-1) or "uniform" (in [-1, 1]).
    """

    units: int
    degree: float
    layers: int = 1
    degrees: Degrees = "binomial"
    weights: Weights = "signs"

    def __post_init__(self) -> None:
        if self.layers < 1:
            raise ExplorerError(f"layers is {self.layers}, must be at least 1")
        must_be_of("degrees", self.degrees, Degrees)
        must_be_of("weights", self.weights, Weights)
        if not 0 < self.degree <= self.units:
            raise ExplorerError(f"degree is {self.degree}, must be in (0, {self.units}], the units")
        if self.degrees == "regular" and self.degree % 2:
            raise ExplorerError(f"degree is {self.degree}, must be even in a regular graph")


def must_be_of(name: str, value: object, kind: Any) -> None:
    """Refuse what a literal type does not list.

    Raises:
        ExplorerError: with the values that are allowed.
    """
    if value not in get_args(kind):
        allowed = " or ".join(f'"{each}"' for each in get_args(kind))
        raise ExplorerError(f'{name} is "{value}", must be {allowed}')


def draw_network(model: Model, rng: np.random.Generator) -> list[csr_array]:
    """The weights of a random network, from the bottom up.

    Returns:
        for each hidden layer a matrix G of (units beneath, units).
    """
    draw = _regular if model.degrees == "regular" else _binomial
    return [draw(model, rng) for _ in range(model.layers)]


def _binomial(model: Model, rng: np.random.Generator) -> csr_array:
    n = model.units
    chosen = [rng.choice(n, size, replace=False) for size in rng.binomial(n, model.degree / n, n)]
    parents = np.repeat(np.arange(n), [len(c) for c in chosen])
    children = np.concatenate(chosen)
    signs = rng.integers(0, 2, len(children)) * 2 - 1
    values = _sizes(model, len(children), rng) * signs
    return coo_array((values.astype(np.float32), (children, parents)), shape=(n, n)).tocsr()


def _regular(model: Model, rng: np.random.Generator) -> csr_array:
    """A union of random permutations, the first half of them positive, without double edges."""
    n, degree = model.units, int(model.degree)
    taken: set[tuple[int, int]] = set()
    children = []
    for _ in range(degree):
        order = rng.permutation(n)
        for parent in range(n):
            for _ in range(_TRIES):
                if (parent, int(order[parent])) not in taken:
                    break
                other = int(rng.integers(n))
                swapped = (parent, int(order[other])), (other, int(order[parent]))
                if not taken.intersection(swapped):
                    order[[parent, other]] = order[[other, parent]]
        edges = set(enumerate(order.tolist()))
        if edges & taken:
            raise ExplorerError(f"degree is {degree}, too much for a regular graph of {n} units")
        taken |= edges
        children.append(order)
    signs = np.repeat(np.where(np.arange(degree) < degree // 2, 1, -1), n)
    values = _sizes(model, n * degree, rng) * signs
    where = np.concatenate(children), np.tile(np.arange(n), degree)
    return coo_array((values.astype(np.float32), where), shape=(n, n)).tocsr()


def _sizes(model: Model, number: int, rng: np.random.Generator) -> np.ndarray:
    """Absolute values of weights."""
    return rng.uniform(0, 1, number) if model.weights == "uniform" else np.ones(number)


def draw_samples(
    network: Sequence[csr_array],
    samples: int,
    density: float,
    rng: np.random.Generator,
    bottom: Bottom = "boolean",
) -> list[csr_array]:
    """States of all layers, from the bottom up.

    Args:
        network: weights from the bottom up, as ``draw_network`` gives them.
        samples: how many.
        density: rho, the share of the top layer's units that are on in every sample.
        rng: decides which.
        bottom: whether the observed layer is thresholded, too.

    Returns:
        the observed layer, then each hidden layer: matrices of (samples, units).

    Raises:
        ExplorerError: no samples, no layers, or a density with which no unit is on.
    """
    if not network:
        raise ExplorerError("the network has no layers, must have at least 1")
    must_be_of("bottom", bottom, Bottom)
    top = network[-1].shape[1]
    ones = round(density * top) if 0 < density <= 1 else 0
    if not ones:
        least = 1 / top
        raise ExplorerError(
            f"density is {density}, must be from {least:g} (one of {top} units) to 1"
        )
    if samples < 1:
        raise ExplorerError(f"samples is {samples}, must be at least 1")
    states = [_top(samples, top, ones, rng)]
    for depth, weights in reversed(list(enumerate(network))):
        drive = (states[-1] @ weights.T).tocsr()
        if depth or bottom == "boolean":
            drive.data = (drive.data > 0).astype(np.float32)
        drive.eliminate_zeros()
        states.append(drive)
    return states[::-1]


def _top(samples: int, units: int, ones: int, rng: np.random.Generator) -> csr_array:
    """Rows with exactly so many ones at random places."""
    columns = np.sort(rng.integers(units, size=(samples, ones)), axis=1)
    if ones**2 > 2 * units:  # hardly any row would be without doubles
        columns = np.array([np.sort(rng.permutation(units)[:ones]) for _ in range(samples)])
    while (double := (np.diff(columns, axis=1) == 0).any(axis=1)).any():
        again = rng.integers(units, size=(int(double.sum()), ones))
        columns[double] = np.sort(again, axis=1)
    data = np.ones(samples * ones, np.float32)
    starts = np.arange(0, samples * ones + 1, ones)
    return csr_array((data, columns.ravel(), starts), shape=(samples, units))
