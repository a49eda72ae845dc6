"""The baselines: what a net costs, which is known without looking at it."""

from __future__ import annotations

from explorer.cost import WEIGHTED, count
from explorer.score.free.subject import Subject


def costs(subject: Subject) -> dict[str, float | None]:
    """**macs** and **params** as ``explorer count`` has them; **depth** in weight layers."""
    cost = count(subject.graph)
    depth = subject.graph.depth(*WEIGHTED)
    return {"macs": float(cost.macs), "params": float(cost.params), "depth": float(depth)}
