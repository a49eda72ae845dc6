"""What dense branches cover of a sparse structure, and what that costs.

Szegedy et al. 2014 (section 3) ask how a sparse structure can be covered by dense components. Here
the structure is the clusters: a filter reads its own cluster, and a dense one reads all channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from explorer.construct.layers.correlations import Array, Shift
from explorer.construct.layers.plan import Branch, Module, lines_of
from explorer.construct.layers.rule import SIZES, Seen


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of correlation mass, and of multiply-adds.

    The mass is the sum of squared correlations of any two units that one window of the largest of
    ``SIZES`` holds. Multiply-adds are those of the branches; a pool and its projection have no
    cluster, and are left out.

    Attributes:
        within: of (sizes,): the share of the mass that is between units of one window of each of
            ``SIZES``; of the largest it is all.
        reached: the share of the mass that is between units of one window of the module's branches:
            what the dense branches cover.
        clustered: the share of the mass that is between channels of one cluster.
        reading: the share of the multiply-adds that is of convolutions which read the layer
            beneath; the others read a branch's own reduction.
        wasted: of those that read the layer beneath, the share that goes to channels outside the
            filter's cluster.
    """

    within: tuple[float, ...]
    reached: float
    clustered: float
    reading: float
    wasted: float


def coverage(module: Module, seen: Seen) -> Coverage:
    """What a module covers of the correlations beneath it."""
    mass = seen.found.values.astype(np.float64) ** 2
    middle: Any = seen.found.reach
    np.fill_diagonal(mass[(slice(None), slice(None), *middle)], 0)  # a unit with itself
    total = float(mass.sum()) or 1.0
    every = [(size,) * len(middle) for size in SIZES]
    within = tuple(float(mass[:, :, _seen_by([w], middle)].sum()) / total for w in every)
    windows = [branch.window for branch in module.branches]
    reached = float(mass[:, :, _seen_by(windows, middle)].sum()) / total
    labels = np.full(seen.found.channels, -1)
    for number, cluster in enumerate(seen.clusters):
        labels[cluster.channels] = number
    same = labels[:, None] == labels[None, :]
    clustered = float(mass[same].sum()) / total
    return Coverage(within, reached, clustered, *_spent(module, seen))


def _seen_by(windows: Sequence[Shift], reach: Shift) -> Array:
    """Which shifts lie between two units of one of the windows: up to size - 1 on every axis."""
    shifts = np.indices([2 * most + 1 for most in reach])
    away = np.abs(shifts - np.reshape(reach, (-1, *[1] * len(reach))))
    held = [(away < np.reshape(window, (-1, *[1] * len(reach)))).all(axis=0) for window in windows]
    found: Array = np.any(held, axis=0) if held else np.zeros(away.shape[1:], bool)
    return found


def _spent(module: Module, seen: Seen) -> tuple[float, float]:
    """Of the multiply-adds those that read the layer beneath, and of these what is wasted.

    Filters of a size are of the clusters by their directions and shares of that size.
    """
    spent = useful = behind = 0.0
    channels = seen.found.channels
    for branch in module.branches:
        size = SIZES.index(max(branch.window))
        asked = np.array([c.directions * float(c.shares[size]) for c in seen.clusters])
        asked = asked / asked.sum()
        own = float(sum(a * len(c.channels) for a, c in zip(asked, seen.clusters, strict=True)))
        (taps, filters), *later = _chain(branch)
        spent += taps * filters * channels
        useful += taps * filters * own
        for kernel, width in later:
            behind += kernel * filters * width
            filters = width
    if not spent:
        return 0.0, 0.0
    return spent / (spent + behind), 1 - useful / spent


def _chain(branch: Branch) -> list[tuple[int, float]]:
    """A branch's convolutions from the layer beneath on: the size of a kernel, and its filters."""
    kernels = lines_of(branch.window) if branch.crossed else [branch.window]
    reduction = [] if branch.reduced is None else [(1, branch.reduced)]
    return [*reduction, *((prod(kernel), branch.filters) for kernel in kernels)]
