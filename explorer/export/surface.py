"""What a net takes and puts out: names and descriptions, as its file states them."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.build.example import vocabulary
from explorer.export.forward import RESERVED
from explorer.export.names import Names
from explorer.graph import Graph, Node
from explorer.ops import FLOATING, Input, Shape

UNNAMED = ("input", "output")  # what the only value is called where the text has no name for it


@dataclass(frozen=True, slots=True)
class Port:
    """A value that enters or leaves.

    Attributes:
        label: what the text calls it; empty where it has no name.
        name: of the argument or variable in a forward.
        shape: of one image.
        dtype: of its elements; empty where it goes without saying.
        words: of ids, how many there are; 0 where nobody reads them.
    """

    label: str
    name: str
    shape: Shape
    dtype: str = ""
    words: int = 0

    @property
    def known(self) -> str:
        """What readers call it, which in Python may have to have another name."""
        return self.label or self.name

    @property
    def described(self) -> str:
        """``N x 3 x 64 x 64, uint8``, or ``N x 16 ids below 1000, int64``."""
        below = f" below {self.words}" if self.words else ""
        ids = f" ids{below}" if self.shape.kind == "ids" else ""
        return f"{by(self.shape)}{ids}{f', {self.dtype}' * bool(self.dtype)}"


def entering(graph: Graph) -> tuple[Port, ...]:
    """The inputs in their order; the only one is ``x`` where the text has no name for it."""
    names = Names(name for name in RESERVED if name != "x")
    return tuple(
        _input(graph, index, node.op, names)
        for index, node in enumerate(graph.inputs)
        if isinstance(node.op, Input)
    )


def _input(graph: Graph, index: int, source: Input, names: Names) -> Port:
    is_alone = source.label in UNNAMED and len(graph.inputs) == 1
    is_read = source.what.kind == "ids" and graph.readers[index]
    return Port(
        "" if is_alone else source.label,
        names.give("x" if is_alone else source.label),
        source.what,
        "" if is_alone and source.dtype == FLOATING[0] else source.dtype,
        vocabulary(graph, index) if is_read else 0,
    )


def leaving(graph: Graph) -> tuple[Port, ...]:
    """The outputs in their order."""
    names = Names((*RESERVED, *(port.name for port in entering(graph))))
    nodes: list[tuple[str, Node]] = [(o.name, graph.nodes[o.node]) for o in graph.outputs]
    is_alone = len(nodes) == 1 and nodes[0][0] in UNNAMED
    return tuple(
        Port("" if is_alone else name, names.give(name), node.shape) for name, node in nodes
    )


def is_simple(graph: Graph) -> bool:
    """Whether one value enters and one leaves, so that no names are needed to tell them apart."""
    return len(graph.inputs) == len(graph.outputs) == 1


def is_usual(graph: Graph) -> bool:
    """Whether a nameless value of floats enters and a nameless one leaves."""
    values = (*entering(graph), *leaving(graph))
    return is_simple(graph) and not any(port.label or port.dtype for port in values)


def by(shape: Shape) -> str:
    """The sizes of a batch: ``N x 3 x 64 x 64``."""
    return " x ".join(["N", *(str(size) for size in shape.sizes)])
