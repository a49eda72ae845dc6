"""Joins of several values: concatenation, sum and product. Written as brackets, not by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

from explorer.ops.base import Condition, Op, Saved, Shapes, TorchFunction
from explorer.ops.shape import NUMBERS, Kind, Shape


@dataclass(frozen=True, slots=True)
class Concat(Op):
    """``[ a | b ]``: channels side by side, in the order of the branches."""

    name: ClassVar[str] = "concat"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        return (self._fits(inputs, index) for index in range(1, len(inputs)))

    def _fits(self, inputs: Shapes, index: int) -> Condition:
        first, other = inputs[0], inputs[index]
        return Condition(
            other.kind != first.kind or other.grid != first.grid,
            lambda: f"'|' joins equal grids, got {_listed(inputs, 0, index)}",
        )

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
        return (self._fits(inputs, index) for index in range(1, len(inputs)))

    def _fits(self, inputs: Shapes, index: int) -> Condition:
        first, other = inputs[0], inputs[index]
        differs = other.kind != first.kind or other.grid != first.grid
        return Condition(
            differs | (other.channels != first.channels),
            lambda: (
                f"'+' joins equal shapes, got {_listed(inputs, 0, index)}"
                + ("; '*' would spread one" if _is_gate(inputs[0], inputs[index]) else "")
            ),
        )

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("add")


def _is_gate(left: Shape, right: Shape) -> bool:
    """Whether one of two maps has as many channels as the other, and one cell."""
    cells = {set(left.grid) == {1}, set(right.grid) == {1}}
    return left.channels == right.channels and left.kind == right.kind == "map" and len(cells) > 1


@dataclass(frozen=True, slots=True)
class Multiply(Op):
    """``[ a * b ]``: a product; a gate of one cell or one channel is spread over the rest."""

    name: ClassVar[str] = "multiply"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        full = self.shape(inputs)
        branches = range(len(inputs))
        for other in inputs:
            differs = (other.channels != 1) & (other.channels != full.channels)
            covers = all(
                mine in (1, whole) for mine, whole in zip(other.grid, full.grid, strict=False)
            )
            same_rank = other.kind == full.kind and len(other.grid) == len(full.grid)
            yield Condition(
                differs | (not (covers and same_rank)),
                lambda: f"'*' cannot spread {_listed(inputs, *branches)} to one shape",
            )

    def shape(self, inputs: Shapes) -> Shape:
        channels = reduce(_larger, (shape.channels for shape in inputs))
        grids = zip(*(shape.grid for shape in inputs), strict=False)
        return Shape(inputs[0].kind, channels, tuple(max(sizes) for sizes in grids))

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        # And the products of the first two, three ..., which are multiplied by the next.
        partial = (self.shape(inputs[:count]).elements for count in range(2, len(inputs)))
        return Saved(inputs=True, elements=sum(partial))

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("mul")


def _larger(left: int, right: int) -> int:
    """The larger of two counts, in arithmetic."""
    return left + (right > left) * (right - left)


def _listed(inputs: Shapes, *branches: int) -> str:
    """The shapes of some branches, which count from 1 as texts do."""
    alike = len({inputs[index].kind for index in branches}) == 1
    said = [str(shape) if alike else shape.described for shape in inputs]
    return " and ".join(f"{said[index]} (branch {index + 1})" for index in branches)
