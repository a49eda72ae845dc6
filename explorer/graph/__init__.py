"""The flat DAG of ops: what every later stage reads."""

from explorer.graph.fingerprint import canonical, fingerprint, prune, without_heads
from explorer.graph.graph import Graph, Node, Output, Scope
from explorer.graph.lint import lint

__all__ = [
    "Graph",
    "Node",
    "Output",
    "Scope",
    "canonical",
    "fingerprint",
    "lint",
    "prune",
    "without_heads",
]
