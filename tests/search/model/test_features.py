"""Features of nets: asked of the user's function, looked at by the samplers that can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.budget import Budget, Feasible
from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.score import Protocol
from explorer.search import Settings
from explorer.search.model.blend import Blend, BlendedSurrogate, _share
from explorer.search.model.encoding import Encoding
from explorer.search.model.features import Features, Panel, RankScale, load_features
from explorer.search.model.surrogate import Surrogate, trend_unit
from explorer.search.model.warp import warped
from explorer.search.samplers.ground import Ground
from explorer.search.samplers.known_cost import KnownCostSampler
from explorer.search.samplers.named import make_sampler
from explorer.search.samplers.pool import Pool
from explorer.search.settings import settings_from_json
from explorer.space import Candidate, Space
from explorer.space.library import Text, find_text
from tests.search.samplers.test_known_cost import area, worth
from tests.search.samplers.test_samplers import BUDGET, begun, run, step
from tests.search.tiny import TINY

LARGE = Budget({"macs": 1_500_000_000})


@pytest.fixture(scope="module")
def space() -> Space:
    return Text("tiny.space", TINY).space()


def params(candidate: Candidate) -> dict[str, float]:
    return {"params": float(count(candidate.graph).params)}


def searched(space: Space, features: Callable[[Candidate], Any], trials: int) -> float:
    found = Features(space, features)
    study = begun(make_sampler("known_cost", space, BUDGET, 0, features=found))
    for _ in range(trials):
        step(study, space, BUDGET, worth)
    return area(study, 10**6)


def test_true_features_pay_from_the_second_trial_on(space: Space) -> None:
    plain = area(run("known_cost", space, 0, 7, score=worth), 10**6)
    assert searched(space, lambda candidate: {"truth": worth(candidate)}, 7) > plain


def test_wrong_features_are_overruled(space: Space) -> None:
    rng = np.random.default_rng(0)
    random = area(run("random", space, 0, 24, score=worth), 10**6)
    assert searched(space, lambda candidate: {"lie": -worth(candidate)}, 24) > random
    assert searched(space, lambda candidate: {"noise": rng.random()}, 24) > random


def test_a_feature_is_asked_of_each_net_once(space: Space) -> None:
    asked: list[str] = []

    def noted(candidate: Candidate) -> dict[str, float]:
        asked.append(str(candidate.written()))
        return {"n1": float(candidate.assignment["n1"])}

    searched(space, noted, 6)
    again = len(asked) - len(set(asked))
    assert again <= 1  # the default, for the names


def test_the_pool_of_a_large_space_is_measured_and_others_are_guessed() -> None:
    space = find_text("inception").space()
    feasible = Feasible(space)
    rng = np.random.default_rng(0)
    codes = feasible.draw(LARGE, 80, rng)
    values = Encoding(feasible, codes).rows(codes).values
    panel = Panel(Features(space, params), codes[:, :60], values[:60])
    guessed, known = panel.guessed(values[60:]), panel.columns(codes[:, 60:])
    assert np.corrcoef(guessed[:, 0], known[:, 0])[0, 1] > 0.8


def test_proposals_outside_a_listed_pool_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.search.samplers.pool._RANDOM", 24)
    monkeypatch.setattr("explorer.search.samplers.pool._CHEAPER", 8)
    space = find_text("inception").space()
    asked: list[Candidate] = []

    def noted(candidate: Candidate) -> dict[str, float | None]:
        asked.append(candidate)
        return {**params(candidate), "none": None}

    sampler = make_sampler("known_cost", space, LARGE, 0, features=Features(space, noted))
    study = begun(sampler)
    for _ in range(3):
        step(study, space, LARGE, lambda candidate: params(candidate)["params"])
    assert isinstance(sampler, KnownCostSampler)
    ground = sampler.ground
    assert not ground.pool.is_whole and ground.features == 2
    assert 24 < len(asked) <= 1 + len(ground.spread) + 24 + 2 * 32 + 3
    assert study.trials[2].values[0] > np.median([params(c)["params"] for c in asked[1:25]])


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda candidate: 1.0, "a mapping of names to numbers is needed, not of type float"),
        (lambda candidate: {"a": "high"}, "'a' is of type str, not a number"),
        (lambda candidate: {"a": [1, 2]}, "'a' is of type list, not a number"),
        (lambda candidate: {}, "it knows no feature of the space's default net"),
        (lambda candidate: 1 / 0, "features 'mine:f': ZeroDivisionError: division by zero"),
        (
            lambda candidate: {"a" if candidate.assignment["n1"] == 16 else "b": 1.0},
            "one net has the features b, others a",
        ),
    ],
)
def test_what_is_no_feature_is_told_in_a_line(
    space: Space, function: Callable[[Candidate], Any], said: str
) -> None:
    with pytest.raises(ExplorerError) as caught:
        Features(space, function, "mine:f").table(Pool(Feasible(space), BUDGET, (), 0).spread)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_feature_function_takes_a_candidate(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_features("", space) is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_features.py").write_text("def two(candidate, seed):\n    return {}\n")
    with pytest.raises(ExplorerError, match="features 'own_features:two': it is called with a can"):
        load_features("own_features:two", space)


def test_ranks_have_the_scale_of_the_pool() -> None:
    table = np.array([[1.0, np.nan], [2.0, np.nan], [2.0, np.nan], [5.0, np.nan]])
    scale = RankScale(table)
    found = scale(np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.5, 4.0], [9.0, 5.0]]))
    assert np.all(np.diff(found[:, 0]) >= 0) and found[0, 0] == found[1, 0]
    assert found[4, 0] == -found[0, 0]
    assert np.all(found[:, 1] == 0)  # of which nothing is known
    assert scale(np.array([[np.nan, np.nan]]))[0, 0] == 0


def test_the_unit_of_a_trend() -> None:
    trend = np.linspace(-1, 1, 30)
    middle, unit = trend_unit(trend, 5 + 3 * trend, 1e-4 * np.eye(30))
    assert middle == pytest.approx(5, abs=0.01) and unit == pytest.approx(3, rel=0.01)
    assert trend_unit(trend, 5 - 3 * trend, np.eye(30))[1] > 0
    assert trend_unit(trend[:1], np.array([2.0]), np.eye(1)) == (3.0, 1.0)
    assert trend_unit(trend[:3], np.full(3, 2.0), np.eye(3)) == (2.0, 1.0)


def test_before_any_trial_features_and_macs_are_what_is_believed(space: Space) -> None:
    features = Features(space, lambda c: {"n1": float(c.assignment["n1"])})
    ground = Ground(Pool(Feasible(space), BUDGET, (), 0), features)
    surrogate = Surrogate(ground.encoding, features=ground.features)
    means, deviations = surrogate.learn(ground.spread.values[:0], np.zeros(0)).predict(
        ground.spread.values
    )
    macs, feature = (
        ground.spread.values[:, ground.encoding.costs.start],
        ground.spread.values[:, -1],
    )
    assert np.allclose(means, macs / 6 + feature * 5 / 6)
    assert np.all(deviations > 0.1)


def test_features_are_part_of_the_question(space: Space) -> None:
    settings = Settings(
        Text("tiny.space", TINY), BUDGET, Protocol(), "", "known_cost", 0,
        score="a:b", features="a:c",
    )  # fmt: skip
    stored = settings.to_json()
    assert settings_from_json(stored, "here") == settings
    del stored["features"]  # of an older study
    older = settings_from_json(stored, "here")
    assert older.features == ""
    assert older.differences(settings) == ["features none, not a:c"]


def test_features_have_the_share_that_their_predictions_earn(space: Space) -> None:
    def share(value: Callable[[Candidate], float], rng: np.random.Generator) -> float:
        ground = Ground(
            Pool(Feasible(space), BUDGET, (), 0),
            Features(space, lambda candidate: {"it": value(candidate)}),
        )
        rows = ground.spread.of(rng.permutation(len(ground.spread))[:14])
        truth = np.array([worth(ground.bound(codes)) for codes in rows.codes.T])
        belief = BlendedSurrogate(ground.encoding, 1).learn(rows.values, warped(truth))
        means, deviations = belief.believing(rows.values[:2]).predict(ground.spread.values)
        assert np.isfinite(means).all() and np.all(deviations > 0)
        return belief.share if isinstance(belief, Blend) else 1.0

    seeds = [np.random.default_rng(seed) for seed in range(1, 4)]
    assert [share(worth, rng) for rng in seeds] == [1, 1, 1]
    assert np.mean([share(lambda _, rng=rng: rng.random(), rng) for rng in seeds]) < 2 / 3  # type: ignore[misc]
    assert _share(0.0) == pytest.approx(2 / 3)
    assert _share(-10.0) == 0
    assert _share(10.0) == 1
