"""The cost of one graph in plain integers, node by node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.graph import Graph, Node
from explorer.ops import Cost


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of the net and what it costs together."""

    name: str
    op: str
    shape: str
    cost: Cost


# The ops that depth is counted in: layers with weights, as the papers count them.
WEIGHTED = ("conv", "dwconv", "linear", "attention")
POOLS = ("maxpool", "avgpool")


def node_cost(graph: Graph, node: Node) -> Cost:
    """What one node costs for one image."""
    return node.op.cost(graph.shapes(node), node.shape)


def count(graph: Graph) -> Cost:
    """What the whole net costs for one image at inference."""
    return total(node_cost(graph, node) for node in graph.nodes)


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs; zero for none."""
    return sum(costs, start=Cost())


def rows(graph: Graph, by: str) -> list[Row]:
    """The cost table: a row for every ``node``, top-level ``block`` or kind of ``op``."""
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes[1:]:
        groups.setdefault(_group(node, by), []).append(node)
    return [_row(graph, name, nodes, by) for name, nodes in groups.items()]


def _group(node: Node, by: str) -> str:
    if by == "node":
        return node.path
    return node.op.name if by == "op" else _block(node.path)


def _block(path: str) -> str:
    """The first name of a path, and the copy's number behind it where there is one."""
    first, *rest = path.split(".")
    return f"{first}.{rest[0]}" if rest and rest[0].isdigit() else first


def _row(graph: Graph, name: str, nodes: list[Node], by: str) -> Row:
    kinds = {node.op.name for node in nodes}
    op = kinds.pop() if len(kinds) == 1 else f"{len(nodes)} nodes"
    shape = "" if by == "op" else str(nodes[-1].shape)
    return Row(name, op, shape, total(node_cost(graph, node) for node in nodes))
