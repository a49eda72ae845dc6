"""What a prediction of latency is linear in: kinds of nodes, and a few numbers for each node.

A kind says what sort of work a node is: its op, and the windows, strides and groups of its op.
Widths are no part of it, so that a space has one or two dozen kinds, whatever its knobs are. Within
a kind, time is taken to be linear in the :data:`FEATURES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from explorer.cost.count import WEIGHTED
from explorer.graph import Graph, Node
from explorer.ops import Input, Op, Shape, Shapes
from explorer.ops.conv import Conv, DepthwiseConv
from explorer.ops.pool import AdaptiveAvgPool, GlobalAvgPool, GlobalMaxPool, Pool

# Of one node and one image: 1, multiply-adds, parameters, elements that it reads and puts out.
FEATURES = ("nodes", "macs", "params", "read", "put_out")

# Where a kind was never measured, nodes alike in this stand in for it.
LAYERS, OTHERS = "any layer with weights", "any other op"


def kind(op: Op) -> str:
    """The kind of an op: ``conv 3x3/2``, ``conv 3x3 grouped``, ``maxpool global``, ``relu``.

    Ops that only look at their input in another way are one kind, ``view``.
    """
    if op.view:
        return "view"
    match op:
        case Conv() | DepthwiseConv():
            words = (_window(op.name, op.kernel, op.stride), *_flags(op))
            return " ".join(words)
        case Pool():
            return _window(op.name, op.kernel, op.stride)
        case GlobalAvgPool() | GlobalMaxPool():
            return f"{op.name} global"
        case AdaptiveAvgPool():
            return f"{op.name} to="
    return op.name


def _window(name: str, kernel: Sequence[int], stride: Sequence[int]) -> str:
    """``conv 7x7/2``; a stride along one axis alone is ``conv 1x3/1x2``."""
    text = f"{name} {_sizes(kernel)}"
    if set(stride) == {1}:
        return text
    return f"{text}/{stride[0] if len(set(stride)) == 1 else _sizes(stride)}"


def _sizes(sizes: Sequence[int]) -> str:
    return "x".join(str(size) for size in sizes)


def _flags(op: Conv | DepthwiseConv) -> Iterator[str]:
    if isinstance(op, Conv) and op.groups > 1:
        yield "grouped"
    if set(op.dilation) != {1}:
        yield "dilated"


def relatives(name: str) -> tuple[str, str]:
    """What stands in for a kind that was never measured, the nearer first: its op, all like it."""
    op = name.partition(" ")[0]
    return op, LAYERS if op in WEIGHTED else OTHERS


def features(op: Op, inputs: Shapes, output: Shape) -> tuple[Any, ...]:
    """The :data:`FEATURES` of one node: whole numbers, or whatever the shapes are made of."""
    cost = op.cost(inputs, output)
    read = sum(shape.elements for shape in inputs)
    return (1, cost.macs, cost.params, read, output.elements)


def node_features(graph: Graph, node: Node) -> tuple[int, ...]:
    return features(node.op, graph.shapes(node), node.shape)


def timed(graph: Graph) -> Iterator[Node]:
    """The nodes that take time: all but the inputs."""
    return (node for node in graph.nodes if not isinstance(node.op, Input))


def totals(graph: Graph) -> Mapping[str, tuple[int, ...]]:
    """The features of a graph, summed up by kind."""
    found: dict[str, tuple[int, ...]] = {}
    for node in timed(graph):
        name, more = kind(node.op), node_features(graph, node)
        sums = found.get(name, (0,) * len(FEATURES))
        found[name] = tuple(a + b for a, b in zip(sums, more, strict=True))
    return found
