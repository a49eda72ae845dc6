"""Shapes have a kind; nothing turns one kind into another silently."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

Kind = Literal["map", "vector", "tokens", "ids"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of one value for one image, without the batch.

    Attributes:
        kind: ``map`` (C x grid), ``vector`` (C), ``tokens`` (T x D, with D as channels) or
            ``ids`` (T).
        channels: C or D; 0 for ids.
        grid: sizes of the grid (H, W), (L,) or (T,); empty for a vector.
    """

    kind: Kind
    channels: int
    grid: tuple[int, ...] = ()

    @property
    def elements(self) -> int:
        return prod(self.grid, start=self.channels)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes in the order of a torch tensor, without the batch."""
        return (*self.grid, self.channels) if self.kind == "tokens" else (self.channels, *self.grid)

    def __str__(self) -> str:
        return "x".join(str(size) for size in self.sizes)


def image(channels: int, *grid: int) -> Shape:
    """A map: C x H x W, or C x L in one dimension."""
    return Shape("map", channels, grid)


def vector(channels: int) -> Shape:
    return Shape("vector", channels)
