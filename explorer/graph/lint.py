"""The graph checks itself: what every graph promises to whoever reads it."""

from __future__ import annotations

from explorer.graph.graph import Graph
from explorer.ops import Input, OpError, infer


def lint(graph: Graph) -> list[str]:
    """Every promise that a graph breaks, one line each; a graph of ours gives an empty list."""
    return [*_order(graph), *_names(graph), *_shapes(graph), *_reach(graph)]


def _order(graph: Graph) -> list[str]:
    problems = []
    first = max(1, len(graph.inputs))
    for index, node in enumerate(graph.nodes):
        if isinstance(node.op, Input) != (index < first):
            problems.append(f"{node.path}: the inputs are the first nodes, and only those")
        if any(source >= index for source in node.inputs):
            problems.append(f"{node.path}: reads a node that comes after it")
    return problems


def _names(graph: Graph) -> list[str]:
    seen: set[str] = set()
    scopes = {prefix for node in graph.nodes for prefix in _prefixes(node.path)}
    problems = []
    for node in graph.nodes:
        if node.path in seen:
            problems.append(f"{node.path}: two nodes have this path")
        if node.path in scopes:
            problems.append(f"{node.path}: other nodes lie inside it")
        seen.add(node.path)
        prefix = graph.scopes[node.scope].path
        if prefix and not node.path.startswith(f"{prefix}."):
            problems.append(f"{node.path}: lies outside its scope {prefix}")
    return problems


def _prefixes(path: str) -> list[str]:
    """Every scope that a path lies in: ``a.b.c`` lies in ``a`` and ``a.b``."""
    words = path.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


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
    leaving = {output.node for output in graph.outputs}
    return [
        f"{node.path}: nothing reads it"
        for index, node in enumerate(graph.nodes)
        if not (graph.readers[index] or index in leaving or isinstance(node.op, Input))
    ]
