"""Joins of several values: concatenation, sum and product. Written as brackets, not by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from explorer.ops.base import Condition, Op, Shapes, TorchFunction
from explorer.ops.shape import NUMBERS, Kind, Shape


@dataclass(frozen=True, slots=True)
class Concat(Op):
    """``[ a | b ]``: channels side by side, in the order of the branches."""

    name: ClassVar[str] = "concat"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        for other in inputs[1:]:
            differs = other.kind != inputs[0].kind or other.grid != inputs[0].grid
            yield Condition(differs, lambda: f"'|' joins equal grids, got {_listed(inputs)}")

    def shape(self, inputs: Shapes) -> Shape:
        total = sum(shape.channels for shape in inputs)
        return Shape(inputs[0].kind, total, inputs[0].grid)

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("cat", listed=True, kwargs=(("dim", inputs[0].axis),))


@dataclass(frozen=True, slots=True)
class Add(Op):
    """``[ a + b ]``: equal shapes, summed."""

    name: ClassVar[str] = "add"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        differs = any(other != inputs[0] for other in inputs[1:])
        yield Condition(differs, lambda: f"'+' joins equal shapes, got {_listed(inputs)}")

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("add")


@dataclass(frozen=True, slots=True)
class Multiply(Op):
    """``[ a * b ]``: a product; a gate of one cell or one channel is spread over the rest."""

    name: ClassVar[str] = "multiply"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        full = self.shape(inputs)
        for other in inputs:
            fits = other.channels in (1, full.channels) and all(
                mine in (1, whole) for mine, whole in zip(other.grid, full.grid, strict=False)
            )
            same_rank = other.kind == full.kind and len(other.grid) == len(full.grid)
            yield Condition(
                not (fits and same_rank),
                lambda: f"'*' cannot spread {_listed(inputs)} to one shape",
            )

    def shape(self, inputs: Shapes) -> Shape:
        channels = max(shape.channels for shape in inputs)
        grids = zip(*(shape.grid for shape in inputs), strict=False)
        return Shape(inputs[0].kind, channels, tuple(max(sizes) for sizes in grids))

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("mul")


def _listed(inputs: Shapes) -> str:
    return " and ".join(str(shape) for shape in inputs)
