"""The cost of a million assignments at once, exactly."""

from explorer.cost.batch.counter import (
    COSTS,
    LATENCY,
    BatchCounter,
    Counts,
    cost_of,
    decode,
    encode,
)

__all__ = ["COSTS", "LATENCY", "BatchCounter", "Counts", "cost_of", "decode", "encode"]
