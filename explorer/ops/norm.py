"""Normalisation over the batch and over neighbouring channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
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
from explorer.ops.shape import Shape


@dataclass(frozen=True, slots=True)
class BatchNorm(Op):
    """``batchnorm [eps=1e-5] [momentum=0.1]``: Ioffe & Szegedy 2015, a scale and a shift."""

    eps: Fraction = Fraction(1, 10**5)
    momentum: Fraction = Fraction(1, 10)

    name: ClassVar[str] = "batchnorm"
    signature: ClassVar[Signature] = Signature(
        named=(
            Parameter("eps", Argument.NUMBER, default=eps),
            Parameter("momentum", Argument.NUMBER, default=momentum),
        )
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(self.eps <= 0, lambda: f"batchnorm eps is positive, got {float(self.eps)}")

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=2 * output.channels)

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


@dataclass(frozen=True, slots=True)
class LRN(Op):
    """``lrn [size=5] [alpha=1e-4] [beta=0.75] [k=1]``: Krizhevsky et al. 2012, section 3.3."""

    size: int = 5
    alpha: Fraction = Fraction(1, 10**4)
    beta: Fraction = Fraction(3, 4)
    k: Fraction = Fraction(1)

    name: ClassVar[str] = "lrn"
    signature: ClassVar[Signature] = Signature(
        named=(
            Parameter("size", Argument.COUNT, default=size),
            Parameter("alpha", Argument.NUMBER, default=alpha),
            Parameter("beta", Argument.NUMBER, default=beta),
            Parameter("k", Argument.NUMBER, default=k),
        )
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield needs_map(self.name, inputs)

    def layer(self, inputs: Shapes) -> Layer:
        options = (("alpha", float(self.alpha)), ("beta", float(self.beta)), ("k", float(self.k)))
        return Layer("LocalResponseNorm", (self.size,), options)
