"""Convolution: any kernel, symmetric or not, strided, padded, dilated, grouped."""

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
    Shapes,
    Signature,
    needs_map,
    per_axis,
)
from explorer.ops.shape import Shape
from explorer.ops.window import KERNEL, PADDING_FLAGS, STRIDE, padding, slide, window_conditions


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
    tail: ClassVar[bool] = True
    signature: ClassVar[Signature] = Signature(
        positional=(KERNEL, Parameter("channels", Argument.WIDTH)),
        named=(
            Parameter("pad", Argument.PADDING, default="same"),
            Parameter("dilation", Argument.SIZES, default=1),
            Parameter("groups", Argument.COUNT, default=1),
        ),
        flags=PADDING_FLAGS,
        over=STRIDE,
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Conv:
        kernel = per_axis("kernel", values["kernel"], rank)
        stride = per_axis("stride", values["stride"], rank)
        dilation = per_axis("dilation", values["dilation"], rank)
        pad = padding("conv", values["pad"], kernel, stride, dilation)
        groups, bias = values["groups"], values.get("bias", True)
        return cls(kernel, values["channels"], stride, pad, dilation, groups, bias)

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield needs_map("conv", inputs)
        for what, channels in (("incoming", inputs[0].channels), ("outgoing", self.channels)):
            yield Condition(
                channels % self.groups != 0,
                lambda what=what, channels=channels: (  # type: ignore[misc]
                    f"{self.groups} groups do not divide {channels} {what} channels"
                ),
            )
        yield from window_conditions("conv", inputs[0].grid, self.kernel, self.pad, self.dilation)

    def shape(self, inputs: Shapes) -> Shape:
        grid = slide(inputs[0].grid, self.kernel, self.stride, self.pad, self.dilation)
        return Shape("map", self.channels, grid)

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        weights = inputs[0].channels // self.groups * self.channels * prod(self.kernel)
        params = weights + (self.channels if self.bias else 0)
        return Cost(weights * prod(output.grid), params, output.elements)

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
