"""Searches that bound latency: measured for real, on nets small enough to take no time."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from explorer.budget import LATENCY, Budget, Feasible
from explorer.cost.latency import Predictor
from explorer.errors import BudgetError
from explorer.search.gauge import Gauge, fit_gauge
from explorer.search.samplers.named import make_sampler
from explorer.search.workers.facts import facts
from tests.budget.spaces import space_of

SPACE = space_of("""
    space quick
    input 3x32x32  classes 4
    default conv same norm=batch act=relu
    knob a = 8 in 8..64 step 8
    knob b = 8 in 8..64 step 8
    knob depth = 1 in 1..4
    x: conv 3x3 a > repeat depth (conv 3x3 b) > avgpool global > linear classes
    """)
LOOSE = Budget({LATENCY: 10**7, "macs": 20_000_000})


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return fit_gauge(SPACE, LOOSE, "cpu", seconds=1)


def test_a_predictor_is_fitted_to_what_other_bounds_allow(predictor: Predictor) -> None:
    assert predictor.space == "quick"
    assert predictor.weights
    assert Predictor.from_json(predictor.to_json()) == predictor


def test_what_is_proposed_was_measured_and_is_fast(predictor: Predictor) -> None:
    """Bounded in the middle of the space, so that about half of it is too slow."""
    finder = Feasible(SPACE, predictor)
    codes = finder.draws.codes(500, np.random.default_rng(0))
    limit = sorted(finder.counter.count(codes, (LATENCY,))[LATENCY])[250]
    budget = Budget({LATENCY: int(limit), "macs": 10**9})
    gauge = Gauge(predictor)
    sampler = make_sampler("random", SPACE, budget, 0, gauge)
    study = optuna.create_study(directions=["maximize", "minimize"])
    for number in range(4):
        candidate = sampler.candidate(number, study.get_trials())
        found = facts(candidate, budget, gauge)
        assert found["bounded"][LATENCY] == gauge.measure(candidate.graph) <= limit
        assert found["fingerprint"] in gauge.measured


def test_a_latency_that_no_net_has(predictor: Predictor) -> None:
    with pytest.raises(BudgetError, match="with the least macs"):
        fit_gauge(SPACE, Budget({LATENCY: 1}), "cpu", seconds=1)
    with pytest.raises(BudgetError, match=r"has no net within 0\.001 ms latency"):
        Feasible(SPACE, predictor).check(Budget({LATENCY: 1}))
