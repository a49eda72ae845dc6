"""Linear layers, and the flattening in front of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from explorer.ops.base import (
    Argument,
    Condition,
    Cost,
    Layer,
    Op,
    Parameter,
    Shapes,
    Signature,
    needs_map,
)
from explorer.ops.shape import Shape, vector


@dataclass(frozen=True, slots=True)
class Flatten(Op):
    """``flatten``: a map becomes a vector of all its elements."""

    name: ClassVar[str] = "flatten"

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield needs_map(self.name, inputs)

    def shape(self, inputs: Shapes) -> Shape:
        return vector(inputs[0].elements)

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("Flatten")


@dataclass(frozen=True, slots=True)
class Linear(Op):
    """``linear N``: every output sees every input; macs are C x N (the bias is not counted)."""

    channels: int

    name: ClassVar[str] = "linear"
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("channels", Argument.WIDTH),),
    )

    @classmethod
    def prelude(cls, inputs: Shapes) -> Op | None:
        """A 1x1 map is flattened silently: the one conversion that the language grants."""
        is_cell = inputs[0].kind == "map" and set(inputs[0].grid) == {1}
        return Flatten() if is_cell else None

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(
            inputs[0].kind != "vector",
            lambda: (
                f"linear takes a vector or a 1x1 map, got {inputs[0].kind} {inputs[0]}; "
                "put 'avgpool global' or 'flatten' before it"
            ),
        )

    def shape(self, inputs: Shapes) -> Shape:
        return vector(self.channels)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        weights = inputs[0].channels * self.channels
        return Cost(weights, weights + self.channels, output.elements)

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("Linear", (inputs[0].channels, self.channels))
