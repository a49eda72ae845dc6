"""What a graph costs, known exactly before a tensor exists."""

from explorer.cost.count import Row, count, node_cost, rows
from explorer.ops import Cost

__all__ = ["Cost", "Row", "count", "node_cost", "rows"]
