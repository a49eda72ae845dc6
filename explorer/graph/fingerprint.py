"""A name for what a graph computes, whatever its text calls the parts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction

from explorer.graph.graph import Graph
from explorer.ops import Input

VERSION = "g1"  # a change to anything below is a new version, never a silent one


def prune(graph: Graph) -> Graph:
    """The same graph without the nodes that no output depends on; inputs stay."""
    needed = {index for index, node in enumerate(graph.nodes) if isinstance(node.op, Input)}
    needed |= {output.node for output in graph.outputs}
    for index in range(len(graph.nodes) - 1, -1, -1):
        if index in needed:
            needed.update(graph.nodes[index].inputs)
    if len(needed) == len(graph.nodes):
        return graph
    kept = sorted(needed)
    new = {old: index for index, old in enumerate(kept)}
    nodes = tuple(
        replace(graph.nodes[old], inputs=tuple(new[source] for source in graph.nodes[old].inputs))
        for old in kept
    )
    outputs = tuple(replace(output, node=new[output.node]) for output in graph.outputs)
    return replace(graph, nodes=nodes, outputs=outputs)


def without_heads(graph: Graph) -> Graph:
    """The same graph at inference, where auxiliary heads are gone."""
    if not graph.heads:
        return graph
    kept = tuple(output for output in graph.outputs if output.weight is None)
    return prune(replace(graph, outputs=kept))


def canonical(graph: Graph) -> str:
    """The graph as text without names, places and scopes: a line a node, in the order of a walk.

    The walk starts at the outputs and visits inputs first, so that the order in which a text
    happens to write its lines does not show. Equal text means the same computation; the reverse
    does not hold (branches of a sum in another order count as different).
    """
    order: dict[int, int] = {}
    lines: list[str] = []
    stack = [output.node for output in reversed(graph.outputs)]
    while stack:
        index = stack[-1]
        node = graph.nodes[index]
        if index in order:
            stack.pop()
            continue
        missing = [source for source in node.inputs if source not in order]
        stack += reversed(missing)
        if not missing:
            order[index] = len(order)
            sources = " ".join(str(order[source]) for source in node.inputs)
            lines.append(f"{node.op} <- {sources}")
            stack.pop()
    if len(graph.outputs) > 1:
        lines.append("out " + " ".join(_leaving(order[o.node], o.weight) for o in graph.outputs))
    return "\n".join(lines)


def _leaving(number: int, weight: Fraction | None) -> str:
    return f"{number}" if weight is None else f"{number}*{weight}"


def fingerprint(graph: Graph) -> str:
    """``g1:`` and the SHA-256 of the canonical text."""
    return f"{VERSION}:{hashlib.sha256(canonical(graph).encode()).hexdigest()}"
