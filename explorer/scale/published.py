"""The nets of a family that were published, beside what equation 3 makes of the first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import log

from explorer.cost import WEIGHTED, Cost, count
from explorer.scale.baseline import Baseline
from explorer.space import bind
from explorer.space.members import members


@dataclass(frozen=True, slots=True)
class Published:
    """A member of a family, as factors on the net that is scaled.

    Attributes:
        name: of the member.
        resolution: the side of its input in pixels.
        layers: with weights, on the longest path.
        source: who published its counts; empty where the text names no one.
    """

    name: str
    depth: Fraction
    width: Fraction
    resolution: int
    cost: Cost
    layers: int
    source: str


def published(base: Baseline) -> tuple[Published, ...]:
    """The members of the text of a net, where they are its scaled versions.

    They are when params of the text are the factors on depth and width and the side of the input.
    A family whose members differ in other ways, such as ResNet's, has none.

    Raises:
        ExplorerError: a member is no net.
    """
    names = (base.depth_param, base.width_param, base.size_param)
    depth, width, size = names
    family = members(base.source.parsed())
    if depth is None or width is None or size is None or not family:
        return ()
    return tuple(_published(base, name, (depth, width, size)) for name in family)


def _published(base: Baseline, name: str, params: tuple[str, str, str]) -> Published:
    space = replace(base.source, member=name).space()
    graph = bind(space).graph
    depth, width, size = params
    mine, its = base.space.header.params, space.header.params
    return Published(
        name,
        Fraction(its[depth]) / Fraction(mine[depth]),
        Fraction(its[width]) / Fraction(mine[width]),
        int(its[size]),
        count(graph),
        graph.depth(*WEIGHTED),
        space.expected.source if space.expected else "",
    )


def nearest(family: tuple[Published, ...], macs: int) -> Published:
    """The member whose multiply-adds are nearest by ratio."""
    return min(family, key=lambda member: abs(log(member.cost.macs / macs)))
