"""Pools: maximum and average over a window, and over the whole grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from explorer.ops.base import (
    Argument,
    Condition,
    Layer,
    Op,
    OpError,
    Parameter,
    Shapes,
    Signature,
    needs_map,
    per_axis,
)
from explorer.ops.shape import Shape
from explorer.ops.window import PADDING_FLAGS, STRIDE, padding, slide, window_conditions

_KERNEL = Parameter("kernel", Argument.SIZES, default=None)
_PAD = Parameter("pad", Argument.PADDING, default=None)
_CEIL = Parameter("ceil", Argument.WORD, default=False)


@dataclass(frozen=True, slots=True)
class Pool(Op):
    """``maxpool K[/S] same|valid [ceil]``: one value for each window and channel."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[int, ...]
    ceil: bool

    signature: ClassVar[Signature] = Signature(
        positional=(_KERNEL,),
        named=(_PAD, _CEIL),
        flags={**PADDING_FLAGS, "ceil": ("ceil", True)},
        over=STRIDE,
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Op:
        return cls(*_window(cls.name, values, rank), values["ceil"])

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield needs_map(self.name, inputs)
        spread = (1,) * len(self.kernel)
        yield from window_conditions(self.name, inputs[0].grid, self.kernel, self.pad, spread)
        too_wide = any(2 * p > k for p, k in zip(self.pad, self.kernel, strict=True))
        yield Condition(too_wide, lambda: f"{self.name} pads by more than half its kernel")

    def shape(self, inputs: Shapes) -> Shape:
        spread = (1,) * len(self.kernel)
        grid = slide(inputs[0].grid, self.kernel, self.stride, self.pad, spread, self.ceil)
        return Shape("map", inputs[0].channels, grid)

    def _options(self) -> list[tuple[str, object]]:
        options: list[tuple[str, object]] = [("stride", self.stride)]
        if any(self.pad):
            options.append(("padding", self.pad))
        if self.ceil:
            options.append(("ceil_mode", True))
        return options


@dataclass(frozen=True, slots=True)
class MaxPool(Pool):
    name: ClassVar[str] = "maxpool"

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(f"MaxPool{len(self.kernel)}d", (self.kernel,), tuple(self._options()))


@dataclass(frozen=True, slots=True)
class AvgPool(Pool):
    """``avgpool K[/S] same|valid [ceil] [excludepad]``, or ``avgpool global``."""

    excludepad: bool = False

    name: ClassVar[str] = "avgpool"
    signature: ClassVar[Signature] = Signature(
        positional=(_KERNEL,),
        named=(_PAD, _CEIL, Parameter("excludepad", Argument.WORD, default=False)),
        flags={
            **Pool.signature.flags,
            "excludepad": ("excludepad", True),
            "global": ("kernel", "global"),
        },
        over=STRIDE,
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Op:
        if values["kernel"] == "global":
            return GlobalAvgPool()
        return cls(*_window(cls.name, values, rank), values["ceil"], values["excludepad"])

    def layer(self, inputs: Shapes) -> Layer:
        options = self._options()
        if self.excludepad:
            options.append(("count_include_pad", False))
        return Layer(f"AvgPool{len(self.kernel)}d", (self.kernel,), tuple(options))


@dataclass(frozen=True, slots=True)
class GlobalAvgPool(Op):
    """``avgpool global``: the mean of every channel, on a grid of one cell."""

    name: ClassVar[str] = "avgpool"

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield needs_map(self.name, inputs)

    def shape(self, inputs: Shapes) -> Shape:
        return Shape("map", inputs[0].channels, (1,) * len(inputs[0].grid))

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(f"AdaptiveAvgPool{len(inputs[0].grid)}d", (1,))


def _window(
    name: str, values: Mapping[str, Any], rank: int
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Kernel, stride and padding of a pool.

    Raises:
        OpError: the kernel or the padding is not said.
    """
    if values["kernel"] is None:
        raise OpError(f"{name} needs a kernel, as in: {name} 3x3/2 valid")
    if values["pad"] is None:
        raise OpError(f"{name} must say 'same' or 'valid', here or once in: default {name} valid")
    kernel = per_axis("kernel", values["kernel"], rank)
    stride = per_axis("stride", values["stride"], rank)
    return kernel, stride, padding(name, values["pad"], kernel, stride, (1,) * rank)
