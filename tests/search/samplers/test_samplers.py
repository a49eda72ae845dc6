"""One suite for every sampler."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest

from explorer.budget import Budget, Feasible, Prior
from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.graph import fingerprint
from explorer.search.model.features import Features
from explorer.search.records import front
from explorer.search.samplers.frame import BudgetSampler, ExhaustedError, distributions
from explorer.search.samplers.named import SAMPLERS, make_sampler
from explorer.search.trials.stored import read_trial
from explorer.search.workers.facts import facts
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text, find_text
from tests.search.tiny import TINY

BUDGET = Budget({"macs": 1_000_000})
CASES = [*SAMPLERS, *(f"{name} with a prior" for name in ("known_cost", "random", "evolution"))]


@pytest.fixture(scope="module")
def space() -> Space:
    return Text("tiny.space", TINY).space()


def wide_and_shallow(candidate: Candidate) -> float:
    return (int(candidate.assignment["n1"]) - 5 * int(candidate.assignment["depth"])) / 40


def few(name: str, trials: int) -> int:
    """Fewer trials of a sampler that takes long to propose one."""
    return min(trials, 14) if name == "gp" else trials


def widths(candidate: Candidate) -> dict[str, float]:
    return {"first": float(candidate.assignment.get("n1", 0)), "macs": -count(candidate.graph).macs}


def made(name: str, space: Space, budget: Budget, seed: int) -> BudgetSampler:
    """A sampler, with features where it can do nothing without, and with a prior where asked."""
    name, _, prior = name.partition(" with a ")
    features = Features(space, widths) if SAMPLERS[name].needs_features else None
    told = Prior.of(space) if prior else None
    return make_sampler(name, space, budget, seed, features=features, prior=told)


def begun(sampler: BudgetSampler) -> optuna.Study:
    return optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)


def step(
    study: optuna.Study, space: Space, budget: Budget, score: Callable[[Candidate], float]
) -> optuna.Trial:
    """One trial, as a worker has it."""
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
    return trial


def run(
    name: str,
    space: Space,
    seed: int,
    trials: int,
    budget: Budget = BUDGET,
    score: Callable[[Candidate], float] = wide_and_shallow,
) -> optuna.Study:
    """A study whose accuracy is made up from the assignment."""
    study = begun(made(name, space, budget, seed))
    for _ in range(trials):
        step(study, space, budget, score)
    return study


@pytest.mark.parametrize("name", CASES)
def test_every_proposal_fits_and_is_new(name: str, space: Space) -> None:
    trials = run(name, space, seed=1, trials=few(name, 40)).trials
    assert all(trial.user_attrs["macs"] <= 1_000_000 for trial in trials)
    prints = [trial.user_attrs["fingerprint"] for trial in trials]
    assert len(set(prints)) == len(prints)
    for trial in trials:
        again = bind(space, trial.params)
        assert again.written() == read_trial(trial).assignment == trial.params
        assert fingerprint(again.graph) == trial.user_attrs["fingerprint"]


@pytest.mark.parametrize("name", CASES)
def test_bands_of_several_costs_are_kept(name: str, space: Space) -> None:
    band = Budget({"macs": 900_000, "params": 4_000}, {"macs": 400_000})
    for trial in run(name, space, 2, few(name, 16), band).trials:
        assert 400_000 <= trial.user_attrs["macs"] <= 900_000
        assert trial.user_attrs["params"] <= 4_000


CONDITIONAL = TINY.replace("body: repeat depth (conv 3x3 8)", "body: repeat depth (conv 3x3 w)")
CONDITIONAL = CONDITIONAL.replace("knob depth = 2 in 1..3", "knob depth = 1 in 0..2")
CONDITIONAL = CONDITIONAL.replace("lever five", "knob w = 8 in 4..12 step 4\nlever five")


@pytest.mark.parametrize("name", CASES)
def test_choices_without_a_part_in_the_net_are_pinned(name: str) -> None:
    space = Text("conditional", CONDITIONAL).space()
    idle = [t for t in run(name, space, 0, few(name, 24)).trials if t.params["depth"] == 0]
    assert all(trial.params["w"] == 8 for trial in idle)


@pytest.mark.parametrize("name", CASES)
def test_a_proposal_that_nobody_got_to_score_is_not_made_again(name: str, space: Space) -> None:
    narrow = Budget({"macs": 800_000})  # so few fit that random draws meet again and again
    study = begun(made(name, space, narrow, seed=1))
    prints = [fingerprint(bind(space, study.ask().relative_params).graph) for _ in range(20)]
    assert len(set(prints)) == 20


@pytest.mark.parametrize("name", CASES)
def test_trials_that_wait_are_respected_among_finished_ones(name: str, space: Space) -> None:
    study = run(name, space, 3, 12)
    asked = [fingerprint(bind(space, study.ask().relative_params).graph) for _ in range(3)]
    told = [trial.user_attrs["fingerprint"] for trial in study.trials[:12]]
    assert len({*asked, *told}) == 15


@pytest.mark.parametrize("name", CASES)
def test_the_seed_decides(name: str, space: Space) -> None:
    first, second, other = (run(name, space, seed, few(name, 20)) for seed in (1, 1, 2))
    assert [t.params for t in first.trials] == [t.params for t in second.trials]
    if name != "screening":  # which looks at a small space as a whole
        assert [t.params for t in first.trials] != [t.params for t in other.trials]


@pytest.mark.parametrize("name", CASES)
def test_any_worker_proposes_the_same(name: str, space: Space) -> None:
    """The same finished trials lead to the same proposal, whoever made the others and when."""
    alone = run(name, space, 4, few(name, 24))
    shared = begun(made(name, space, BUDGET, 4))
    for _ in range(few(name, 24)):
        shared.sampler = made(name, space, BUDGET, 4)  # a process that has only just begun
        step(shared, space, BUDGET, wide_and_shallow)
    assert [t.params for t in shared.trials] == [t.params for t in alone.trials]


@pytest.mark.parametrize("name", CASES)
def test_the_first_trial_is_the_default(name: str, space: Space) -> None:
    roomy = run(name, space, 0, 1, Budget({"macs": 10**9})).trials[0]
    assert roomy.params == bind(space).written()
    tight = run(name, space, 0, 1).trials[0]
    assert 800_000 < tight.user_attrs["macs"] <= 1_000_000
    assert tight.params["five"] == "full"  # knobs give way before levers do


@pytest.mark.parametrize("name", CASES)
def test_a_trial_keeps_its_proposal(name: str, space: Space) -> None:
    study = run(name, space, 0, 10)
    trial = study.ask()
    proposed = dict(trial.relative_params)
    study._storage.set_trial_state_values(trial._trial_id, state=optuna.trial.TrialState.WAITING)
    again = study.ask()
    assert again.number == trial.number
    assert again.relative_params == proposed


@pytest.mark.parametrize("name", CASES)
def test_costs_cover_the_budget(name: str, space: Space) -> None:
    macs = [trial.user_attrs["macs"] for trial in run(name, space, 5, few(name, 24)).trials]
    assert min(macs) < 300_000
    assert max(macs) > 700_000


SMALL = TINY.replace("4..32 step 4", "12..16 step 4").replace("1..3", "2..2")


@pytest.mark.parametrize("name", CASES)
def test_a_small_space_is_tried_to_the_last_net_and_runs_out(name: str) -> None:
    space = Text("small", SMALL).space()
    study = run(name, space, 0, 2 * 2 * 3, Budget({"macs": 10**9}))
    assert len({trial.user_attrs["fingerprint"] for trial in study.trials}) == 12
    with pytest.raises(ExhaustedError, match="nothing new"):
        step(study, space, Budget({"macs": 10**9}), wide_and_shallow)


@pytest.mark.parametrize("name", CASES)
def test_a_space_of_one_lever(name: str) -> None:
    text = TINY.replace("knob n1 = 16 in 4..32 step 4\n", "").replace("conv 1x1 n1", "conv 1x1 16")
    text = text.replace("knob n3 = 16 in 4..32 step 4\n", "").replace("n3", "16")
    text = text.replace("knob depth = 2 in 1..3\n", "").replace("repeat depth", "repeat 2")
    space = Text("one", text).space()
    assert list(space.choices) == ["five"]
    study = run(name, space, 0, 3, Budget({"macs": 10**9}), lambda candidate: 0.5)
    assert {trial.params["five"] for trial in study.trials} == {"full", "stacked", "crossed"}


@pytest.mark.parametrize("name", CASES)
def test_a_single_net_that_fits(name: str, space: Space) -> None:
    least = Feasible(space).cheapest(BUDGET)["macs"][0]
    only = Budget({"macs": int(least)})
    study = run(name, space, 0, 1, only)
    assert study.trials[0].user_attrs["macs"] == least
    with pytest.raises(ExhaustedError, match="nothing new"):
        for _ in range(3):  # of the same macs there may be another
            step(study, space, only, wide_and_shallow)


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

    means = {name: sum(area(name, seed) for seed in range(3)) for name in ("evolution", "random")}
    assert means["evolution"] > means["random"]


def test_an_unknown_sampler(space: Space) -> None:
    with pytest.raises(ExplorerError, match="no sampler is called 'annealing'"):
        make_sampler("annealing", space, BUDGET, 0)


def test_features_are_given_to_those_that_can_use_them(space: Space) -> None:
    with pytest.raises(ExplorerError, match=r"'tpe' has no use for features \(known_cost, scr"):
        make_sampler("tpe", space, BUDGET, 0, features=Features(space, widths))
    with pytest.raises(ExplorerError, match="'screening' needs --features"):
        make_sampler("screening", space, BUDGET, 0)
