"""What is stored of a candidate before it is scored."""

from __future__ import annotations

from typing import Any

from explorer.budget import LATENCY, Budget, costs_of
from explorer.budget.bounds import without_latency
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.search.gauge import Gauge
from explorer.space import Candidate


def facts(candidate: Candidate, budget: Budget, gauge: Gauge | None = None) -> dict[str, Any]:
    """What is stored of a candidate before it is trained; its latency as it was measured.

    The fingerprint comes last, so that where it is, everything is. The assignment is stored
    already, as the proposal.
    """
    cost = count(candidate.graph)
    bounded = costs_of(candidate.graph, without_latency(budget))
    if gauge is not None:
        bounded[LATENCY] = gauge.measure(candidate.graph)
    others = {name: value for name, value in bounded.items() if name not in cost._fields}
    return {
        **cost._asdict(),
        **({"bounded": others} if others else {}),
        "fingerprint": fingerprint(candidate.graph),
    }
