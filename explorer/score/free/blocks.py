"""Where a graph falls into pieces: the values that everything after them is computed from."""

from __future__ import annotations

from explorer.cost import WEIGHTED
from explorer.graph import Graph
from explorer.ops.pool import GlobalAvgPool, GlobalMaxPool


def cuts(graph: Graph) -> list[int]:
    """The nodes that every path from an input to an output passes, in order.

    In an order of computation, these are the nodes that no edge leads past.
    """
    leaving = {output.node for output in graph.outputs}
    found, furthest = [], 0
    for index in range(len(graph.nodes)):
        if index >= furthest and index >= len(graph.inputs) - 1:
            found.append(index)
        reach = graph.readers[index][-1] if graph.readers[index] else index
        furthest = max(furthest, len(graph.nodes) if index in leaving else reach)
    return found


def block_ends(graph: Graph) -> list[int]:
    """The last nodes of the blocks of a net, in order.

    A block is a stretch between two cuts that has weights, with what follows it and has none (norm,
    activation, pool). So a residual unit or an Inception module is one block, and so is each
    convolution of a plain chain. Only maps and tokens count: what comes behind a pool over the
    whole grid, and the net's outputs, are no features of places any more.
    """
    found: list[int] = []
    leaving = {output.node for output in graph.outputs}
    places = cuts(graph)
    for before, here in zip([-1, *places], places, strict=False):
        node = graph.nodes[here]
        if isinstance(node.op, (GlobalAvgPool, GlobalMaxPool)):
            break
        if node.shape.kind not in ("map", "tokens") or here in leaving:
            continue
        has_weights = any(each.op.name in WEIGHTED for each in graph.nodes[before + 1 : here + 1])
        if has_weights:
            found.append(here)
        elif found:
            found[-1] = here
    return found
