"""Planted images: filters that turn units on wherever they occur, and maps drawn from them.

The convolutional sister of ``model``: every filter is a hidden unit that exists at each position,

    h      each filter is on at each position with probability ``rate``, independently
    drive  of channel c at p: the sum over filters f and offsets d of G[f, c, d] h[f, p - d]

and the maps are 1[drive > 0], max(drive, 0) or the drive itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from explorer.construct.filters.shifts import drawn
from explorer.construct.samples import Array
from explorer.errors import ExplorerError

EXTENTS = (1, 3, 5)
Output = Literal["boolean", "relu", "real"]
_TRIES = 1_000  # of one filter, before we say that there is none


@dataclass(frozen=True, slots=True)
class FilterModel:
    """What random filters are drawn from.

    Attributes:
        numbers: filters of extent 1x1, 3x3 and 5x5. The units of a filter touch all four sides of
            its extent.
        channels: of the maps.
        units: positive units (channel, dy, dx) of a filter of each extent; a 1x1 filter has at
            most one in each of its channels.
        disjoint: whether every channel belongs to a single filter, as evenly as possible and with
            the larger shares for 1x1; otherwise filters choose from all channels.
        signed: whether filters have as many negative units as positive ones.
    """

    numbers: tuple[int, int, int]
    channels: int = 16
    units: tuple[int, int, int] = (4, 6, 8)
    disjoint: bool = False
    signed: bool = False

    def __post_init__(self) -> None:
        if min(self.numbers) < 0 or not self.total:
            raise ExplorerError(f"numbers are {self.numbers}, must be at least 0, one of them 1")
        if min(self.units) < 2:
            raise ExplorerError(f"units are {self.units}, must be at least 2")
        most = self.channels // self.total if self.disjoint else self.channels
        least = 2 * (1 + self.signed)
        if most < least:
            raise ExplorerError(
                f"channels is {self.channels}, so a filter has {most}, must be at least {least}"
            )

    @property
    def total(self) -> int:
        """Filters of all extents."""
        return sum(self.numbers)


def draw_filters(model: FilterModel, rng: np.random.Generator) -> Array:
    """Random filters, no two alike.

    Returns:
        weights 1, 0 and -1, of (filters, channels, 5, 5), each extent in the middle.
    """
    extents = np.repeat(EXTENTS, model.numbers)
    everywhere = np.arange(model.channels)
    chosen = (
        np.array_split(rng.permutation(everywhere), model.total)
        if model.disjoint
        else [everywhere] * model.total
    )
    size = EXTENTS[-1]
    found = np.zeros((model.total, model.channels, size, size), np.int8)
    for number, (extent, channels) in enumerate(zip(extents, chosen, strict=True)):
        for _ in range(_TRIES):
            new = _one(model, int(extent), channels, rng)
            if not (found[:number] == new).all(axis=(1, 2, 3)).any():
                break
        else:
            raise ExplorerError(f"numbers are {model.numbers}: too many filters of extent {extent}")
        found[number] = new
    return found


def _one(model: FilterModel, extent: int, channels: Array, rng: np.random.Generator) -> Array:
    """A filter of these channels, of (channels, 5, 5)."""
    places = [(c, y, x) for c in channels for y in range(extent) for x in range(extent)]
    parts = 1 + model.signed
    positive = min(model.units[EXTENTS.index(extent)], len(places) // parts)
    inner = np.zeros((model.channels, extent, extent), np.int8)
    for _ in range(_TRIES):
        chosen = np.array(places)[rng.permutation(len(places))[: positive * parts]]
        if _touches(chosen[:positive, 1:], extent):
            break
    else:
        raise ExplorerError(f"units are {model.units}: too few to touch the sides of {extent}")
    inner[tuple(chosen[:positive].T)] = 1
    inner[tuple(chosen[positive:].T)] = -1
    margin = (EXTENTS[-1] - extent) // 2
    return np.pad(inner, ((0, 0), (margin, margin), (margin, margin)))


def _touches(places: Array, extent: int) -> bool:
    return bool((places.min(axis=0) == 0).all() and (places.max(axis=0) == extent - 1).all())


class Drawn(NamedTuple):
    """Maps and what they were drawn from.

    Attributes:
        maps: of (images, channels, height, width); bool, or float32 where they are not Boolean.
        states: where each filter is on, bool of (filters, images, height, width). Filters beyond
            the border are not in it, though what they draw inside is in the maps.
    """

    maps: Array
    states: Array


def draw_maps(
    filters: Array,
    images: int,
    rng: np.random.Generator,
    *,
    size: int = 32,
    rate: float = 0.01,
    noise: float = 0.01,
    miss: float = 0.05,
    output: Output = "boolean",
) -> Drawn:
    """Images in which these filters occur everywhere; nothing but the arguments decides them.

    Args:
        filters: weights of (filters, channels, window, window), an odd window.
        images: how many.
        rng: decides where filters are on, and the noise.
        size: height and width. Images are cut from larger fields, so patterns are cut off at their
            borders as they are in crops.
        rate: how often a filter is on, at each position.
        noise: share of the units without drive that are on (1) all the same.
        miss: share of all units that are set to 0.
        output: "boolean" is 1[drive > 0], "relu" max(drive, 0), "real" the drive.
    """
    if images < 1 or size < 1:
        raise ExplorerError(f"images is {images} and size {size}, must be at least 1")
    for name, value in {"rate": rate, "noise": noise, "miss": miss}.items():
        if not 0 <= value < 1:
            raise ExplorerError(f"{name} is {value}, must be at least 0 and under 1")
    radius = filters.shape[-1] // 2
    field = size + 2 * radius
    states = rng.random((len(filters), images, field, field), np.float32) < rate
    drive = drawn(states, filters)[:, :, radius : radius + size, radius : radius + size]
    maps = drive.astype(np.float32)
    if output != "real":
        maps = np.maximum(maps, 0)
    maps[(maps == 0) & (rng.random(maps.shape, np.float32) < noise)] = 1
    maps[rng.random(maps.shape, np.float32) < miss] = 0
    inside = states[:, :, radius : radius + size, radius : radius + size]
    return Drawn(maps > 0 if output == "boolean" else maps, inside)
