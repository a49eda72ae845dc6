"""Whole searches against the clock, and what is made of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import equal_time, equal_time_report
from scripts.equal_time import fronts
from scripts.equal_time_report import Search, Table
from scripts.fidelity import read, write


def row(seed: int, seconds: float, macs: int, accuracy: float) -> dict[str, object]:
    mark = f"{macs} {accuracy}"
    return {
        "sampler": "random", "seed": seed, "number": 0, "seconds": seconds, "macs": macs,
        "accuracy": accuracy, "fingerprint": mark, "assignment": "{}",
    }  # fmt: skip


def test_the_area_grows_as_trials_become_known(tmp_path: Path) -> None:
    rows = [row(0, 30, 10**9, 0.5), row(0, 90, 5 * 10**8, 0.5), row(1, 60, 10**9, 0.4)]
    write(tmp_path / "trials.csv", rows)
    table = Table(tmp_path)
    assert table.reference == (0.4, 1.5e9)
    found = table.shares(Search("random", 0), [0, 0.4, 1, 2])
    assert found.tolist() == pytest.approx([0, 0, 0.5, 1])
    assert table.shares(Search("random", 1), [2]).tolist() == [0]
    assert table.judged(Search("random", 0)) is None
    write(
        tmp_path / "again.csv",
        [{"fingerprint": "500000000 0.5", "repeat": n, "accuracy": 0.44 + n / 50} for n in (0, 1)],
    )
    assert Table(tmp_path).judged(Search("random", 0)) == pytest.approx(0.5)


def test_a_front_is_of_one_search(tmp_path: Path) -> None:
    write(tmp_path / "trials.csv", [row(0, 1, 10, 0.5), row(0, 1, 20, 0.4), row(1, 1, 20, 0.4)])
    assert [(r["seed"], r["macs"]) for r in fronts(read(tmp_path / "trials.csv"))] == [
        ("0", "10"),
        ("1", "20"),
    ]


def test_searches_by_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = folder / "studies" / "quick.toml"
    text = recipe.read_text("utf-8").replace('"tiny.space"', f'"{folder / "tiny.space"}"')
    recipe.write_text(text, encoding="utf-8")
    monkeypatch.setattr(equal_time, "ENDLESS", 3)
    for module in (equal_time, equal_time_report):
        monkeypatch.setattr(module, "RECIPE", recipe)

    def run(module: object, *more: str) -> None:
        monkeypatch.setattr(sys, "argv", ["command", "found", *more])
        module.main()  # type: ignore[attr-defined]

    asked = ["--data", "tiny.npz", "--samplers", "random", "--seeds", "1", "--minutes", "5"]
    run(equal_time, *asked, "--workers", "1")
    rows = read(folder / "found" / "trials.csv")
    assert len(rows) == 3 and all(0 < float(r["seconds"]) < 300 for r in rows)
    run(equal_time, *asked)  # there is nothing left to do
    assert read(folder / "found" / "trials.csv") == rows
    run(equal_time, "--data", "tiny.npz", "--again", "1")
    capsys.readouterr()
    run(equal_time_report, "--at", "1", "5", "--write")
    assert "| `random` |" in capsys.readouterr().out
    assert (folder / "found" / "area.svg").is_file()
