"""A net that can be scaled, and how it is made to fit the factors."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from math import floor

from explorer.cost import WEIGHTED, count
from explorer.errors import NetError
from explorer.graph import Graph, lint, without_heads
from explorer.language import parse, print_syntax
from explorer.language.syntax import File
from explorer.ops import Shape
from explorer.scale import head
from explorer.scale.coefficients import Factors
from explorer.scale.depth import Change, Deepener
from explorer.scale.resolution import grids
from explorer.scale.scaled import ScaledNet
from explorer.scale.trace import Trace, trace
from explorer.scale.writing import factor
from explorer.space import Rebind, bind, elaborate
from explorer.space.close import close
from explorer.space.library import Text, find_text
from explorer.space.members import members

_WIDTHS = 3  # eighths tried to each side of the wanted width


class Baseline:
    """A net that can be scaled in depth, width and resolution.

    Args:
        text: a net, a member of a family, or a space, which stands for its defaults.

    Raises:
        ExplorerError: the text describes no net, or not one with a single image for input.
    """

    def __init__(self, text: Text) -> None:
        self.source = text
        self.file = _net(text)
        self.space = elaborate(self.file)
        self.name = self.space.name
        self.graph = bind(self.space).graph
        self.cost = count(self.graph)
        self.layers = self.graph.depth(*WEIGHTED)
        self._heads = self._has_heads()
        self._widths: dict[tuple[Fraction, int], bool] = {}  # whether the net can be of them
        if len(self.graph.inputs) > 1 or self.input.kind != "map":
            found = ", ".join(f"{node.path} ({node.shape.described})" for node in self.graph.inputs)
            message = f"{self.name}: scaling needs one image for input, and the input is {found}"
            raise NetError(message)
        if not self.cost.macs:
            raise NetError(f"{self.name}: has no multiply-adds to scale")

    @property
    def input(self) -> Shape:
        return self.graph.input

    # ---- scaling

    def scaled(self, factors: Factors) -> ScaledNet:
        """The net scaled by factors, each moved as little as it takes to make a net.

        A side becomes the nearest multiple of 8 pixels, or of 4, 2 or 1 for inputs of fewer than
        224, 112 or 56. Where the net cannot take that, it is the nearest multiple that it can.
        Where channels that are rounded one by one no longer add up (those of a concatenation and
        of a convolution that join a sum), the width is the nearest multiple of 1/8 that does, its
        channels multiples of 8 or else of 4.

        Raises:
            NetError: nothing near the factors makes a net.
        """
        sides = grids(self.input.grid, factors.resolution)
        try:
            found = self._made(factors.depth, factors.width, head.ROUNDED, sides[0])
        except NetError as error:
            refused = error
        else:
            return replace(found, asked=factors)
        width, rounded = self._moved_width(factors.width)
        for grid in sides:
            with suppress(NetError):
                return replace(self._made(factors.depth, width, rounded, grid), asked=factors)
        raise refused

    def exactly(self, depth: Fraction, width: Fraction, grid: tuple[int, ...]) -> ScaledNet:
        """The net at these factors and this grid of its input, nothing moved.

        Raises:
            NetError: that is no net, or not one with the outputs of this one.
        """
        return self._made(depth, width, head.ROUNDED, grid)

    def deepened(self, depth: Fraction, rounded: int) -> File:
        """The text at another depth, its channels rounded to these multiples under another width.

        For a proxy: a protocol binds it to its own input and width.
        """
        return head.with_rounding(self._deepened(depth)[0], self.space.header, rounded)

    def _made(
        self, depth: Fraction, width: Fraction, rounded: int, grid: tuple[int, ...]
    ) -> ScaledNet:
        file, changes = self._deepened(depth)
        file = self._widened(file, width, rounded)
        if grid != self.input.grid:
            file = head.with_grid(file, self.input.channels, grid)
        try:
            file, graph, heads_lost = self._bound(file)
        except NetError as error:
            size = "x".join(map(str, grid))
            by = f"depth x{factor(depth)}, width x{factor(width)} and {size} pixels"
            message = f"{self.name} cannot be scaled by {by}: {error.message}"
            raise NetError(message) from None
        return ScaledNet(
            name=f"{self.name.removesuffix('_scaled')}_scaled",
            base=self.name,
            asked=Factors(depth, width, Fraction(grid[0], self.input.grid[0])),
            depth=depth,
            width=width,
            graph=graph,
            changes=changes,
            heads_lost=heads_lost,
            _file=file,
        )

    def _moved_width(self, width: Fraction) -> tuple[Fraction, int]:
        """The width, or the nearest that makes a net, and the multiple of its channels."""
        if not self._takes_width(width, head.ROUNDED):
            near = floor(8 * width + Fraction(1, 2))
            eighths = (Fraction(n, 8) for n in range(near - _WIDTHS, near + _WIDTHS + 1) if n > 0)
            for tried in sorted(eighths, key=lambda eighth: abs(eighth - width)):
                for rounded in (head.ROUNDED, head.ROUNDED // 2):
                    if self._takes_width(tried, rounded):
                        return tried, rounded
        return width, head.ROUNDED

    def _takes_width(self, width: Fraction, rounded: int) -> bool:
        """Whether the net can be of a width, at its own depth and resolution."""
        if (width, rounded) not in self._widths:
            try:
                self._bound(self._widened(self.file, width, rounded))
                self._widths[width, rounded] = True
            except NetError:
                self._widths[width, rounded] = False
        return self._widths[width, rounded]

    def _widened(self, file: File, width: Fraction, rounded: int = head.ROUNDED) -> File:
        if width == 1:
            return file
        if self.width_param is None:
            return head.with_width(file, self.space.header, width, rounded)
        value = Fraction(self.space.header.params[self.width_param])
        return head.with_param(file, self.width_param, value * width)

    def _deepened(self, depth: Fraction) -> tuple[File, tuple[Change, ...]]:
        """The text at another depth, and what that changes."""
        if self.depth_param is None:
            return self._deepener.scaled(depth)
        value = Fraction(self.space.header.params[self.depth_param])
        return head.with_param(self.file, self.depth_param, value * depth), ()

    @cached_property
    def _deepener(self) -> Deepener:
        return Deepener(self.file, trace(self.space), self._retrace)

    # ---- what the text says of itself

    @cached_property
    def depth_param(self) -> str | None:
        """``depth``, where a param of this name multiplies the depth, as in efficientnet."""
        found = self._doubled("depth")
        return "depth" if found and found.depth(*WEIGHTED) > self.layers else None

    @cached_property
    def width_param(self) -> str | None:
        """``width``, where a param of this name multiplies the channels and nothing else."""
        found = self._doubled("width")
        is_width = found is not None and (
            len(found.nodes) == len(self.graph.nodes) and count(found).macs > self.cost.macs
        )
        return "width" if is_width else None

    @cached_property
    def size_param(self) -> str | None:
        """The param that is the side of the input, where there is one."""
        return head.size_param(self.file)

    def _doubled(self, param: str) -> Graph | None:
        """The net with twice the value of a param; None without the param, or when that is none."""
        value = self.space.header.params.get(param)
        if value is None or isinstance(value, bool):
            return None
        try:
            return bind(elaborate(self.file, Rebind(params={param: 2 * value}))).graph
        except NetError:
            return None

    def _has_heads(self) -> bool:
        """Whether the text has auxiliary heads that fit its own input."""
        try:
            return bool(bind(self.space, heads=True).graph.heads)
        except NetError:
            return False

    # ---- nets

    def _bound(self, file: File) -> tuple[File, Graph, bool]:
        """A changed text and its graph at inference, and whether it lost its auxiliary heads.

        Raises:
            NetError: it is no sound net, or has other outputs than this one.
        """
        try:
            return file, self._sound(file, self._heads), False
        except NetError:
            if not self._heads:
                raise
        bare = head.without_heads(file)
        return bare, self._sound(bare, heads=False), True

    def _sound(self, file: File, heads: bool) -> Graph:
        graph = bind(elaborate(file), heads=heads).graph
        problems = lint(graph)
        if problems:
            raise NetError(problems[0])
        graph = without_heads(graph)
        self._check_outputs(graph)
        return graph

    def _check_outputs(self, graph: Graph) -> None:
        """Kinds stay what they are, and the classes as many, whatever the width."""
        for old, new in zip(self.graph.outputs, graph.outputs, strict=True):
            before, after = self.graph.nodes[old.node].shape, graph.nodes[new.node].shape
            is_scores = before.channels == self.graph.classes
            if before.kind != after.kind or (is_scores and before.channels != after.channels):
                raise NetError(f"its output would be {after.described}, not {before.described}")

    def _retrace(self, file: File) -> Trace | None:
        """The shapes inside a changed text; None where it is no net, or its heads do not fit."""
        try:
            self._sound(file, self._heads)
            return trace(elaborate(file))
        except NetError:
            return None


def open_baseline(name: str) -> Baseline:
    """The net of a shipped name, ``NAME:MEMBER`` or a path, ready to be scaled.

    Raises:
        ExplorerError: see :func:`explorer.space.library.find_text` and :class:`Baseline`.
    """
    return Baseline(find_text(name))


def _net(text: Text) -> File:
    """The syntax of the one net that a text means, without the other members of a family.

    Raises:
        ExplorerError: it describes no net.
    """
    file = text.syntax()
    if text.member is None:
        plain = [name for name, member in members(file).items() if not member.values.items]
        if plain:  # the text's own numbers have a name
            file = replace(text, member=plain[0]).syntax()
    if elaborate(file).is_net:
        return file
    # Printed and read again, because scaling needs to know where everything stands.
    return parse(print_syntax(close(text, {})), text.file)
