"""The cost of a million assignments at once, exactly."""

from explorer.cost.batch.counter import COSTS, BatchCounter, Counts, cost_of, decode, encode

__all__ = ["COSTS", "BatchCounter", "Counts", "cost_of", "decode", "encode"]
