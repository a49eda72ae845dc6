"""Ops that keep the shape and look at one element: activations, dropout, constant factors."""

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
    Saved,
    Shapes,
    Signature,
    TorchFunction,
    share,
)
from explorer.ops.shape import NUMBERS, Kind, Shape

_OUTPUT = Saved(output=True)


@dataclass(frozen=True, slots=True)
class Activation(Op):
    """A function applied to every element.

    Attributes:
        torch_name: its layer in ``torch.nn``.
        keeps: what its derivative is computed from.
    """

    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    torch_name: ClassVar[str]
    keeps: ClassVar[Saved] = Saved(inputs=True)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return self.keeps

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(self.torch_name)


class ReLU(Activation):
    __slots__ = ()
    name = "relu"
    torch_name = "ReLU"
    keeps = _OUTPUT


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
    keeps = _OUTPUT


class Hardsigmoid(Activation):
    __slots__ = ()
    name = "hardsigmoid"
    torch_name = "Hardsigmoid"


class Tanh(Activation):
    __slots__ = ()
    name = "tanh"
    torch_name = "Tanh"
    keeps = _OUTPUT


class ELU(Activation):
    __slots__ = ()
    name = "elu"
    torch_name = "ELU"


class Mish(Activation):
    __slots__ = ()
    name = "mish"
    torch_name = "Mish"


class Softplus(Activation):
    __slots__ = ()
    name = "softplus"
    torch_name = "Softplus"


_SLOPE = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class LeakyReLU(Activation):
    """``leakyrelu [slope=0.01]``: what is negative is multiplied by the slope."""

    slope: Fraction = _SLOPE

    name: ClassVar[str] = "leakyrelu"
    torch_name: ClassVar[str] = "LeakyReLU"
    signature: ClassVar[Signature] = Signature(
        named=(Parameter("slope", Argument.NUMBER, default=_SLOPE),)
    )

    def layer(self, inputs: Shapes) -> Layer:
        args = (float(self.slope),) if self.slope != _SLOPE else ()
        return Layer(self.torch_name, args)


@dataclass(frozen=True, slots=True)
class PReLU(Activation):
    """``prelu``: a leaky ReLU with one slope that is learned (He et al. 2015)."""

    name: ClassVar[str] = "prelu"
    torch_name: ClassVar[str] = "PReLU"

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=1)


@dataclass(frozen=True, slots=True)
class Softmax(Activation):
    """``softmax``: the channels of each cell or token become shares of one."""

    name: ClassVar[str] = "softmax"
    torch_name: ClassVar[str] = "Softmax"
    keeps: ClassVar[Saved] = _OUTPUT

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(self.torch_name, kwargs=(("dim", inputs[0].axis),))


ACTIVATIONS: tuple[type[Activation], ...] = (
    *(ReLU, ReLU6, LeakyReLU, PReLU, ELU, SiLU, GELU, Mish, Softplus),
    *(Hardswish, Sigmoid, Hardsigmoid, Tanh, Softmax),
)


@dataclass(frozen=True, slots=True)
class Dropout(Op):
    """``dropout P``: zeroes a share P of the elements in training (Srivastava et al. 2014)."""

    p: Fraction

    name: ClassVar[str] = "dropout"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    view: ClassVar[bool] = True
    signature: ClassVar[Signature] = Signature(positional=(Parameter("p", Argument.NUMBER),))

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield share(self.name, self.p)

    @property
    def view_in_training(self) -> bool:
        return self.p == 0

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        # The mask: on a CPU, torch multiplies by numbers rather than by bits.
        return Saved(elements=output.elements * (self.p != 0))

    def layer(self, inputs: Shapes) -> Layer:
        return Layer("Dropout", (float(self.p),))


@dataclass(frozen=True, slots=True)
class Scale(Op):
    """``scale F``: a constant factor, as on the residuals of Szegedy et al. 2017, section 3.3."""

    factor: Fraction

    name: ClassVar[str] = "scale"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    signature: ClassVar[Signature] = Signature(positional=(Parameter("factor", Argument.NUMBER),))

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("mul", kwargs=(("other", float(self.factor)),))


@dataclass(frozen=True, slots=True)
class Zero(Op):
    """``zero``: zeros of the shape that arrives, the "none" of Dong & Yang 2020."""

    name: ClassVar[str] = "zero"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS

    def layer(self, inputs: Shapes) -> TorchFunction:
        return TorchFunction("zeros_like")
