"""To a budget: never above it, and nothing larger on the line that fits too."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.budget import Budget, costs_of, parse_budget
from explorer.errors import BudgetError, NetError
from explorer.scale import Baseline, Coefficients, fit
from explorer.space.library import Text, find_text

SMALL = """net small
input 3x32x32  classes 10
default conv same norm=batch act=relu
default maxpool same

block module(n):
  [ conv 1x1 n | conv 1x1 (n/2) > conv 3x3 n ]

stem: conv 3x3/2 16
a: module(16)
b: module(32)
cut: maxpool 3x3/2
c: repeat 2 (module(48))
head: avgpool global > linear classes
"""
LINE = Coefficients()


@cache
def small() -> Baseline:
    return Baseline(Text("small.net", SMALL))


@cache
def macs(step: int) -> int:
    """Of the small net at phi = step / 20; a great many where there is no net."""
    try:
        return small().scaled(LINE.factors(step / 20)).cost.macs
    except NetError:
        return 10**15


@given(st.floats(0.2, 60))
@settings(max_examples=10)
def test_the_largest_net_that_fits(share: float) -> None:
    limit = int(small().cost.macs * share)
    found = fit(small(), LINE, Budget({"macs": limit}))
    assert found.net.cost.macs <= limit
    assert found.net.cost == small().scaled(LINE.factors(found.phi)).cost
    above = range(int(found.phi * 20) + 1, int(found.phi * 20) + 8)
    assert all(macs(step) > limit for step in above if step / 20 > found.phi)


def test_the_cost_is_a_staircase() -> None:
    """A little more phi changes nothing or at least one whole module, channel or pixel."""
    line = [macs(step) for step in range(-20, 60)]
    assert len(set(line)) < len(line)
    assert line == sorted(line)


def test_a_published_net_scaled_to_a_budget() -> None:
    base = Baseline(find_text("googlenet"))
    for limit in ("5e9", "1.5e9"):
        budget = parse_budget(limit)
        found = fit(base, LINE, budget)
        assert 0.85 * budget.limits["macs"] < found.net.cost.macs <= budget.limits["macs"]
        assert (found.phi > 0) == (budget.limits["macs"] > base.cost.macs)


def test_any_cost_can_be_bounded() -> None:
    budget = parse_budget("macs=1e9,params=200e3,memory=1MiB")
    found = fit(small(), LINE, budget)
    reached = costs_of(found.net.graph, budget)
    assert budget.fits(reached)
    assert max(reached[name] / limit for name, limit in budget.limits.items()) > 0.7


def test_a_budget_that_no_net_meets() -> None:
    with pytest.raises(BudgetError, match="no net scaled from small meets 1k macs; the smallest"):
        fit(small(), LINE, parse_budget("1e3"))
    with pytest.raises(BudgetError, match="the largest that is not above it has"):
        fit(small(), LINE, parse_budget("99999999..100e6"))
    with pytest.raises(BudgetError, match="nothing is scaled"):
        fit(small(), Coefficients(1, 1, 1), parse_budget("1e9"))
    with pytest.raises(BudgetError, match="it bounds no latency"):
        fit(small(), LINE, Budget({"latency": 1000}))


def test_the_public_way() -> None:
    base, line = explorer.open_baseline("googlenet"), explorer.Coefficients()
    net = explorer.fit_to_budget(base, line, explorer.parse_budget("3e9")).net
    assert net.text().startswith("# googlenet scaled: ")
