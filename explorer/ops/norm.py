"""Normalisation over the batch, over groups of channels, over all of them, over neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import ClassVar

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
    positive,
)
from explorer.ops.shape import NUMBERS, Kind, Shape


@dataclass(frozen=True, slots=True)
class BatchNorm(Op):
    """``batchnorm [eps=1e-5] [momentum=0.1]``: Ioffe & Szegedy 2015, a scale and a shift."""

    eps: Fraction = Fraction(1, 10**5)
    momentum: Fraction = Fraction(1, 10)

    name: ClassVar[str] = "batchnorm"
    takes: ClassVar[tuple[Kind, ...]] = ("map", "vector")
    signature: ClassVar[Signature] = Signature(
        named=(
            Parameter("eps", Argument.NUMBER, default=eps),
            Parameter("momentum", Argument.NUMBER, default=momentum),
        )
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield positive(self.name, "eps", self.eps)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=2 * output.channels)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        # And a mean and a deviation for each channel.
        return Saved(inputs=True, elements=2 * output.channels)

    def layer(self, inputs: Shapes) -> Layer:
        standard = BatchNorm()
        options = [
            (key, float(value))
            for key, value, usual in (
                ("eps", self.eps, standard.eps),
                ("momentum", self.momentum, standard.momentum),
            )
            if value != usual
        ]
        axes = max(1, len(inputs[0].grid))
        return Layer(f"BatchNorm{axes}d", (inputs[0].channels,), tuple(options))


_EPS = Fraction(1, 10**5)


@dataclass(frozen=True, slots=True)
class GroupNorm(Op):
    """``groupnorm G [eps=1e-5]``: Wu & He 2018, over the grid and the channels of each group."""

    groups: int
    eps: Fraction = _EPS

    name: ClassVar[str] = "groupnorm"
    sees_all: ClassVar[bool] = True  # the mean and the deviation of a group are of its whole grid
    takes: ClassVar[tuple[Kind, ...]] = ("map", "vector")
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("groups", Argument.COUNT),),
        named=(Parameter("eps", Argument.NUMBER, default=_EPS),),
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield positive(self.name, "eps", self.eps)
        yield Condition(
            inputs[0].channels % self.groups != 0,
            lambda: f"{self.groups} groups do not divide {inputs[0].channels} channels",
        )

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=2 * output.channels)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True, elements=2 * self.groups)

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("GroupNorm", (self.groups, inputs[0].channels), _unusual(self.eps))


@dataclass(frozen=True, slots=True)
class LayerNorm(Op):
    """``layernorm [eps=1e-5]``: Ba et al. 2016, over the channels of each token or cell."""

    eps: Fraction = _EPS

    name: ClassVar[str] = "layernorm"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    signature: ClassVar[Signature] = Signature(
        named=(Parameter("eps", Argument.NUMBER, default=_EPS),)
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield positive(self.name, "eps", self.eps)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=2 * output.channels)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True, elements=2 * prod(output.grid))

    def layer(self, inputs: Shapes) -> Layer | Snippet:
        # torch's own works on the last axis, where a map has no channels.
        kind = Snippet if inputs[0].kind == "map" else Layer
        name = "ChannelNorm" if inputs[0].kind == "map" else "LayerNorm"
        return kind(name, (inputs[0].channels,), _unusual(self.eps))


def _unusual(eps: Fraction) -> tuple[tuple[str, object], ...]:
    return (("eps", float(eps)),) if eps != _EPS else ()


@dataclass(frozen=True, slots=True)
class LRN(Op):
    """``lrn [size=5] [alpha=1e-4] [beta=0.75] [k=1]``: Krizhevsky et al. 2012, section 3.3."""

    size: int = 5
    alpha: Fraction = Fraction(1, 10**4)
    beta: Fraction = Fraction(3, 4)
    k: Fraction = Fraction(1)

    name: ClassVar[str] = "lrn"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)
    signature: ClassVar[Signature] = Signature(
        named=(
            Parameter("size", Argument.COUNT, default=size),
            Parameter("alpha", Argument.NUMBER, default=alpha),
            Parameter("beta", Argument.NUMBER, default=beta),
            Parameter("k", Argument.NUMBER, default=k),
        )
    )

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        # The squares with zeros around the channels, the sums of neighbours, their powers.
        squares = output.elements + (self.size - 1) * prod(output.grid)
        return Saved(inputs=True, elements=squares + 2 * output.elements)

    def layer(self, inputs: Shapes) -> Layer:
        options = (("alpha", float(self.alpha)), ("beta", float(self.beta)), ("k", float(self.k)))
        return Layer("LocalResponseNorm", (self.size,), options)
