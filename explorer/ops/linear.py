"""Linear layers, and the flattening in front of them."""

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
)
from explorer.ops.conv import BIAS, BIAS_FLAGS, has_bias
from explorer.ops.shape import NUMBERS, Kind, Shape, vector


@dataclass(frozen=True, slots=True)
class Flatten(Op):
    """``flatten``: a map or tokens become a vector of all their elements."""

    name: ClassVar[str] = "flatten"
    view: ClassVar[bool] = True
    takes: ClassVar[tuple[Kind, ...]] = ("map", "tokens")

    def shape(self, inputs: Shapes) -> Shape:
        return vector(inputs[0].elements)

    def span(self, cells: tuple[int, ...], inputs: Shapes) -> None:
        return None

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("Flatten")


@dataclass(frozen=True, slots=True)
class Linear(Op):
    """``linear N``: every output sees every input, token by token; macs are C x N for each."""

    channels: int
    bias: bool = True

    name: ClassVar[str] = "linear"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    tail: ClassVar[bool] = True
    quiet: ClassVar[Mapping[str, tuple[object, ...]]] = {"bias": (True,)}
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("channels", Argument.WIDTH),), named=(BIAS,), flags=BIAS_FLAGS
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Linear:
        return cls(values["channels"], has_bias(values))

    @classmethod
    def prelude(cls, inputs: Shapes) -> Op | None:
        """A 1x1 map is flattened silently: the one conversion that the language grants."""
        is_cell = inputs[0].kind == "map" and set(inputs[0].grid) == {1}
        return Flatten() if is_cell else None

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(
            inputs[0].kind == "map",
            lambda: (
                f"linear takes a vector, tokens or a 1x1 map, got {inputs[0].described}; "
                "put 'avgpool global' or 'flatten' before it"
            ),
        )

    def shape(self, inputs: Shapes) -> Shape:
        return Shape(inputs[0].kind, self.channels, inputs[0].grid)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        weights = inputs[0].channels * self.channels
        params = weights + (self.channels if self.bias else 0)
        return Cost(weights * prod(output.grid), params, output.elements)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True)

    def layer(self, inputs: Shapes) -> Layer:
        options = () if self.bias else (("bias", False),)
        return Layer("Linear", (inputs[0].channels, self.channels), options)
