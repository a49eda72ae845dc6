"""Ops that keep the shape and have no parameters: activations and dropout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from explorer.ops.base import Argument, Condition, Layer, Op, Parameter, Shapes, Signature


@dataclass(frozen=True, slots=True)
class Activation(Op):
    """A function applied to every element; ``torch_name`` is its layer in ``torch.nn``."""

    torch_name: ClassVar[str]

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(self.torch_name)


class ReLU(Activation):
    __slots__ = ()
    name = "relu"
    torch_name = "ReLU"


class ReLU6(Activation):
    __slots__ = ()
    name = "relu6"
    torch_name = "ReLU6"


class SiLU(Activation):
    __slots__ = ()
    name = "silu"
    torch_name = "SiLU"


class GELU(Activation):
    __slots__ = ()
    name = "gelu"
    torch_name = "GELU"


class Hardswish(Activation):
    __slots__ = ()
    name = "hardswish"
    torch_name = "Hardswish"


class Sigmoid(Activation):
    __slots__ = ()
    name = "sigmoid"
    torch_name = "Sigmoid"


class Tanh(Activation):
    __slots__ = ()
    name = "tanh"
    torch_name = "Tanh"


ACTIVATIONS: tuple[type[Activation], ...] = (
    ReLU,
    ReLU6,
    SiLU,
    GELU,
    Hardswish,
    Sigmoid,
    Tanh,
)


@dataclass(frozen=True, slots=True)
class Dropout(Op):
    """``dropout P``: zeroes a share P of the elements in training (Srivastava et al. 2014)."""

    p: Fraction

    name: ClassVar[str] = "dropout"
    signature: ClassVar[Signature] = Signature(positional=(Parameter("p", Argument.NUMBER),))

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(
            not 0 <= self.p < 1,
            lambda: f"dropout takes a share from 0 to below 1, got {float(self.p)}",
        )

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("Dropout", (float(self.p),))
