"""The input of a net: a node that reads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from explorer.ops.base import Op, Shapes
from explorer.ops.shape import Shape

# The types, as torch calls them, that the elements of an input may have; the usual one first.
FLOATING = ("float32", "uint8")  # of maps, vectors and tokens
WHOLE = ("int64", "int32")  # of ids


@dataclass(frozen=True, slots=True)
class Input(Op):
    """Values of one shape. Written as a statement, not by name.

    Attributes:
        what: the shape, for one image.
        dtype: the type of the elements, one of FLOATING or, for ids, of WHOLE.
        label: what the text calls it.
    """

    what: Shape
    dtype: str = FLOATING[0]
    label: str = "input"

    name: ClassVar[str] = "input"
    quiet: ClassVar[Mapping[str, tuple[object, ...]]] = {
        "dtype": (FLOATING[0], WHOLE[0]),
        "label": ("input",),
    }

    def shape(self, inputs: Shapes) -> Shape:
        return self.what
