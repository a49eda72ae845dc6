"""The rule: from the correlations of feature maps to the module above them.

1. Channels are clustered by correlation (``clusters``).
2. A cluster stands for as many hidden units as its channels have independent directions. They are
   shared out among window sizes by how much the soft size of the cluster grows with the window, on
   a log scale (``dependence``): what agrees at one place makes 1x1 filters, what agrees only out to
   a distance of one place 3x3 filters, and of two 5x5 filters.
3. A pool branch gets the share of the pool's variance that no linear filter of its window tells.
4. A larger kernel stands behind a 1x1 that keeps the directions of the channels that it is for,
   where that saves multiply-adds. A kernel is as long on an axis as agreement grows along it, and
   is factorized where its strongest templates are close to rank one.
5. Where two neighbours tell what lies between them, the grid is halved.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from explorer.construct.layers.clusters import channel_clusters, components, effective_rank
from explorer.construct.layers.correlations import Array, Correlations, Shift, window_shifts
from explorer.construct.layers.dependence import agreeing, dropped, proper
from explorer.construct.layers.plan import Branch, Module, Stem

SIZES = (1, 3, 5)
REDUNDANT = 0.95  # of a place's variance, told by its two neighbours: then the grid is halved
_ALIKE = 0.1  # of axes: as redundant as each other
SMALLEST = 4  # places on an axis that a grid keeps
_NOTICED = 0.02  # of a module's filters: fewer make no branch
_ALONG = 0.2  # of the growth along the other axis; with less, a kernel is not longer for it
_KEPT = 0.9  # of the channels' variance, by a 1x1 in front of a larger kernel
_RANK_ONE = 0.9  # of a template's energy
_TEMPLATES = 8  # that are looked at
_LEAST = 0.05  # nats of growth; a cluster that grows less has no size but 1
_WIDE = 0.1  # of the growth: then the stem's kernel is the larger one
_PLACES = 20_000  # that a pool is compared with linear filters at


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """What was seen of one cluster of channels.

    Attributes:
        channels: which.
        directions: effective rank of their correlations at one place.
        growth: of (sizes, channels): by how much the log of the number of agreeing units grows
            from the window before to the window of each of ``SIZES``.
    """

    channels: Array
    directions: float
    growth: Array

    @property
    def shares(self) -> Array:
        """How its hidden units are shared out among ``SIZES``; sums to 1."""
        total = self.growth.mean(axis=1)
        if total.sum() < _LEAST:
            return np.array([1.0, *[0.0] * (len(SIZES) - 1)])
        shares: Array = total / total.sum()
        return shares


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a layer's feature maps.

    Attributes:
        found: their correlations.
        clusters: of channels, the largest first.
        pooled: share of a 3x3 pool's variance that no linear filter of its window tells.
        dropped: on each axis, what two neighbours tell of the place between them.
        grid: of the maps.
    """

    found: Correlations
    clusters: tuple[ClusterSeen, ...]
    pooled: float
    dropped: tuple[float, ...]
    grid: Shift

    @property
    def directions(self) -> float:
        """Hidden units that all clusters stand for."""
        return sum(cluster.directions for cluster in self.clusters)

    @property
    def shares(self) -> Array:
        """How they are shared out among ``SIZES``; sums to 1."""
        weights = np.array([cluster.directions for cluster in self.clusters])
        found: Array = np.average([cluster.shares for cluster in self.clusters], 0, weights)
        return found


def look(found: Correlations, maps: Array, seed: int = 0) -> Seen:
    """What the rule goes by.

    Args:
        found: the correlations of the maps.
        maps: of (images, channels, *grid).
        seed: of the clustering.
    """
    clusters = tuple(_seen(found, channels) for channels in channel_clusters(found, seed))
    alive, grid = np.flatnonzero(found.alive), maps.shape[2:]
    known = tuple(
        dropped(found, alive, axis) if side > 1 else 0.0 for axis, side in enumerate(grid)
    )
    return Seen(found, clusters, nonlinear_share(maps[:, alive]), known, grid)


def _seen(found: Correlations, channels: Array) -> ClusterSeen:
    # Two units of a window are up to its size less 1 apart.
    sizes = [tuple(min(size, _odd(reach + 1)) for reach in found.reach) for size in SIZES]
    logs = [np.log(agreeing(found, channels, size)) for size in sizes]
    growth = np.maximum(np.diff([np.zeros(len(channels)), *logs], axis=0), 0)
    one = (0,) * len(found.reach)
    return ClusterSeen(channels, effective_rank(proper(found.patch(channels, [one]))), growth)


def nonlinear_share(maps: Array) -> float:
    """The share of a 3x3 max pool's variance that no linear filter of the same window tells.

    Args:
        maps: of (images, channels, *grid).

    Returns:
        the mean over channels, 0 to 1; 0 where the grid has no room for a window.
    """
    grid = maps.shape[2:]
    window = tuple(min(3, side) for side in grid)
    if prod(window) == 1:
        return 0.0
    places = prod(side - w + 1 for side, w in zip(grid, window, strict=True))
    images = maps[: max(2, _PLACES // places)]
    axes = tuple(range(2, maps.ndim))
    cut = np.lib.stride_tricks.sliding_window_view(images, window, axes)
    shares = []
    for channel in range(maps.shape[1]):
        units = cut[:, channel].reshape(-1, prod(window)).astype(np.float64)
        largest = units.max(axis=1)
        centred, target = units - units.mean(axis=0), largest - largest.mean()
        total = float(target @ target)
        if total <= 0:
            continue
        weights = np.linalg.lstsq(centred, target, rcond=None)[0]
        shares.append(float(((target - centred @ weights) ** 2).sum()) / total)
    return float(np.mean(shares)) if shares else 0.0


# ---- decisions


def choose_stem(seen: Seen, filters: float) -> Stem:
    """The first layer: a kernel as large as agreement asks for, at a stride where places repeat."""
    size = 2 if seen.shares[2] >= _WIDE else 1
    return Stem(_window(seen, size), halved(seen), filters)


def choose_module(seen: Seen, filters: float) -> Module:
    """The module above maps of so many channels.

    Args:
        seen: of the maps.
        filters: that all of its branches together put out.
    """
    shares = np.where(seen.shares >= _NOTICED, seen.shares, 0)
    shares = shares / shares.sum()
    pooled = seen.pooled if seen.pooled >= _NOTICED else 0.0
    branches = tuple(
        _branch(seen, size, float(filters * (1 - pooled) * share))
        for size, share in enumerate(shares)
        if share
    )
    window = tuple(min(3, _odd(side)) for side in seen.grid)
    return Module(branches, filters * pooled if pooled else None, window)


def halved(seen: Seen) -> Shift:
    """The stride that leaves out what the kept places tell: 1 or 2 for each axis.

    An axis that is nearly as redundant as one that is halved goes with it.
    """
    room = can_halve(seen)
    known = [k if step > 1 else 0.0 for k, step in zip(seen.dropped, room, strict=True)]
    if max(known) < REDUNDANT:
        return (1,) * len(room)
    return tuple(2 if k >= REDUNDANT - _ALIKE else 1 for k in known)


def can_halve(seen: Seen) -> Shift:
    """The stride that halves every axis with room for it; all 1 when none has."""
    return tuple(2 if side >= 2 * SMALLEST else 1 for side in seen.grid)


def _branch(seen: Seen, size: int, filters: float) -> Branch:
    window = _window(seen, size)
    if size == 0 or max(window) == 1:
        return Branch((1,) * len(seen.grid), filters)
    channels, kept = seen.found.channels, float(_directions_kept(seen, size))
    crossed = min(window) == 5 and len(window) > 1 and _rank_one(seen, window) >= _RANK_ONE
    taps = sum(window) if crossed else prod(window)
    own = sum(window[1:]) * filters**2 if crossed else 0.0
    first = window[0] if crossed else taps
    saves = channels * kept + first * kept * filters + own < first * channels * filters + own
    return Branch(window, filters, kept if saves else None, crossed)


def _window(seen: Seen, size: int) -> Shift:
    """The kernel of a size: as long as that on every axis along which agreement grows with it."""
    if size == 0:
        return (1,) * len(seen.grid)
    inner = _window(seen, size - 1)
    full = tuple(min(SIZES[size], _odd(side)) for side in seen.grid)
    grown = [_growth(seen, axis, full[axis], inner[axis]) for axis in range(len(full))]
    least = _ALONG * max(grown)
    return tuple(f if g >= least else i for f, g, i in zip(full, grown, inner, strict=True))


def _growth(seen: Seen, axis: int, longer: int, shorter: int) -> float:
    """Mean growth of the log of what agrees along an axis, over the clusters."""
    if longer == shorter:
        return 0.0
    long, short = (
        tuple(size if a == axis else 1 for a in range(len(seen.grid))) for size in (longer, shorter)
    )
    total = 0.0
    for cluster in seen.clusters:
        more = agreeing(seen.found, cluster.channels, long)
        less = agreeing(seen.found, cluster.channels, short)
        total += cluster.directions * float(np.log(more / less).mean())
    return max(0.0, total / seen.directions)


def _directions_kept(seen: Seen, size: int) -> int:
    """How many directions a 1x1 keeps for a window, its channels weighted by what they need it."""
    weights = np.zeros(seen.found.channels)
    for cluster in seen.clusters:
        weights[cluster.channels] = cluster.growth[size]
    alive = np.flatnonzero(weights > 0)
    if not len(alive):
        return 1
    root = np.sqrt(weights[alive])
    one = (0,) * len(seen.grid)
    return components(proper(seen.found.patch(alive, [one])) * np.outer(root, root), _KEPT)


def _rank_one(seen: Seen, window: Shift) -> float:
    """The share of energy that one product of lines holds of the clusters' strongest templates."""
    shares, weights = [], []
    for cluster in seen.clusters:
        values, templates = cluster_templates(seen.found, cluster.channels, window, _TEMPLATES)
        for value, template in zip(values, templates, strict=True):
            lines = template.reshape(-1, window[-1])  # (channels * rows, columns)
            energy = np.linalg.svd(lines, compute_uv=False) ** 2
            shares.append(float(energy[0] / energy.sum()))
            weights.append(value)
    return float(np.average(shares, weights=weights))


def cluster_templates(
    found: Correlations, channels: Array, window: Shift, number: int
) -> tuple[Array, Array]:
    """Principal components of a cluster's window.

    Returns:
        variances of (templates,), the largest first, and unit vectors of (templates, channels,
        *window); the sign is that of the larger sum.
    """
    units = proper(found.patch(channels, window_shifts(window)))
    values, vectors = np.linalg.eigh(units)
    order = np.argsort(-values)[:number]
    templates = vectors[:, order].T
    templates = templates * np.where(templates.sum(axis=1) < 0, -1, 1)[:, None]
    shaped = templates.reshape(len(order), *window, len(channels))
    return np.maximum(values[order], 0), np.moveaxis(shaped, -1, 1)


def _odd(side: int) -> int:
    return side if side % 2 else max(1, side - 1)
