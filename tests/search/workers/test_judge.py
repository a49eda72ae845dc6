"""Judges: what a worker learns from a function of the user's own, and what a study holds of it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.errors import ExplorerError
from explorer.score import Protocol
from explorer.search import Objective, Settings, create_study, load_study, read_recipe
from explorer.search.settings import OBJECTIVES, settings_from_json
from explorer.search.workers.judge import FunctionJudge, UnscoredError, make_judge
from explorer.space import Candidate, bind
from explorer.space.library import Text
from tests.search.tiny import TINY

TEXT = Text("tiny.space", TINY)


@pytest.fixture
def settings(folder: Path) -> Settings:
    recipe = read_recipe(folder / "studies" / "quick.toml")
    return Settings(TEXT, recipe.budget, recipe.protocol, "d1:0", "evolution", 3)


@pytest.fixture(scope="module")
def candidate() -> Candidate:
    return bind(TEXT.space())


def test_a_score_is_told_and_returned(candidate: Candidate) -> None:
    heard: list[tuple[int, float]] = []
    judge = FunctionJudge(lambda candidate, seed: float(candidate.assignment["n1"]) + seed)
    assert judge.score(candidate, 7, lambda *told: heard.append(told)) == 23
    assert heard == [(1, 23.0)]
    assert judge.screen is None and judge.facts(candidate) == {}


def test_generators_are_seeded_before_each_call(candidate: Candidate) -> None:
    def drawn(candidate: Candidate, seed: int) -> float:
        return random.random() + float(np.random.rand()) + float(torch.rand(1))

    judge = FunctionJudge(drawn)
    first, other, again = (judge.score(candidate, seed, lambda *_: None) for seed in (1, 2**55, 1))
    assert first == again != other


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ValueError("no\nsuch"), "ValueError: no"), (SystemExit(2), "SystemExit: 2"),
     (NotImplementedError(), "NotImplementedError"), (MemoryError("all"), "MemoryError: all")],
)  # fmt: skip
def test_errors_are_the_candidates(
    candidate: Candidate,
    error: BaseException,
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(candidate: Candidate, seed: int) -> float:
        raise error

    with pytest.raises(UnscoredError) as caught:
        FunctionJudge(fail).score(candidate, 0, lambda *_: None)
    assert str(caught.value) == reason
    assert "Traceback" in capsys.readouterr().err


def test_no_number_is_no_score(candidate: Candidate) -> None:
    heard: list[object] = []
    with pytest.raises(UnscoredError, match="the score is nan"):
        FunctionJudge(lambda *_: float("nan")).score(candidate, 0, lambda *told: heard.append(told))
    assert heard == []


def test_being_told_to_leave_is_nobodys_failure(candidate: Candidate) -> None:
    def leave(candidate: Candidate, seed: int) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FunctionJudge(leave).score(candidate, 0, lambda *_: None)


def test_other_data_are_refused(settings: Settings) -> None:
    with pytest.raises(ExplorerError, match="other data than the study was begun with"):
        make_judge(settings, "cpu")


# ---- what a study holds


def test_the_function_is_part_of_the_question(settings: Settings) -> None:
    own = replace(settings, score="tabular:score", objectives=())
    assert settings_from_json(own.to_json(), "here") == own
    assert settings.differences(own) == ["score of trained proxies, not tabular:score"]
    other = replace(own, score="tabular:better")
    assert own.differences(other) == ["score tabular:score, not tabular:better"]
    assert own.differences(replace(own, protocol=Protocol("fashion"))) == []


def test_objectives_bear_the_functions_name(folder: Path, settings: Settings) -> None:
    assert settings.objectives == OBJECTIVES
    for function, name in (("loss", "loss"), ("macs", "score")):
        own = replace(settings, score=f"m:{function}", objectives=())
        assert own.objectives == (Objective(name, "maximize"), OBJECTIVES[1])
        study = create_study(folder / "studies" / function, own, "")
        assert study.inner.metric_names == [name, "macs"]


def test_older_studies_have_no_function(folder: Path, settings: Settings) -> None:
    stored = settings.to_json()
    del stored["score"]
    assert settings_from_json(stored, "here") == settings
    study = create_study(folder / "studies" / "a", settings, "")
    assert load_study(study.folder).settings.score == ""


def test_a_recipe_has_a_function_or_a_protocol(folder: Path) -> None:
    path = folder / "studies" / "quick.toml"
    text = path.read_text()
    path.write_text('score = "tabular:score"\n' + text)
    with pytest.raises(ExplorerError, match="'score' and 'protocol' exclude each other"):
        read_recipe(path)
    path.write_text('score = "tabular:score"\n' + text.partition("[protocol]")[0])
    assert read_recipe(path).score == "tabular:score"
