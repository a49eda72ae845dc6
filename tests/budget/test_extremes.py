"""The cheapest and the dearest nets, and what is proven of them."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.budget import extremes, least, most
from explorer.budget.extremes import every
from explorer.cost.batch import COSTS, BatchCounter
from explorer.space.library import find_text
from tests.budget.spaces import BOUND, LOG, SMALL, space_of
from tests.cost.batch.spaces import SHIPPED, drawn


@pytest.mark.parametrize("text", [SMALL, BOUND, LOG])
@pytest.mark.parametrize("name", COSTS)
def test_against_every_assignment(text: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The descent finds what looking at all finds, and the bound lies below it."""
    counter = BatchCounter(space_of(text))
    counts = counter.count(every(counter.space), (name,))
    costs = counts[name][counts.valid]
    monkeypatch.setattr(extremes, "is_small", lambda space: False)
    found = least(counter, name)
    assert found is not None
    assert found.cost == costs.min()
    assert found.proven is not None
    assert found.proven <= found.cost
    dearest = most(counter, name)
    assert dearest is not None
    assert dearest.cost == costs.max()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_spaces(name: str) -> None:
    """No random assignment is cheaper or dearer than what was found; no bound is broken."""
    counter = BatchCounter(find_text(name, "space").space())
    counts = counter.count(drawn(counter.space, 5_000, seed=3), COSTS)
    for cost in ("macs", "params", "memory"):
        low, high = least(counter, cost), most(counter, cost)
        assert low is not None
        assert high is not None
        assert (low.proven or 0) <= low.cost <= counts[cost].min()
        assert counts[cost].max() <= high.cost


def test_the_least_macs_are_proven_where_a_formula_allows() -> None:
    counter = BatchCounter(find_text("inception_v3", "space").space())
    found = least(counter, "macs")
    assert found is not None
    assert found.is_exact


def test_a_space_without_any_graph() -> None:
    text = SMALL.replace("x: conv 1x1 a", "x: conv 17x17 a valid")
    counter = BatchCounter(space_of(text))
    assert least(counter, "macs") is None
    assert not counter.count(every(counter.space)).valid.any()


def test_a_huge_knob_is_searched_finely() -> None:
    text = """
        space wide
        input 3x8x8
        knob a in 1..5000
        knob b in 1..5000
        x: conv 1x1 (a + 1) > conv 1x1 (max(b, 5000 - a))
        """
    counter = BatchCounter(space_of(text))
    low = least(counter, "macs")
    assert low is not None
    # 64 * (3 * (a + 1) + (a + 1) * (5000 - a)) is least where a is 1.
    assert low.cost == np.int64(64 * (3 * 2 + 2 * 4999))
