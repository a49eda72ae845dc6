"""Bounds: what --budget says."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.budget import Budget, budget_from_json, costs_of, parse_budget
from explorer.cost import count, inference_memory
from explorer.errors import BudgetError
from explorer.space import bind
from explorer.space.library import find_text


@pytest.mark.parametrize(
    ("text", "limits", "floors"),
    [
        ("1.5e9", {"macs": 1_500_000_000}, {}),
        ("1.5G", {"macs": 1_500_000_000}, {}),
        ("macs=1e6,params=7k", {"macs": 1_000_000, "params": 7_000}, {}),
        ("1.2e9..1.5e9", {"macs": 1_500_000_000}, {"macs": 1_200_000_000}),
        ("params=1M..2M, memory=64MiB", {"params": 2_000_000, "memory": 1 << 26},
         {"params": 1_000_000}),
        ("latency=8ms", {"latency": 8_000}, {}),
        ("latency=1.5ms..0.01s", {"latency": 10_000}, {"latency": 1_500}),
        ("latency=250us,training_memory=1GiB", {"latency": 250, "training_memory": 1 << 30}, {}),
    ],
)  # fmt: skip
def test_budgets_are_read(text: str, limits: dict[str, int], floors: dict[str, int]) -> None:
    budget = parse_budget(text)
    assert budget == Budget(limits, floors)
    assert parse_budget(str(budget)) == budget
    assert budget_from_json(budget.to_json()) == budget


def test_budgets_in_words() -> None:
    text = "macs=1.2e9..1.5e9,params=7e6,memory=64MiB,latency=8ms"
    assert parse_budget(text).describe() == (
        "1.2G to 1.5G macs and 7M params and 64 MiB memory and 8 ms latency"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a lot", "not a count"),
        ("0", "positive"),
        ("flops=1e9", "no cost is called 'flops'; allowed: macs, params, activations, memory"),
        ("1e9,macs=2e9", "bounded twice"),
        ("-5", "not a count"),
        ("1.5", "not a whole number"),
        ("", "not a count"),
        ("latency=8", "not a time; write 8ms"),
        ("latency=8MiB", "not a time"),
        ("2e9..1e9", "the lower end of a band stands first"),
        ("..1e9", "not a count"),
        ("memory=64MB", "not a count"),
    ],
)
def test_malformed_budgets(text: str, message: str) -> None:
    with pytest.raises(BudgetError, match=message):
        parse_budget(text)


def test_bounds() -> None:
    budget = Budget({"macs": 10, "params": 5}, {"macs": 4})
    assert budget.fits({"macs": 10, "params": 5, "activations": 99})
    assert not budget.fits({"macs": 10, "params": 6})
    assert not budget.fits({"macs": 3, "params": 5})
    assert budget.excess({"macs": 20, "params": 5}) == 2
    arrays = {"macs": np.array([3, 4, 10, 11]), "params": np.array([5, 5, 5, 5])}
    assert budget.fits(arrays).tolist() == [False, True, True, False]


def test_costs_of_a_graph() -> None:
    graph = bind(find_text("googlenet").space()).graph
    found = costs_of(graph, parse_budget("macs=1e9,memory=1MiB"))
    assert found == {"macs": count(graph).macs, "memory": inference_memory(graph)}
