"""One suite for every sampler."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest

from explorer.budget import Budget
from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.graph import fingerprint
from explorer.search.records import front
from explorer.search.samplers import SAMPLERS, ExhaustedError, distributions, facts, make_sampler
from explorer.search.stored import read_trial
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text, find_text
from tests.search.conftest import TINY

BUDGET = Budget({"macs": 1_000_000})


@pytest.fixture(scope="module")
def space() -> Space:
    return Text("tiny.space", TINY).space()


def wide_and_shallow(candidate: Candidate) -> float:
    return (int(candidate.assignment["n1"]) - 5 * int(candidate.assignment["depth"])) / 40


def run(
    name: str,
    space: Space,
    seed: int,
    trials: int,
    budget: Budget = BUDGET,
    score: Callable[[Candidate], float] = wide_and_shallow,
) -> optuna.Study:
    """A study whose accuracy is made up from the assignment."""
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=make_sampler(name, space, budget, seed)
    )
    for _ in range(trials):
        trial = study.ask()
        assignment = dict(trial.relative_params)
        for path, distribution in distributions(space).items():
            trial._suggest(path, distribution)
        candidate = bind(space, assignment)
        for key, value in facts(candidate, budget).items():
            trial.set_user_attr(key, value)
        accuracy = score(candidate)
        trial.set_user_attr("curve", [accuracy])
        study.tell(trial, (accuracy, count(candidate.graph).macs))
    return study


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_proposal_fits_and_is_new(name: str, space: Space) -> None:
    trials = run(name, space, seed=1, trials=40).trials
    assert all(trial.user_attrs["macs"] <= 1_000_000 for trial in trials)
    prints = [trial.user_attrs["fingerprint"] for trial in trials]
    assert len(set(prints)) == len(prints)
    for trial in trials:
        again = bind(space, trial.params)
        assert again.written() == trial.user_attrs["assignment"] == trial.params
        assert fingerprint(again.graph) == trial.user_attrs["fingerprint"]


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_proposal_that_nobody_got_to_score_is_not_made_again(name: str, space: Space) -> None:
    narrow = Budget({"macs": 800_000})  # so few fit that random draws meet again and again
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=make_sampler(name, space, narrow, seed=1)
    )
    prints = [fingerprint(bind(space, study.ask().relative_params).graph) for _ in range(20)]
    assert len(set(prints)) == 20


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_seed_decides(name: str, space: Space) -> None:
    first, second, other = (run(name, space, seed, 20) for seed in (1, 1, 2))
    assert [t.params for t in first.trials] == [t.params for t in second.trials]
    assert [t.params for t in first.trials] != [t.params for t in other.trials]


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_first_trial_is_the_default(name: str, space: Space) -> None:
    roomy = run(name, space, 0, 1, Budget({"macs": 10**9})).trials[0]
    assert roomy.params == bind(space).written()
    tight = run(name, space, 0, 1).trials[0]
    assert 800_000 < tight.user_attrs["macs"] <= 1_000_000
    assert tight.params["five"] == "full"  # knobs give way before levers do


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_trial_keeps_its_proposal(name: str, space: Space) -> None:
    study = run(name, space, 0, 10)
    trial = study.ask()
    proposed = dict(trial.relative_params)
    study._storage.set_trial_state_values(trial._trial_id, state=optuna.trial.TrialState.WAITING)
    again = study.ask()
    assert again.number == trial.number
    assert again.relative_params == proposed


@pytest.mark.parametrize("name", SAMPLERS)
def test_costs_cover_the_budget(name: str, space: Space) -> None:
    macs = [trial.user_attrs["macs"] for trial in run(name, space, 5, 24).trials]
    assert min(macs) < 300_000
    assert max(macs) > 700_000


def test_a_small_space_runs_out() -> None:
    text = TINY.replace("4..32 step 4", "12..16 step 4").replace("1..3", "2..2")
    space = Text("small", text).space()
    with pytest.raises(ExhaustedError, match="nothing new"):
        run("random", space, 0, 2 * 2 * 3 + 1, Budget({"macs": 10**9}))


@pytest.mark.slow
def test_evolution_beats_random_search_where_there_is_much_to_learn() -> None:
    """On a made-up score over the 144 choices of ``inception``: area under the front, 3 seeds."""
    space = find_text("inception").space()
    rng = np.random.default_rng(9)
    worth = {path: rng.gamma(1.0, 0.3) for path in space.choices}

    def score(candidate: Candidate) -> float:
        shares = [
            worth[path] * np.log(space.choices[path].values.index(candidate.assignment[path]) + 1)
            for path in sorted(candidate.active)
        ]
        return float(1 / (1 + np.exp(3 - sum(shares) / 20)))

    def area(name: str, seed: int) -> float:
        study = run(name, space, seed, 36, Budget({"macs": 1_500_000_000}), score)
        found = front([read_trial(trial) for trial in study.trials])
        ends = [trial.cost.macs for trial in found[1:]] + [1_500_000_000]
        return sum(t.accuracy * (end - t.cost.macs) for t, end in zip(found, ends, strict=True))

    means = {name: sum(area(name, seed) for seed in range(3)) for name in SAMPLERS}
    assert means["evolution"] > means["random"]


def test_an_unknown_sampler(space: Space) -> None:
    with pytest.raises(ExplorerError, match="no sampler is called 'tpe'"):
        make_sampler("tpe", space, BUDGET, 0)
