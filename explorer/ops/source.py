"""The input of a net: the one node that reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explorer.ops.base import Op, Shapes
from explorer.ops.shape import Shape


@dataclass(frozen=True, slots=True)
class Input(Op):
    """Images of one shape. Written as a statement, not by name."""

    what: Shape

    name: ClassVar[str] = "input"

    def shape(self, inputs: Shapes) -> Shape:
        return self.what
