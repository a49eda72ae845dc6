"""A net that was scaled, and the text of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from explorer.cost import WEIGHTED, Cost, count
from explorer.graph import Graph
from explorer.language import print_syntax
from explorer.language.syntax import File
from explorer.ops import Shape
from explorer.scale.coefficients import Factors
from explorer.scale.depth import Change
from explorer.scale.head import signed
from explorer.scale.resolution import side
from explorer.scale.writing import factor


@dataclass(frozen=True, slots=True)
class ScaledNet:
    """A net that was scaled.

    Attributes:
        name: what its text calls it.
        base: what it was scaled from.
        asked: the factors that were asked for; what the net could take may differ.
        depth: factor on the modules of every stage.
        width: factor on the channels.
        graph: the net at inference.
        changes: of the stages, in the order of the net; empty where a param of the text scales
            the depth.
        heads_lost: the auxiliary heads do not fit its grids and are left out.
    """

    name: str
    base: str
    asked: Factors
    depth: Fraction
    width: Fraction
    graph: Graph
    changes: tuple[Change, ...]
    heads_lost: bool
    _file: File

    @property
    def input(self) -> Shape:
        return self.graph.input

    @property
    def cost(self) -> Cost:
        """What the net costs for one image, without auxiliary heads."""
        return count(self.graph)

    @property
    def layers(self) -> int:
        """Layers with weights on the longest path."""
        return self.graph.depth(*WEIGHTED)

    @property
    def resolution(self) -> str:
        """The grid as people say it: ``256``, or ``256x320`` where it is not square."""
        return side(self.input)

    def text(self, reason: str = "") -> str:
        """The net in the language: a text of its own, with what it must cost.

        Args:
            reason: why it is scaled by these factors, for the comment at its top.
        """
        by = f"depth x{factor(self.depth)}, width x{factor(self.width)}, {self.resolution} pixels"
        told = f"{self.base} scaled: {by}{f' ({reason})' if reason else ''}."
        origin = (told, "The other comments were written for the net before it was scaled.")
        title = f"{self.base}, scaled: {by}"
        return print_syntax(signed(self._file, self.name, title, origin, self.cost))
