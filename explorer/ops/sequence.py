"""Tokens: made of a map or of ids, told apart by their position, and made into a map again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from explorer.ops.base import (
    Argument,
    Condition,
    Cost,
    Layer,
    Op,
    Parameter,
    Saved,
    Shapes,
    Signature,
    Snippet,
    TorchFunction,
)
from explorer.ops.shape import Kind, Shape, tokens, vector


@dataclass(frozen=True, slots=True)
class Tokens(Op):
    """``tokens``: every cell of a map becomes a token, row by row."""

    name: ClassVar[str] = "tokens"
    view: ClassVar[bool] = True
    takes: ClassVar[tuple[Kind, ...]] = ("map",)

    def shape(self, inputs: Shapes) -> Shape:
        return tokens(prod(inputs[0].grid), inputs[0].channels)

    def span(self, cells: tuple[int, ...], inputs: Shapes) -> tuple[int, ...]:
        """More than one token may begin in one row and end in another, so whole rows count."""
        (length,), grid = cells, inputs[0].grid
        if length == 1 or len(grid) == 1:
            return (*(1 for _ in grid[1:]), length)
        return ((length - 2) // grid[-1] + 2, grid[-1])

    def layer(self, inputs: Shapes) -> Snippet:
        return Snippet("Tokens")


@dataclass(frozen=True, slots=True)
class Grid(Op):
    """``grid HxW``: every token becomes a cell of a map, row by row."""

    sizes: tuple[int, ...]

    name: ClassVar[str] = "grid"
    view: ClassVar[bool] = True
    takes: ClassVar[tuple[Kind, ...]] = ("tokens",)
    signature: ClassVar[Signature] = Signature(positional=(Parameter("sizes", Argument.SIZES),))

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Grid:
        sizes = values["sizes"]
        return cls(sizes if isinstance(sizes, tuple) else (sizes,))

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        cells, (length,) = prod(self.sizes), inputs[0].grid
        shown = "x".join(str(size) for size in self.sizes)
        yield Condition(
            cells != length, lambda: f"a grid {shown} has {cells} cells, but {length} tokens arrive"
        )

    def shape(self, inputs: Shapes) -> Shape:
        return Shape("map", inputs[0].channels, self.sizes)

    def span(self, cells: tuple[int, ...], inputs: Shapes) -> tuple[int, ...]:
        """The tokens from the first cell to the last, row by row."""
        *rows, columns = cells
        return (sum(count - 1 for count in rows) * self.sizes[-1] + columns,)

    def layer(self, inputs: Shapes) -> Snippet:
        return Snippet("Grid", (self.sizes,))


@dataclass(frozen=True, slots=True)
class ClassToken(Op):
    """``classtoken``: one learned token in front of the others (Devlin et al. 2019)."""

    name: ClassVar[str] = "classtoken"
    takes: ClassVar[tuple[Kind, ...]] = ("tokens",)

    def shape(self, inputs: Shapes) -> Shape:
        return tokens(inputs[0].grid[0] + 1, inputs[0].channels)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=output.channels)

    def layer(self, inputs: Shapes) -> Snippet:
        return Snippet("ClassToken", (inputs[0].channels,))


@dataclass(frozen=True, slots=True)
class Positions(Op):
    """``positions``: a learned vector is added to each token (Gehring et al. 2017)."""

    name: ClassVar[str] = "positions"
    takes: ClassVar[tuple[Kind, ...]] = ("tokens",)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=output.elements)

    def layer(self, inputs: Shapes) -> Snippet:
        return Snippet("Positions", (inputs[0].grid[0], inputs[0].channels))


@dataclass(frozen=True, slots=True)
class Token(Op):
    """``token I``: the I-th token alone, from 1, as a vector."""

    index: int

    name: ClassVar[str] = "token"
    view: ClassVar[bool] = True
    takes: ClassVar[tuple[Kind, ...]] = ("tokens",)
    signature: ClassVar[Signature] = Signature(positional=(Parameter("index", Argument.COUNT),))

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        (length,) = inputs[0].grid
        yield Condition(
            self.index > length, lambda: f"there is no token {self.index}, {length} tokens arrive"
        )

    def shape(self, inputs: Shapes) -> Shape:
        return vector(inputs[0].channels)

    def span(self, cells: tuple[int, ...], inputs: Shapes) -> tuple[int, ...]:
        return (1,)

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("select", kwargs=(("dim", 1), ("index", self.index - 1)))


@dataclass(frozen=True, slots=True)
class Embedding(Op):
    """``embedding V D``: a learned vector of D channels for each of V words; it costs no macs."""

    words: int
    channels: int

    name: ClassVar[str] = "embedding"
    takes: ClassVar[tuple[Kind, ...]] = ("ids",)
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("words", Argument.COUNT), Parameter("channels", Argument.WIDTH))
    )

    def shape(self, inputs: Shapes) -> Shape:
        return tokens(inputs[0].grid[0], self.channels)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=self.words * self.channels)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True)

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("Embedding", (self.words, self.channels))
