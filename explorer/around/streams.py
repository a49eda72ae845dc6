"""What a net computes at each piece of its text, and whose channels nothing else fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from explorer.errors import Place
from explorer.graph import Node
from explorer.language.syntax import Element
from explorer.ops import ACTS, NORMS
from explorer.ops.conv import Conv
from explorer.space import Space, complete
from explorer.space.template import Element as Piece
from explorer.space.template import Head, Select, Site, Store
from explorer.space.walk import Binder, Reader

# Ops that take however many channels arrive, and let as many go.
_PASSING = {
    *(name for name in (ACTS | NORMS).values() if name),
    *("batchnorm", "layernorm", "lrn", "maxpool", "avgpool", "upsample", "dwconv", "concat"),
    *("dropout", "droppath", "scale", "layerscale", "flatten"),
}
_ENDING = ("conv", "linear")  # ops that take however many channels arrive, and have their own


@dataclass(frozen=True)
class Streams:
    """The nodes of a net at its defaults, auxiliary heads as well, and where they come from.

    Attributes:
        nodes: as they were made, also those that nothing reads.
        made: by the place of an element, the nodes that its op became.
        ends: by the place of an element, the nodes whose values leave it.
    """

    nodes: tuple[Node, ...]
    made: Mapping[Place, list[int]]
    ends: Mapping[Place, list[int]]

    @cached_property
    def readers(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                found[source].append(index)
        return found

    @cached_property
    def free(self) -> list[bool]:
        """For every node, whether all that read its value take any number of channels.

        Sums, products, groups, attention and what leaves the net do not.
        """
        free = [False] * len(self.nodes)
        for index in reversed(range(len(self.nodes))):
            free[index] = bool(self.readers[index]) and all(
                _ends(self.nodes[reader])
                or (self.nodes[reader].op.name in _PASSING and free[reader])
                for reader in self.readers[index]
            )
        return free

    def convs(self, element: Element) -> list[Node]:
        """The convolutions that an element is, one for each time that it is reached."""
        found = [self.nodes[i] for i in self.made.get(element.place, [])] if element.place else []
        return [node for node in found if isinstance(node.op, Conv)]

    def takes_width(self, element: Element) -> bool:
        """Whether an element is a convolution that may have other channels."""
        made = self.made.get(element.place, []) if element.place else []
        convs = [index for index in made if isinstance(self.nodes[index].op, Conv)]
        return bool(convs) and all(self.free[i] and _ends(self.nodes[i]) for i in convs)

    def may_go(self, element: Element, is_kept: bool) -> bool:
        """Whether what reads an element could as well read what arrives there.

        Args:
            element: what may go.
            is_kept: whether it leaves the shape that arrives. That suffices where it ends in a sum
                with what arrives: then both have the same channels, whatever is chosen.
        """
        ends = self.ends.get(element.place, []) if element.place else []
        return bool(ends) and all(
            self.free[index] or (is_kept and self._is_sum(index)) for index in ends
        )

    def _is_sum(self, index: int) -> bool:
        node = self.nodes[index]
        while len(node.inputs) == 1 and node.op.name in _PASSING:
            node = self.nodes[node.inputs[0]]
        return node.op.name == "add"


def _ends(node: Node) -> bool:
    """Whether a node has channels of its own, whatever arrives."""
    return node.op.name in _ENDING and getattr(node.op, "groups", 1) == 1


def streams(space: Space) -> Streams:
    """The nodes of a space at its defaults.

    Raises:
        NetError: it cannot be bound.
    """
    knobs = Reader(complete(space.choices, {}), space.header.classes)
    follower = _Follower(space, knobs, with_heads=True)
    follower.run(space.root)
    made: dict[Place, list[int]] = {}
    for index, node in enumerate(follower.nodes):
        if node.place is not None:
            made.setdefault(node.place, []).append(index)
    return Streams(tuple(follower.nodes), made, follower.ends)


@dataclass
class _Follower(Binder):
    """Grows the graph as its parent does, and notes which node each piece ends in."""

    ends: dict[Place, list[int]] = field(default_factory=dict)

    def element(self, element: Piece) -> None:
        super().element(element)
        if isinstance(element, Store | Head | Select):
            return
        site: Site = element.site
        if site.place is not None:
            self.ends.setdefault(site.place, []).append(self.current)
