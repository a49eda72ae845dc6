"""Searches that start from a net, and the prior around it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.around import around
from explorer.budget import Budget, Prior
from explorer.cli.main import main
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.score import Protocol
from explorer.search import load_study, read_recipe
from explorer.search.samplers.known_cost import KnownCostSampler
from explorer.search.samplers.named import make_sampler
from explorer.search.samplers.view import Leaning
from explorer.search.settings import Settings, settings_from_json
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text
from tests.around.test_around import BUILT
from tests.search.samplers.test_samplers import begun, step

RECIPE = """{space}
sampler = "known_cost"
seed = 3
trials = 3
workers = 1
score = "mine:score"
"""
SCORE = """
def score(candidate, seed):
    \"\"\"Made up: deeper is better.\"\"\"
    return len(candidate.graph.nodes) / 1000
"""


@pytest.fixture(scope="module")
def space() -> Space:
    return around(Text("built.net", BUILT)).space()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[2]}:{tmp_path}")
    (tmp_path / "built.net").write_text(BUILT)
    (tmp_path / "mine.py").write_text(SCORE)
    (tmp_path / "studies").mkdir()
    return tmp_path


def recipe(place: Path, space: str) -> Path:
    path = place / "studies" / "own.toml"
    path.write_text(RECIPE.format(space=space))
    return path


# ---- the prior in known_cost


def test_a_prior_fades_with_trials(space: Space) -> None:
    counter = KnownCostSampler(space, Budget({"macs": 10**7}), 0).feasible.counter
    codes = np.array([[0] * len(space.choices)], np.int16).T
    after = [Leaning.after(Prior.of(space), counter, trials) for trials in (5, 50, 5_000)]
    weights = [float(each.weights(codes)[0]) for each in after if each]
    assert weights[0] == pytest.approx(weights[1] ** 10)
    assert weights[0] < weights[1] < weights[2] and weights[2] > 0.97


def test_the_prior_keeps_early_trials_near_the_net_and_lets_go(space: Space) -> None:
    """A score that says nothing: where known_cost looks is then the prior's doing."""
    budget = Budget({"macs": 4_000_000})
    nearness = {}
    for prior in (Prior.of(space), None):
        sampler = make_sampler("known_cost", space, budget, 0, prior=prior)
        study = begun(sampler)
        for _ in range(14):
            step(study, space, budget, lambda candidate: 0.5)
        told = [dict(trial.params) for trial in study.trials[1:]]
        factors = [abs(np.log(_number(v))) for t in told for n, v in t.items() if _is_width(n)]
        nearness[prior is not None] = float(np.mean(factors))
    assert nearness[True] < 0.8 * nearness[False]


def _number(value: object) -> float:
    top, _, bottom = str(value).partition("/")
    return float(top) / float(bottom or 1)


def _is_width(name: str) -> bool:
    return not name.startswith(("form", "depth"))


def test_a_good_start_helps_and_a_bad_one_is_left(space: Space) -> None:
    """The best net is known: at the start, or far from it."""

    def score_near(target: dict[str, float]) -> float:
        def score(candidate: Candidate) -> float:
            miss = [
                (np.log(float(candidate.assignment[name])) - np.log(value)) ** 2
                for name, value in target.items()
            ]
            return float(np.exp(-sum(miss)))

        budget, best = Budget({"macs": 10**8}), []
        sampler = make_sampler("known_cost", space, budget, 1, prior=Prior.of(space))
        study = begun(sampler)
        for _ in range(30):
            step(study, space, budget, score)
            best.append(study.trials[-1].values[0])
        return max(best)

    assert score_near({"three_28": 1.0, "one_14": 1.0}) == 1
    assert score_near({"three_28": 2.0, "one_14": 0.5}) > 0.9


# ---- settings and recipes


def test_studies_without_a_word_of_priors_have_none() -> None:
    text, budget = Text("built.net", BUILT), Budget({"macs": 10**6})
    stored = Settings(text, budget, Protocol(), "d1:0", "known_cost", 0, prior=True)
    assert settings_from_json(stored.to_json(), "here") == stored
    values = json.loads(json.dumps(stored.to_json()))
    del values["prior"]
    older = settings_from_json(values, "here")
    assert not older.prior
    assert older.differences(stored) == ["prior none, not around the defaults"]


def _quick(place: Path) -> list[str]:
    recipe(place, 'space = "inception"\nbudget = "1e6"')
    return ["--trials", "3"]


def test_a_recipe_starts_from_a_net(place: Path) -> None:
    found = read_recipe(recipe(place, 'start = "built.net"'))
    assert (found.start, found.space, found.prior) == ("built.net", "", False)
    own = count(bind(Text("built.net", BUILT).space()).graph).macs
    assert found.budget == Budget({"macs": own})
    with_one = read_recipe(recipe(place, 'start = "built.net"\nprior = true\nbudget = "2e6"'))
    assert (with_one.prior, with_one.budget) == (True, Budget({"macs": 2_000_000}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('start = "built.net"\nspace = "inception"', "'space' and 'start' exclude each other"),
        ('space = "inception"\nbudget = "1e9"\nprior = true', "goes with 'start'"),
        ('start = "built.net"\nprior = "no"', "'prior' is true or false"),
        ('space = "inception"', "'budget' is missing"),
    ],
)
def test_recipes_that_are_refused(
    place: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe(place, text)
    assert main(["search", "--study", "own"]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


# ---- the command


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--prior"]])
def test_trial_0_is_the_net(
    place: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["search", "--start", "built.net", "--study", "own", *options, *_quick(place)]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert "starting from built.net, which is trial 0; its own macs are the budget" in told
    study = load_study(place / "studies" / "own")
    own = bind(Text("built.net", BUILT).space()).graph
    first, *others = study.record().complete
    assert first.fingerprint == fingerprint(own)
    assert study.settings.budget.macs == first.cost.macs
    assert all(trial.cost.macs <= first.cost.macs for trial in others)
    assert study.settings.prior is bool(options)
    assert main([*command, "--trials", "4"]) == 0  # it goes on
    assert "going on: 3 candidates" in capsys.readouterr().out


@pytest.mark.slow
def test_a_net_over_the_budget_is_brought_into_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["search", "--start", "built.net", "--budget", "2e6", "--study", "own"]
    assert main([*command, *_quick(place)]) == 0
    assert "brought into the budget for trial 0" in capsys.readouterr().out
    assert load_study(place / "studies" / "own").record().complete[0].cost.macs <= 2_000_000


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["inception", "--start", "built.net"], 2, "SPACE and --start exclude each other"),
        (["--prior"], 2, "--prior: goes with --start"),
        (["--start", ""], 1, "--start: write a shipped name or the path of a net"),
        (["--start", "nowhere.net"], 1, "no file and no shipped net"),
        (["--start", "inception"], 1, "'inception' is a space already"),
        (["--start", "built.net", "--budget", "10"], 1, "has no net within 10 macs"),
    ],
)
def test_what_is_refused_in_a_line(
    place: Path, options: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", *options]) == code
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_open_writes_the_space(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["open", "built.net", "-o", "made/built.space"]) == 0
    assert "15 choices" in capsys.readouterr().out
    assert main(["open", "built.net"]) == 0
    assert capsys.readouterr().out == (place / "made" / "built.space").read_text()
    assert main(["fmt", "--check", "made/built.space"]) == 0
    assert main(["open", "built.net", "-o", "built.net"]) == 1
    assert "a space's file is called *.space" in capsys.readouterr().err
