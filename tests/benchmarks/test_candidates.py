"""Candidates a second: a plain script, and ours one at a time, together, and such that fit."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from explorer.budget import Draws, Feasible, parse_budget
from explorer.cost import count
from explorer.cost.batch import BatchCounter, decode
from explorer.space import bind
from explorer.space.library import find_text
from tests.benchmarks.plain import candidates

pytestmark = pytest.mark.bench

BUDGET = "1.5e9"
MILLION = 1_000_000


def seconds(way: Callable[[], object]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def test_candidates_a_second() -> None:
    space = find_text("inception", "space").space()
    rng, budget = np.random.default_rng(0), parse_budget(BUDGET)
    codes = Draws.of(space).codes(MILLION, rng)
    few = [decode(space, column) for column in codes[:, :100].T]
    graphs = [bind(space, values).graph for values in few]
    counter = BatchCounter(space)
    rates: dict[str, float] = {}

    plain_fits = 0

    def plain() -> None:
        nonlocal plain_fits
        plain_fits = candidates(20, budget.limits["macs"])

    rates["Optuna + torch + fvcore"] = 20 / seconds(plain)
    rates["bind and count one"] = 100 / seconds(lambda: [count(bind(space, v).graph) for v in few])
    rates["count one graph"] = 100 / seconds(lambda: [count(graph) for graph in graphs])
    counter.count(codes[:, :1])
    alone = seconds(lambda: [counter.count(codes[:, i : i + 1]) for i in range(100)])
    rates["count one by arrays"] = 100 / alone
    # Compiled anew: what it takes to make the arithmetic is part of the million.
    rates["count a million together"] = MILLION / seconds(lambda: BatchCounter(space).count(codes))
    finder = Feasible(space)
    drawn = seconds(lambda: finder.draw(budget, 20_000, rng))
    rates[f"draw within {BUDGET}"] = 20_000 / drawn

    base = rates["Optuna + torch + fvcore"]
    share = finder.fits(budget, codes[:, :50_000]).mean()
    print(f"\n{'candidates a second':30} {'':>12} {'ratio':>10}")
    for name, rate in rates.items():
        print(f"{name:30} {rate:12,.1f} {rate / base:10,.0f}")
    print(f"fit {BUDGET}: {share:.1%} of random candidates; of the script's 20: {plain_fits}")
    together = counter.count(codes[:, :100])["macs"]
    assert together.tolist() == [count(graph).macs for graph in graphs]
    assert rates["count a million together"] > 1_000 * base
