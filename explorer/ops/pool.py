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
    Saved,
    Shapes,
    Signature,
    TorchFunction,
    per_axis,
)
from explorer.ops.shape import Kind, Shape, vector
from explorer.ops.window import (
    PADDING_FLAGS,
    STRIDE,
    Sizes,
    padding,
    shown,
    slide,
    spanned,
    window_conditions,
)

_KERNEL = Parameter("kernel", Argument.SIZES, default=None)
_INDEX_BYTES = 8  # of the place of each maximum
_PAD = Parameter("pad", Argument.PADDING, default=None)
_CEIL = Parameter("ceil", Argument.WORD, default=False)


@dataclass(frozen=True, slots=True)
class Pool(Op):
    """One value for each window and channel."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[int, ...]
    ceil: bool

    signature: ClassVar[Signature] = Signature(
        positional=(_KERNEL,),
        named=(_PAD, _CEIL),
        flags={**PADDING_FLAGS, "ceil": ("ceil", True), "global": ("kernel", "global")},
        over=STRIDE,
    )

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield Condition(
            inputs[0].kind != "map",
            lambda: f"{self.name} over a window takes a map, got {inputs[0].described}",
        )
        spread = (1,) * len(self.kernel)
        yield from window_conditions(self.name, inputs[0].grid, self.kernel, self.pad, spread)
        too_wide = any(2 * p > k for p, k in zip(self.pad, self.kernel, strict=True))
        yield Condition(
            too_wide,
            lambda: (
                f"{self.name} pads by {shown(self.pad)}, more than half its kernel "
                f"{shown(self.kernel)}"
            ),
        )

    def shape(self, inputs: Shapes) -> Shape:
        spread = (1,) * len(self.kernel)
        grid = slide(inputs[0].grid, self.kernel, self.stride, self.pad, spread, self.ceil)
        return Shape("map", inputs[0].channels, grid)

    def span(self, cells: Sizes, inputs: Shapes) -> Sizes:
        return spanned(cells, self.kernel, self.stride, (1,) * len(self.kernel))

    def _options(self) -> list[tuple[str, object]]:
        options: list[tuple[str, object]] = [("stride", self.stride)]
        if any(self.pad):
            options.append(("padding", self.pad))
        if self.ceil:
            options.append(("ceil_mode", True))
        return options


@dataclass(frozen=True, slots=True)
class MaxPool(Pool):
    """``maxpool K[/S] same|valid [ceil]``, or ``maxpool global``."""

    name: ClassVar[str] = "maxpool"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Op:
        if values["kernel"] == "global":
            return GlobalMaxPool()
        return cls(*_window(cls.name, values, rank), values["ceil"])

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True, fixed_bytes=_INDEX_BYTES * output.elements)

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(f"MaxPool{len(self.kernel)}d", (self.kernel,), tuple(self._options()))


@dataclass(frozen=True, slots=True)
class AvgPool(Pool):
    """``avgpool K[/S] same|valid [ceil] [excludepad]``, ``avgpool global``, ``avgpool to=6x6``."""

    excludepad: bool = False

    name: ClassVar[str] = "avgpool"
    takes: ClassVar[tuple[Kind, ...]] = ("map", "tokens")
    signature: ClassVar[Signature] = Signature(
        positional=(_KERNEL,),
        named=(
            *(_PAD, _CEIL),
            Parameter("excludepad", Argument.WORD, default=False),
            Parameter("to", Argument.SIZES, default=None),
        ),
        flags={**Pool.signature.flags, "excludepad": ("excludepad", True)},
        over=STRIDE,
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Op:
        if values["kernel"] is not None and values["to"] is not None:
            raise OpError("avgpool takes a window or to=, not both")
        if values["to"] is not None:
            return AdaptiveAvgPool(per_axis("avgpool to", values["to"], rank))
        if values["kernel"] == "global":
            return GlobalAvgPool()
        return cls(*_window(cls.name, values, rank), values["ceil"], values["excludepad"])

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True)

    def layer(self, inputs: Shapes) -> Layer:
        options = self._options()
        if self.excludepad:
            options.append(("count_include_pad", False))
        return Layer(f"AvgPool{len(self.kernel)}d", (self.kernel,), tuple(options))


@dataclass(frozen=True, slots=True)
class GlobalMaxPool(Op):
    """``maxpool global``: the largest element of every channel, on a grid of one cell."""

    name: ClassVar[str] = "maxpool"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)

    def shape(self, inputs: Shapes) -> Shape:
        return _cell(inputs[0])

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True, fixed_bytes=_INDEX_BYTES * output.elements)

    def span(self, cells: Sizes, inputs: Shapes) -> None:
        return None

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(f"AdaptiveMaxPool{len(inputs[0].grid)}d", (1,))


@dataclass(frozen=True, slots=True)
class GlobalAvgPool(Op):
    """``avgpool global``: the mean of every channel, on a grid of one cell; of tokens, a vector."""

    name: ClassVar[str] = "avgpool"
    takes: ClassVar[tuple[Kind, ...]] = ("map", "tokens")

    def shape(self, inputs: Shapes) -> Shape:
        is_map = inputs[0].kind == "map"
        return _cell(inputs[0]) if is_map else vector(inputs[0].channels)

    def span(self, cells: Sizes, inputs: Shapes) -> None:
        return None

    def layer(self, inputs: Shapes) -> Layer | TorchFunction:
        if inputs[0].kind == "tokens":
            return TorchFunction("mean", kwargs=(("dim", 1),))
        return Layer(f"AdaptiveAvgPool{len(inputs[0].grid)}d", (1,))


@dataclass(frozen=True, slots=True)
class AdaptiveAvgPool(Op):
    """``avgpool to=6x6``: means over windows that lie evenly, as many as are asked for."""

    to: tuple[int, ...]

    name: ClassVar[str] = "avgpool"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        grid = inputs[0].grid
        grows = any(new > old for new, old in zip(self.to, grid, strict=True))
        yield Condition(
            grows, lambda: f"avgpool to={shown(self.to)} is larger than the grid {shown(grid)}"
        )

    def shape(self, inputs: Shapes) -> Shape:
        return Shape("map", inputs[0].channels, self.to)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=not self._is_global)  # a mean over everything needs its size alone

    def span(self, cells: Sizes, inputs: Shapes) -> Sizes | None:
        if self._is_global:
            return None
        axes = zip(cells, inputs[0].grid, self.to, strict=True)
        return tuple(_widest(count, old, new) for count, old, new in axes)

    @property
    def _is_global(self) -> bool:
        return set(self.to) == {1}

    def layer(self, inputs: Shapes) -> Layer:
        return Layer(f"AdaptiveAvgPool{len(self.to)}d", (self.to,))


def _widest(count: int, old: int, new: int) -> int:
    """The most cells in so many neighbouring windows, when ``new`` lie evenly on ``old`` cells."""
    return max(-(-(at + count) * old // new) - at * old // new for at in range(new))


def _cell(shape: Shape) -> Shape:
    return Shape("map", shape.channels, (1,) * len(shape.grid))


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
