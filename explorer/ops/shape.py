"""Shapes have a kind; nothing turns one kind into another silently."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

Kind = Literal["map", "vector", "tokens", "ids"]

KINDS: tuple[Kind, ...] = ("map", "vector", "tokens", "ids")
NUMBERS: tuple[Kind, ...] = ("map", "vector", "tokens")  # what arithmetic can be done with


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
        return prod(self.sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes in the order of a torch tensor, without the batch."""
        if self.kind == "ids":
            return self.grid
        return (*self.grid, self.channels) if self.kind == "tokens" else (self.channels, *self.grid)

    @property
    def axis(self) -> int:
        """The axis of the channels in a torch tensor, with the batch as axis 0."""
        return 2 if self.kind == "tokens" else 1

    @property
    def described(self) -> str:
        """Kind and sizes: ``map 3x8x8``, ``vector 10``, ``tokens 196x768``, ``ids 16``."""
        return f"{self.kind} {'x'.join(str(size) for size in self.sizes)}"

    def __str__(self) -> str:
        """The sizes, which tell a map from a vector; tokens and ids say what they are."""
        return self.described if self.kind in ("tokens", "ids") else self.described.split()[1]


def image(channels: int, *grid: int) -> Shape:
    """A map: C x H x W, or C x L in one dimension."""
    return Shape("map", channels, grid)


def vector(channels: int) -> Shape:
    return Shape("vector", channels)


def tokens(length: int, channels: int) -> Shape:
    """T x D: a sequence of vectors."""
    return Shape("tokens", channels, (length,))


def ids(length: int) -> Shape:
    """T whole numbers, such as words of a vocabulary."""
    return Shape("ids", 0, (length,))
