"""The points of the grid as they are trained, at the protocol's width and side times theirs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from explorer.cost import count
from explorer.data import Dataset
from explorer.errors import ExplorerError, NetError
from explorer.graph import Graph, fingerprint, without_heads
from explorer.ops import image
from explorer.scale import RATIO, Baseline, Coefficients, coefficient_grid, grids, is_near
from explorer.score import Protocol
from explorer.space import Rebind, bind, elaborate

_ROUNDED = 2  # channels of what is trained: fine enough for beta to show at an eighth of the width
UNSCALED = Coefficients(1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Point:
    """One point of the grid, at phi = 1; the net as it is has all coefficients at 1.

    Attributes:
        side: of the training images, in pixels.
        graph: what is trained.
        macs: of one image at inference, as trained.
        ratio: of these to the macs of the net as it is.
    """

    coefficients: Coefficients
    side: int
    graph: Graph
    macs: int
    ratio: float

    @property
    def key(self) -> tuple[float, float, float]:
        """What the point is known by: alpha, beta and gamma."""
        return (self.coefficients.alpha, self.coefficients.beta, self.coefficients.gamma)


class Grid:
    """The points that can be compared: those that cost about twice the net as it is, as trained.

    Args:
        base: the net.
        protocol: how it is trained; its width and resolution are those of the net as it is.
        data: what the protocol opens.

    Raises:
        ExplorerError: the data are signals, the net cannot be trained so, or fewer than two points
            can be compared.
    """

    def __init__(self, base: Baseline, protocol: Protocol, data: Dataset) -> None:
        if data.kind == "signals":
            raise ExplorerError(
                f"--grid: needs images, whose size can be scaled; {data.name} holds signals"
            )
        self.base = base
        self.protocol = protocol
        self.side = max(data.size)
        self._channels, self._classes = data.channels, len(data.classes)
        try:
            graph = self._graph(UNSCALED, self.side)
        except NetError as error:
            size = f"{self._channels}x{self.side}x{self.side}"
            message = f"--grid: {base.name} cannot be trained on {size}: {error.message}"
            raise ExplorerError(message) from None
        self.unscaled = Point(UNSCALED, self.side, graph, _macs(graph), 1.0)
        if len(self.points) < 2:
            ratios = ", ".join(f"{point.ratio:.2f}" for point in self.tried) or "none"
            raise ExplorerError(
                f"--grid: fewer than two points cost about twice {base.name} as it is trained "
                f"(ratios of macs: {ratios})"
            )

    @cached_property
    def tried(self) -> tuple[Point, ...]:
        """The points that equation 3 allows and that make a net."""
        found = []
        for coefficients in coefficient_grid():
            side = grids((self.side,), coefficients.factors(1).resolution)[0][0]
            try:
                graph = self._graph(coefficients, side)
            except NetError:
                continue
            macs = _macs(graph)
            found.append(Point(coefficients, side, graph, macs, macs / self.unscaled.macs))
        return tuple(found)

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Those of them that are trained: near twice the cost, and of equal nets only one.

        A stage of few modules is as deep for one alpha as for the next; of such points the one that
        equation 3 suits best stands for all.
        """
        near = [point for point in self.tried if is_near(point.ratio)]
        near.sort(key=lambda point: abs(point.coefficients.product / RATIO - 1))
        different: dict[str, Point] = {}
        for point in near:
            different.setdefault(fingerprint(point.graph), point)
        return tuple(sorted(different.values(), key=lambda point: point.key))

    def _graph(self, coefficients: Coefficients, side: int) -> Graph:
        """What is trained for some coefficients.

        Raises:
            NetError: it is no net, or does not end in one number for each class.
        """
        factors = coefficients.factors(1)
        header = self.base.space.header
        known = {n: value for n, value in self.protocol.params.items() if n in header.params}
        shape = image(self._channels, side, side)
        # Never by a param of the text: that would round the channels of the net at full size.
        width = header.width * factors.width * self.protocol.width
        file = self.base.deepened(factors.depth, _ROUNDED)
        space = elaborate(file, Rebind(shape, self._classes, width, known))
        graph = bind(space, heads=self.protocol.heads).graph
        leaving = graph.nodes[graph.output].shape
        if leaving.sizes != (self._classes,):
            message = f"the net puts out {leaving}, not one number a class"
            raise NetError(f"{message}; end it with: linear classes")
        return graph


def _macs(graph: Graph) -> int:
    return count(without_heads(graph)).macs
