"""What a residual branch wears before it is added: a learned factor, a chance to be left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from explorer.ops.base import (
    Argument,
    Condition,
    Cost,
    Op,
    Parameter,
    Saved,
    Shapes,
    Signature,
    Snippet,
    share,
)
from explorer.ops.shape import NUMBERS, Kind, Shape

_INIT = Fraction(1, 10**6)


@dataclass(frozen=True, slots=True)
class LayerScale(Op):
    """``layerscale [init=1e-6]``: a learned factor for every channel (Touvron et al. 2021)."""

    init: Fraction = _INIT

    name: ClassVar[str] = "layerscale"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    signature: ClassVar[Signature] = Signature(
        named=(Parameter("init", Argument.NUMBER, default=_INIT),)
    )

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost(params=output.channels)

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(inputs=True)

    def layer(self, inputs: Shapes) -> Snippet:
        # The channels of a map stand in front of its grid.
        axes = len(inputs[0].grid) if inputs[0].kind == "map" else 0
        options = (("axes", axes),) if axes else ()
        return Snippet("LayerScale", (inputs[0].channels, float(self.init)), options)


@dataclass(frozen=True, slots=True)
class DropPath(Op):
    """``droppath P``: stochastic depth (Huang et al. 2016).

    In training the branch of a share P of the images is zeroed, and the others make up for it.
    """

    p: Fraction

    name: ClassVar[str] = "droppath"
    takes: ClassVar[tuple[Kind, ...]] = NUMBERS
    view: ClassVar[bool] = True
    signature: ClassVar[Signature] = Signature(positional=(Parameter("p", Argument.NUMBER),))

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        yield share(self.name, self.p)

    @property
    def view_in_training(self) -> bool:
        return False

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        return Saved(elements=1)  # the factor of the whole image

    def layer(self, inputs: Shapes) -> Snippet:
        return Snippet("DropPath", (float(self.p),))
