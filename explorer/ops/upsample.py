"""Larger grids out of smaller ones, without weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from explorer.ops.base import Argument, Layer, Op, Parameter, Shapes, Signature, per_axis
from explorer.ops.shape import Kind, Shape

_MODES = ("nearest", "bilinear")


@dataclass(frozen=True, slots=True)
class Upsample(Op):
    """``upsample F [bilinear]``: F cells for each, equal ones or ones that lead to the next."""

    factor: tuple[int, ...]
    mode: str

    name: ClassVar[str] = "upsample"
    takes: ClassVar[tuple[Kind, ...]] = ("map",)
    signature: ClassVar[Signature] = Signature(
        positional=(Parameter("factor", Argument.SIZES),),
        named=(Parameter("mode", Argument.WORD, default="nearest", words=_MODES),),
        flags={mode: ("mode", mode) for mode in _MODES},
    )

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Upsample:
        return cls(per_axis("factor", values["factor"], rank), values["mode"])

    def shape(self, inputs: Shapes) -> Shape:
        sizes = zip(inputs[0].grid, self.factor, strict=True)
        return Shape("map", inputs[0].channels, tuple(size * factor for size, factor in sizes))

    def span(self, cells: tuple[int, ...], inputs: Shapes) -> tuple[int, ...]:
        """Of all places that the cells may lie at, the one that takes the most."""
        return tuple(self._reach(*axis) for axis in zip(cells, self.factor, strict=True))

    def _reach(self, cells: int, factor: int) -> int:
        if self.mode == "nearest":
            return -(-(cells - 1) // factor) + 1
        # Between two centres each. An odd factor also puts cells right on the old centres.
        return -(-(cells - 1 - factor % 2) // factor) + 2

    def layer(self, inputs: Shapes) -> Layer:
        options: list[tuple[str, object]] = [("scale_factor", self.factor)]
        if self.mode == "bilinear":
            # What torch calls it on one axis.
            options.append(("mode", "linear" if len(self.factor) == 1 else "bilinear"))
        return Layer("Upsample", (), tuple(options))
