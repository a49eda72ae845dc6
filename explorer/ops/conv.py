"""Convolution: any kernel, symmetric or not, strided, padded, dilated, grouped, depthwise."""

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
    per_axis,
)
from explorer.ops.shape import Kind, Shape
from explorer.ops.window import (
    KERNEL,
    PADDING_FLAGS,
    STRIDE,
    Sizes,
    padding,
    slide,
    spanned,
    window_conditions,
)

# None: as the op has it; a convolution has a bias exactly when no norm follows.
BIAS = Parameter("bias", Argument.WORD, default=None)
BIAS_FLAGS: Mapping[str, tuple[str, object]] = {"bias": ("bias", True), "nobias": ("bias", False)}
_PAD = Parameter("pad", Argument.PADDING, default="same")
_DILATION = Parameter("dilation", Argument.SIZES, default=1)


@dataclass(frozen=True, slots=True)
class Conv(Op):
    """``conv K[/S] N``: macs are C/groups x N x kernel x output grid (the bias is not counted)."""

    kernel: tuple[int, ...]
    channels: int
    stride: tuple[int, ...]
    pad: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    bias: bool

    name: ClassVar[str] = "conv"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)
    tail: ClassVar[bool] = True
    signature: ClassVar[Signature] = Signature(
        positional=(KERNEL, Parameter("channels", Argument.WIDTH)),
        named=(_PAD, _DILATION, Parameter("groups", Argument.COUNT, default=1), BIAS),
        flags={**PADDING_FLAGS, **BIAS_FLAGS},
        over=STRIDE,
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Conv:
        kernel, stride, pad, dilation = _window(cls.name, values, rank)
        bias = has_bias(values)
        return cls(kernel, values["channels"], stride, pad, dilation, values["groups"], bias)

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        for what, channels in (("incoming", inputs[0].channels), ("outgoing", self.channels)):
            yield Condition(
                channels % self.groups != 0,
                lambda what=what, channels=channels: (  # type: ignore[misc]
                    f"{self.groups} groups do not divide {channels} {what} channels"
                ),
            )
        yield from window_conditions(
            self.name, inputs[0].grid, self.kernel, self.pad, self.dilation
        )

    def shape(self, inputs: Shapes) -> Shape:
        grid = slide(inputs[0].grid, self.kernel, self.stride, self.pad, self.dilation)
        return Shape("map", self.channels, grid)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        weights = inputs[0].channels // self.groups * self.channels * prod(self.kernel)
        params = weights + (self.channels if self.bias else 0)
        return Cost(weights * prod(output.grid), params, output.elements)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True)

    def span(self, cells: Sizes, inputs: Shapes) -> Sizes:
        return spanned(cells, self.kernel, self.stride, self.dilation)

    def layer(self, inputs: Shapes) -> Layer:
        options: list[tuple[str, object]] = []
        if set(self.stride) != {1}:
            options.append(("stride", self.stride))
        if any(self.pad):
            options.append(("padding", self.pad))
        if set(self.dilation) != {1}:
            options.append(("dilation", self.dilation))
        if self.groups != 1:
            options.append(("groups", self.groups))
        if not self.bias:
            options.append(("bias", False))
        args = (inputs[0].channels, self.channels, self.kernel)
        return Layer(f"Conv{len(self.kernel)}d", args, tuple(options))


@dataclass(frozen=True, slots=True)
class DepthwiseConv(Op):
    """``dwconv K[/S]``: every channel convolved on its own (Howard et al. 2017, MobileNets).

    It is the convolution with as many groups as channels arrive; each makes ``multiplier`` others.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[int, ...]
    dilation: tuple[int, ...]
    multiplier: int
    bias: bool

    name: ClassVar[str] = "dwconv"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)
    tail: ClassVar[bool] = True
    signature: ClassVar[Signature] = Signature(
        positional=(KERNEL,),
        named=(_PAD, _DILATION, Parameter("multiplier", Argument.COUNT, default=1), BIAS),
        flags={**PADDING_FLAGS, **BIAS_FLAGS},
        over=STRIDE,
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> DepthwiseConv:
        return cls(*_window(cls.name, values, rank), values["multiplier"], has_bias(values))

    def grouped(self, inputs: Shapes) -> Conv:
        """The same as a convolution with groups."""
        into = inputs[0].channels
        out = into * self.multiplier
        return Conv(self.kernel, out, self.stride, self.pad, self.dilation, into, self.bias)

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        grid = inputs[0].grid
        yield from window_conditions(self.name, grid, self.kernel, self.pad, self.dilation)

    def shape(self, inputs: Shapes) -> Shape:
        return self.grouped(inputs).shape(inputs)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return self.grouped(inputs).cost(inputs, output)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True)

    def span(self, cells: Sizes, inputs: Shapes) -> Sizes:
        return spanned(cells, self.kernel, self.stride, self.dilation)

    def layer(self, inputs: Shapes) -> Layer:
        return self.grouped(inputs).layer(inputs)


def has_bias(values: Mapping[str, Any]) -> bool:
    """What ``bias`` or ``nobias`` says; a bias where neither is written."""
    return values.get("bias") is not False


def _window(name: str, values: Mapping[str, Any], rank: int) -> tuple[Sizes, Sizes, Sizes, Sizes]:
    """Kernel, stride, padding and dilation of a convolution.

    Raises:
        OpError: they do not fit the grid or each other.
    """
    kernel = per_axis("kernel", values["kernel"], rank)
    stride = per_axis("stride", values["stride"], rank)
    dilation = per_axis("dilation", values["dilation"], rank)
    return kernel, stride, padding(name, values["pad"], kernel, stride, dilation), dilation
