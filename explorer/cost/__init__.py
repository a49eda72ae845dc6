"""What a graph costs, known exactly before a tensor exists."""

from explorer.cost.count import POOLS, WEIGHTED, Row, count, node_cost, rows
from explorer.cost.field import Field, receptive_field
from explorer.cost.memory import (
    Peak,
    inference_memory,
    inference_peak,
    training_memory,
    weight_memory,
)
from explorer.ops import Cost

__all__ = [
    "POOLS",
    "WEIGHTED",
    "Cost",
    "Field",
    "Peak",
    "Row",
    "count",
    "inference_memory",
    "inference_peak",
    "node_cost",
    "receptive_field",
    "rows",
    "training_memory",
    "weight_memory",
]
