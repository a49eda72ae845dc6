"""`explorer score`: every score for given nets, on the same images."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import main
from explorer.score.free import FREE_SCORES

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
