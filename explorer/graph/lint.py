"""The graph checks itself: what every graph promises to whoever reads it."""

from __future__ import annotations

from explorer.graph.graph import Graph
from explorer.ops import Input, OpError, infer


def lint(graph: Graph) -> list[str]:
    """Every promise that a graph breaks, one line each; a graph of ours gives an empty list."""
    return [*_order(graph), *_names(graph), *_shapes(graph), *_reach(graph)]


def _order(graph: Graph) -> list[str]:
    problems = []
    for index, node in enumerate(graph.nodes):
        if isinstance(node.op, Input) != (index == 0):
            problems.append(f"{node.path}: the input is node 0, and only that")
        if any(source >= index for source in node.inputs):
            problems.append(f"{node.path}: reads a node that comes after it")
    return problems


def _names(graph: Graph) -> list[str]:
    seen: set[str] = set()
    problems = []
    for node in graph.nodes:
        if node.path in seen:
            problems.append(f"{node.path}: two nodes have this path")
        seen.add(node.path)
        prefix = graph.scopes[node.scope].path
        if prefix and not node.path.startswith(f"{prefix}."):
            problems.append(f"{node.path}: lies outside its scope {prefix}")
    return problems


def _shapes(graph: Graph) -> list[str]:
    problems = []
    for node in graph.nodes:
        try:
            found = infer(node.op, graph.shapes(node))
        except OpError as error:
            problems.append(f"{node.path}: {error}")
            continue
        if found != node.shape:
            problems.append(f"{node.path}: says {node.shape}, but its inputs give {found}")
    return problems


def _reach(graph: Graph) -> list[str]:
    return [
        f"{node.path}: nothing reads it"
        for index, node in enumerate(graph.nodes)
        if not graph.readers[index] and index not in (0, graph.output)
    ]
