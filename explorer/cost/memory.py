"""The bytes of a net's values: while it runs, and what training keeps for the backward pass.

The convention is that of ``docs/counting.md``: one image, nodes in the order of the graph, a
value's memory freed after the last node that reads it, and views of a value free of charge.
"""

from __future__ import annotations

from typing import NamedTuple

from explorer.cost.count import count
from explorer.graph import Graph
from explorer.ops import Input, Shape
from explorer.units import ITEM_BYTES

FLOAT32 = ITEM_BYTES["float32"]
_ID_BYTES = 8  # ids stay whole numbers of 64 bits, whatever the net computes in


class Peak(NamedTuple):
    """The largest sum of bytes, and the index of the node that runs while they are live."""

    bytes: int
    node: int


def value_bytes(shape: Shape, itemsize: int = FLOAT32) -> int:
    """The bytes of one value for one image, at ``itemsize`` bytes an element."""
    return shape.elements * (_ID_BYTES if shape.kind == "ids" else itemsize)


def weight_memory(graph: Graph, itemsize: int = FLOAT32) -> int:
    """The bytes of the trainable parameters."""
    return count(graph).params * itemsize


def storages(graph: Graph, training: bool = False) -> tuple[int, ...]:
    """For every node, the index of the node in whose memory its value lies.

    That is its own, or for a view that of the value it shows.
    """
    found: list[int] = []
    for index, node in enumerate(graph.nodes):
        is_view = node.op.view_in_training if training else node.op.view
        found.append(found[node.inputs[0]] if is_view else index)
    return tuple(found)


def live(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """For every step of an inference, the nodes whose memory is held while it runs.

    Step i computes node i. The inputs are there from the beginning; outputs, and inputs that
    nobody reads, stay to the end.
    """
    until = _last_uses(graph)
    held = {index for index, node in enumerate(graph.nodes) if isinstance(node.op, Input)}
    steps: list[tuple[int, ...]] = []
    for step in range(len(graph.nodes)):
        if step in until:
            held.add(step)
        held = {storage for storage in held if until[storage] >= step}
        steps.append(tuple(sorted(held)))
    return tuple(steps)


def _last_uses(graph: Graph) -> dict[int, int]:
    """The step after which each memory is freed."""
    end = len(graph.nodes)
    leaving = {output.node for output in graph.outputs}
    until: dict[int, int] = {}
    for index, storage in enumerate(storages(graph)):
        readers = graph.readers[index]
        last = readers[-1] if readers and index not in leaving else end
        until[storage] = max(last, until.get(storage, 0))
    return until


def inference_peak(graph: Graph, itemsize: int = FLOAT32) -> Peak:
    """The most bytes of values that are live at once, and where first."""
    sizes = [value_bytes(node.shape, itemsize) for node in graph.nodes]
    totals = [sum(sizes[storage] for storage in step) for step in live(graph)]
    most = max(totals)
    return Peak(most, totals.index(most))


def inference_memory(graph: Graph, itemsize: int = FLOAT32) -> int:
    """The peak of activation memory at inference in bytes, for one image, without weights."""
    return inference_peak(graph, itemsize).bytes


def kept(graph: Graph) -> tuple[int, ...]:
    """The nodes whose values training keeps in memory for the backward pass, each once."""
    home = storages(graph, training=True)
    found: set[int] = set()
    for index, node in enumerate(graph.nodes):
        saved = node.op.saved(graph.shapes(node), node.shape)
        if saved.inputs:
            found.update(home[source] for source in node.inputs)
        if saved.output:
            found.add(home[index])
    return tuple(sorted(found))


def training_memory(graph: Graph, itemsize: int = FLOAT32) -> int:
    """The bytes that the backward pass needs from the forward pass, for one image.

    Every value is taken to need its gradient, those of the inputs too. Weights, gradients and what
    an optimizer keeps are not among the bytes.
    """
    total = sum(value_bytes(graph.nodes[index].shape, itemsize) for index in kept(graph))
    for node in graph.nodes:
        saved = node.op.saved(graph.shapes(node), node.shape)
        total += saved.elements * itemsize + saved.fixed_bytes
    return total
