"""Ops that choose and reorder channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from explorer.ops.base import (
    Argument,
    Condition,
    Layer,
    Op,
    Parameter,
    Shapes,
    Signature,
    TorchFunction,
)
from explorer.ops.shape import NUMBERS, Kind, Shape


@dataclass(frozen=True, slots=True)
class Part(Op):
    """``part I/N``: of N equal parts of the channels the I-th, from 1 (Ma et al. 2018)."""

    part: int
    of: int

    name: ClassVar[str] = "part"
    view: ClassVar[bool] = True
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("part", Argument.COUNT),), over=Parameter("of", Argument.COUNT)
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(self.part > self.of, lambda: f"there is no part {self.part} of {self.of}")
        yield Condition(
            inputs[0].channels % self.of != 0,
            lambda: f"{inputs[0].channels} channels do not fall into {self.of} equal parts",
        )

    def shape(self, inputs: Shapes) -> Shape:
        return Shape(inputs[0].kind, inputs[0].channels // self.of, inputs[0].grid)

    def layer(self, inputs: Shapes) -> TorchFunction:
        length = inputs[0].channels // self.of
        start = (self.part - 1) * length
        options = (("dim", inputs[0].axis), ("start", start), ("length", length))
        return TorchFunction("narrow", kwargs=options)


@dataclass(frozen=True, slots=True)
class Shuffle(Op):
    """``shuffle G``: G groups of channels, dealt out one by one (Zhang et al. 2018)."""

    groups: int

    name: ClassVar[str] = "shuffle"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)
    signature: ClassVar[Signature] = Signature(positional=(Parameter("groups", Argument.COUNT),))

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(
            inputs[0].channels % self.groups != 0,
            lambda: f"{self.groups} groups do not divide {inputs[0].channels} channels",
        )

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("ChannelShuffle", (self.groups,))
