"""What a graph costs, known exactly before a tensor exists."""

from explorer.cost.count import POOLS, WEIGHTED, Row, count, node_cost, rows
from explorer.ops import Cost

__all__ = ["POOLS", "WEIGHTED", "Cost", "Row", "count", "node_cost", "rows"]
