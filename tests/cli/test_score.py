"""`explorer score`: every score for given nets, on the same images; the reliability of a study."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import optuna
import pytest

from explorer.cli import main
from explorer.score.free import FREE_SCORES
from explorer.search import StudyRecord, create_study
from tests.report.studies import FACTS, measured, searched, study

NET = """net {name}
input 3x64x64  classes 1000
x: conv 3x3 {n} norm=batch act=relu > maxpool 2x2/2 valid > conv 3x3 8 norm=batch act=relu
y: avgpool global > linear classes
"""
LARGE = """net large
input 3x64x64  classes 1000
x: conv 3x3/2 4 valid act=relu > conv 33x33 4 valid act=relu > avgpool global > linear classes
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, n in (("narrow", 4), ("wide", 16)):
        (tmp_path / f"{name}.net").write_text(NET.format(name=name, n=n))
    (tmp_path / "large.net").write_text(LARGE)
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    np.savez(
        tmp_path / "data.npz",
        train_images=rng.integers(0, 255, (40, 16, 16, 3), dtype=np.uint8),
        train_labels=labels,
        test_images=rng.integers(0, 255, (8, 16, 16, 3), dtype=np.uint8),
        test_labels=labels[:8],
    )
    return tmp_path


def run(folder: Path, *words: str, nets: tuple[str, ...] = ("narrow", "wide")) -> int:
    paths = [str(folder / f"{name}.net") for name in nets]
    return main(["score", *paths, "--data", str(folder / "data.npz"), "--batch", "8", *words])


def test_a_table_of_all_scores(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert " ".join(rows[0]).startswith("input 3x16x16 · 8 images of")
    assert rows[1][:3] == ["score", "narrow", "wide"]
    assert [row[0] for row in rows[2 : 2 + len(FREE_SCORES)]] == list(FREE_SCORES)
    assert any(row[:3] == ["place", "2", "1"] for row in rows)


def test_json_and_its_seed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for seed in ("3", "3", "4"):
        assert run(folder, "--json", "--seed", seed) == 0
        found.append(json.loads(capsys.readouterr().out))
    first, second, other = (each["nets"][0] for each in found)
    assert first["scores"] == second["scores"] != other["scores"]
    assert set(first["scores"]) == set(FREE_SCORES)
    assert (found[0]["input"], found[0]["batch"], found[0]["seed"]) == ([3, 16, 16], 8, 3)
    assert set(first["seconds"]) == {score.probe.__name__ for score in FREE_SCORES.values()}


def test_images_grow_until_every_net_takes_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--json", nets=("narrow", "large")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["input"] == [3, 96, 96]
    assert run(folder, "--json", "--input", "3x20x20") == 0
    assert json.loads(capsys.readouterr().out)["input"] == [3, 20, 20]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--batch", "1"), "--batch: two images"),
        (("--seed", "-1"), "--seed: a whole number"),
        (("--input", "3x16x20"), "--input: images can be brought to squares"),
        (("--input", "1x16x16"), "has images of 3x16x16"),
        (("--scores", "swop"), "--scores: no score is called 'swop' (allowed: swap, naswot, "),
    ],
)
def test_what_cannot_be(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *words) == 1
    assert said in capsys.readouterr().err


def test_a_size_that_is_too_small_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--input", "3x16x16", nets=("large",)) == 1
    assert "large.net" in capsys.readouterr().err


def test_some_scores_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--json", "--scores", "macs", "swap") == 0
    net = json.loads(capsys.readouterr().out)["nets"][0]
    assert list(net["scores"]) == ["swap", "macs"]
    assert run(folder, "--scores", "macs", "swap") == 0
    said = capsys.readouterr().out
    assert "zen" not in said and "place" not in said


# ---- a study


def stored(record: StudyRecord, folder: Path) -> str:
    """Write a study as a search does; returns its folder."""
    made = create_study(folder, record.settings, record.command, FACTS)
    distributions: dict[str, optuna.distributions.BaseDistribution] = {}
    for trial in record.trials:
        attributes = {
            **trial.cost._asdict(),
            "assignment": dict(trial.assignment),
            "curve": list(trial.curve),
            "repeats": list(trial.repeats),
            "free": dict(trial.free),
        }
        values = [trial.accuracy, trial.cost.macs]
        made.inner.add_trial(
            optuna.trial.create_trial(
                values=values, params={}, distributions=distributions, user_attrs=attributes
            )
        )
    return str(folder)


def test_a_study_says_how_far_its_scores_can_be_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stored(measured(12), tmp_path / "mine")
    assert main(["score", path]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("mine · how far to trust the scores")
    assert "6 of the 12 complete trials were trained a second time" in said
    rows = ("macs 0.", "swap 0.", "combined 0.", "epoch 2 0.")
    assert all(row in said for row in rows)
    assert "On this front a difference below" in said


def test_a_study_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", stored(measured(12), tmp_path / "mine"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["study"], found["complete"], found["trained_twice"]) == ("mine", 12, 6)
    assert found["noise_between_seeds"]["pairs"] == 6
    first = found["rank_correlations"][0]
    assert first["name"] == "macs" and set(first["kendall"]) == {"value", "low", "high"}
    assert found["ceiling"]["retrained"]["value"] < found["ceiling"]["perfect"]["value"]
    assert found["front"]["limit"] > 0 and len(found["in_words"]) == 2


@pytest.mark.parametrize("record", [searched(3), study([])], ids=["no repeats", "no trials"])
def test_a_study_that_knows_little(
    record: StudyRecord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stored(record, tmp_path / "mine")
    assert main(["score", path]) == 0
    said = capsys.readouterr().out
    assert "not measured" in said or "There is no score to trust yet." in said
    assert main(["score", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["noise_between_seeds"] is None and found["rank_correlations"] == []


@pytest.mark.parametrize(
    ("words", "option"),
    [(["--scores", "swap"], "--scores"), (["--seed", "0"], "--seed"), (["--set", "a=1"], "--set")],
)
def test_options_of_nets_are_not_of_studies(
    words: list[str], option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stored(study([]), tmp_path / "mine")
    assert main(["score", path, *words]) == 1
    assert f"{option}: is for nets, and '{path}' is a study" in capsys.readouterr().err


def test_a_study_goes_before_a_shipped_net_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    stored(study([]), tmp_path / "studies" / "googlenet")
    assert main(["score", "googlenet"]) == 0
    assert "no score to trust yet" in capsys.readouterr().out
    assert main(["score", "nothing-of-this-name"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "nothing-of-this-name" in lines[0]
