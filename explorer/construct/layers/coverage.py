"""What dense branches cover of a sparse structure, and what that costs.

Szegedy et al. 2014 (section 3) ask how a sparse structure can be covered by dense components. Here
the structure is the clusters: a filter reads its own cluster, and a dense one reads all channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from explorer.construct.layers.correlations import Array
from explorer.construct.layers.plan import Module
from explorer.construct.layers.rule import SIZES, Seen


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of correlation mass, the sum of squared correlations of two units over all shifts.

    Attributes:
        within: of (sizes,): the share of the mass that is between units of one window of each of
            ``SIZES``.
        clustered: the share of the mass that is between channels of one cluster.
        wasted: the share of the multiply-adds of convolutions over the layer beneath that go to
            channels outside the filter's cluster.
    """

    within: tuple[float, ...]
    clustered: float
    wasted: float


def coverage(module: Module, seen: Seen) -> Coverage:
    """What a module covers of the correlations beneath it."""
    mass = seen.found.values.astype(np.float64) ** 2
    middle: Any = seen.found.reach
    np.fill_diagonal(mass[(slice(None), slice(None), *middle)], 0)  # a unit with itself
    total = float(mass.sum()) or 1.0
    within = tuple(float(_central(mass, size).sum()) / total for size in SIZES)
    labels = np.full(seen.found.channels, -1)
    for number, cluster in enumerate(seen.clusters):
        labels[cluster.channels] = number
    same = labels[:, None] == labels[None, :]
    clustered = float(mass[same].sum()) / total
    return Coverage(within, clustered, _wasted(module, seen))


def _central(mass: Array, size: int) -> Array:
    """The mass between two units of one window of a size: up to size - 1 apart."""
    apart = (slice(max(0, n // 2 - size + 1), n // 2 + size) for n in mass.shape[2:])
    found: Array = mass[:, :, *apart]
    return found


def _wasted(module: Module, seen: Seen) -> float:
    """Filters of a size are of the clusters by their directions and shares of that size."""
    spent = useful = 0.0
    channels = seen.found.channels
    for branch in module.branches:
        size = SIZES.index(max(branch.window))
        asked = np.array([c.directions * float(c.shares[size]) for c in seen.clusters])
        asked = asked / asked.sum()
        own = float(sum(a * len(c.channels) for a, c in zip(asked, seen.clusters, strict=True)))
        readers = branch.filters if branch.reduced is None else branch.reduced
        taps = 1 if branch.reduced is not None else prod(branch.window)
        spent += taps * readers * channels
        useful += taps * readers * own
    return 1 - useful / spent if spent else 0.0
