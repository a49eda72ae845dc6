from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest

from explorer.budget import Budget, Feasible
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.score.rungs import WHOLE
from explorer.search.model.ehvi import Staircase, expected_improvement
from explorer.search.model.warp import improvement_unwarped
from explorer.search.samplers import known_cost
from explorer.search.samplers.history import read_history
from explorer.search.samplers.known_cost import KnownCostSampler, counts_all, reference_accuracy
from explorer.search.samplers.named import make_sampler
from explorer.search.samplers.pool import Pool
from explorer.search.screen import Screen
from explorer.search.workers.facts import facts
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text, find_text
from tests.search.samplers.test_samplers import BUDGET, run
from tests.search.tiny import TINY


@pytest.fixture(scope="module")
def space() -> Space:
    return Text("tiny.space", TINY).space()


def worth(candidate: Candidate) -> float:
    """Made up: width helps by its logarithm, one kind of the convolution by much."""
    n1, n3 = int(candidate.assignment["n1"]), int(candidate.assignment["n3"])
    crossed = candidate.assignment["five"] == "crossed"
    return 0.5 + 0.05 * float(np.log(n1 * n3)) + 0.1 * crossed


def area(study: optuna.Study, limit: int) -> float:
    values = np.array([trial.values for trial in study.trials if trial.values])
    return Staircase.of(values[:, 0], values[:, 1], (0.5, limit)).area


def test_it_finds_what_pays(space: Space) -> None:
    areas = {
        name: np.mean([area(run(name, space, seed, 20, score=worth), 10**6) for seed in range(3)])
        for name in ("known_cost", "random")
    }
    assert areas["known_cost"] > areas["random"]


def test_workers_do_not_ask_for_the_same_region(space: Space) -> None:
    """Of nets that wait, the model believes what it expects: the next lies elsewhere."""
    study = run("known_cost", space, 0, 12, score=worth)
    asked = [bind(space, study.ask().relative_params) for _ in range(6)]
    assert len({fingerprint(candidate.graph) for candidate in asked}) == 6
    assert len({count(candidate.graph).macs for candidate in asked}) >= 5


def test_the_area_counts_from_a_bad_net_but_from_no_expected_disaster() -> None:
    means = np.linspace(-2, 1, 301)
    assert reference_accuracy(means, is_all=False) == pytest.approx(-1.97)
    means[:30] = -40
    assert reference_accuracy(means, is_all=False) == -3
    assert reference_accuracy(means, is_all=True) == -40


@pytest.mark.parametrize("score", [lambda candidate: 0.5, worth])
def test_it_proposes_from_whatever_was_seen(
    space: Space, score: Callable[[Candidate], float]
) -> None:
    """Also where all scores are equal, and there is no unit to count in."""
    study = run("known_cost", space, 0, 8, score=score)
    marks = {fingerprint(bind(space, trial.params).graph) for trial in study.trials}
    assert len(marks) == 8


def test_the_area_counts_in_the_unit_of_the_scores_but_where_all_of_it_counts(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [number for number in range(30) if counts_all(number)] == [16, 20, 24, 28]
    asked: list[str] = []

    def unwarped(*given: np.ndarray) -> np.ndarray:
        asked.append("scores")
        return improvement_unwarped(*given)

    def modelled(*given: np.ndarray) -> np.ndarray:
        asked.append("model")
        return expected_improvement(*given)

    monkeypatch.setattr(known_cost, "improvement_unwarped", unwarped)
    monkeypatch.setattr(known_cost, "expected_improvement", modelled)
    study = run("known_cost", space, 0, 15, score=worth)
    assert set(asked) == {"scores"}
    for number, unit in ((15, "scores"), (16, "model"), (17, "scores")):  # one with all of it
        asked.clear()
        trial = study.ask()
        assert trial.number == number
        assert trial.relative_params
        assert set(asked) == {unit}


def test_a_failed_trial_counts_as_a_bad_one(space: Space) -> None:
    study = run("known_cost", space, 0, 10, score=worth)
    trial = study.ask()
    candidate = bind(space, trial.relative_params)
    for key, value in facts(candidate, BUDGET).items():
        trial.set_user_attr(key, value)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)
    sampler = study.sampler
    assert isinstance(sampler, KnownCostSampler)
    history = read_history(study.trials, sampler.ground, WHOLE)
    assert len(history.rows) == len(history.accuracies) == 11
    assert history.accuracies[10] <= np.quantile(history.accuracies[:10], 0.06)


def test_scores_decide_among_the_most_promising(space: Space) -> None:
    """Scores that are the truth are worth more than none; the opening asks for none."""
    measured: list[str] = []

    def truth(candidate: Candidate) -> dict[str, float]:
        measured.append(fingerprint(candidate.graph))
        return dict.fromkeys(("swap", "naswot", "expressivity"), worth(candidate))

    study = optuna.create_study(
        directions=["maximize", "minimize"],
        sampler=make_sampler("known_cost", space, BUDGET, 0, screen=Screen(truth)),
    )
    for number in range(10):
        before = len(measured)
        trial = study.ask()
        candidate = bind(space, trial.relative_params)
        asked = len(measured) - before
        assert asked == 0 if number < 5 else asked <= KnownCostSampler.shortlist
        for key, value in facts(candidate, BUDGET).items():
            trial.set_user_attr(key, value)
        trial.set_user_attr("free", truth(candidate))
        trial.set_user_attr("curve", [worth(candidate)])
        study.tell(trial, (worth(candidate), count(candidate.graph).macs))
    plain = run("known_cost", space, 0, 10, score=worth)
    assert area(study, 10**6) > area(plain, 10**6)
    assert len(measured) > 10 + KnownCostSampler.shortlist


def test_the_pool_fits(space: Space) -> None:
    """Of a space too large to be listed: random nets, and relatives of some."""
    budget, rng = Budget({"macs": 1_500_000_000}), np.random.default_rng(0)
    feasible = Feasible(find_text("inception").space())
    pool = Pool(feasible, budget, (Budget({"macs": 900_000_000}),), 0)
    assert not pool.is_whole
    assert feasible.fits(budget, pool.spread).all()
    parents = pool.typical[:, :5]
    for made in (pool.mutants(parents, 50, rng), pool.children(parents, 50, rng)):
        assert made.shape[1] > 10
        assert feasible.fits(budget, made).all()
    near = pool.neighbours(parents[:, :1], 50, rng)
    assert ((near != parents[:, :1]).sum(axis=0) <= 1).all()
    assert Pool(Feasible(space), BUDGET, (), 0).is_whole
