"""Samplers on a table of trained nets: run, gone on with, reported, and what limits them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from explorer.budget import Feasible
from explorer.budget.extremes import every
from explorer.cost.batch import decode
from explorer.space.library import find_text
from scripts import benchmark_report, benchmark_samplers, search_limits
from scripts.benchmark_table import arch_of, scores, table
from scripts.replay import Part

SPACE = "nasbench_macro"


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A table in which accuracy grows with macs and with three noisy scores."""
    space = find_text(SPACE, "space").space()
    codes = every(space)
    macs = Feasible(space).counter.count(codes, ("macs",))["macs"].astype(float)
    rng = np.random.default_rng(0)
    size = np.log(macs / macs.mean())
    truth = 88 + 3 * size + rng.normal(0, 0.5, len(macs))
    columns = {
        "acc_run1": truth + rng.normal(0, 0.1, len(macs)),
        "acc_run2": truth + rng.normal(0, 0.1, len(macs)),
        "mean_acc": truth,
        "flops": macs,
    }
    known = {name: truth + rng.normal(0, 1, len(macs)) for name in ("swap", "naswot")}
    known["expressivity"] = truth + rng.normal(0, 1, len(macs))
    archs = [arch_of(space, decode(space, code)) for code in codes.T]
    for name, values in (("nets", columns), ("scores", known)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["arch", *values])
            writer.writerows(zip(archs, *values.values(), strict=True))
    for name in ("TABLE", "SCORES", "SEEN", "FEATURES"):
        monkeypatch.setenv(f"BENCHMARK_{name}", "")  # what scripts set is put back
    table.cache_clear()
    scores.cache_clear()
    given = ["script", SPACE, str(tmp_path / "nets.csv"), "--scores", str(tmp_path / "scores.csv")]
    return [*given, "--budget", "9e7", "--reference", "80"]


def test_what_limits_a_search(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--parts", "1", "--seen", "acc_run1", "acc_run2", "--trials", "6"]
    monkeypatch.setattr("sys.argv", [*words, *more])
    search_limits.main()
    _, _, *lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in text.strip("|").split("|")] for text in lines]
    assert [row[0] for row in rows] == [change.title for change in search_limits.CHANGES]
    assert all(row[1] == "2" and 0 < float(row[2]) <= 1 for row in rows)
    shares = {row[0]: float(row[2]) for row in rows}
    assert max(shares.values()) == shares[search_limits.CHANGES[1].title]  # by the truth
    assert rows[0][3] == ""
    for row in rows[1:]:
        told = float(row[3].split("±")[0])
        assert told == pytest.approx(float(row[2]) - float(rows[0][2]), abs=2e-4)


def test_changes_are_chosen_by_words(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert search_limits.changes_with([""]) == list(search_limits.CHANGES)
    found = [change.title for change in search_limits.changes_with(["unit", "no trial"])]
    assert found[1:] == [
        "the area counts in the unit of the model",
        "no trial counts the area from the worst net",
    ]
    monkeypatch.setattr("sys.argv", [*words, "--only", "unit", "uint"])
    with pytest.raises(SystemExit, match="no change is called 'uint'"):
        search_limits.main()


def test_redrawn_scores_are_as_noisy_as_a_column() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(90, 2, 2000)
    noise = np.where(truth < 90, 0.5, 0.1)
    columns = truth + noise * rng.normal(size=(2, 2000))
    away = search_limits.redrawn(columns, rng) - truth
    assert away[truth < 89.5].std() == pytest.approx(0.5, rel=0.1)
    assert away[truth > 90.5].std() == pytest.approx(0.1, rel=0.1)


def test_parts_of_redrawn_scores_begin_with_the_default(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Part] = []

    def kept(parts: list[Part], *_: object) -> list[str]:
        seen.extend(parts)
        return []

    monkeypatch.setattr(search_limits, "compared", kept)
    more = ["--seen", "acc_run1", "acc_run2", "--parts", "2"]
    monkeypatch.setattr("sys.argv", [*words, *more, "--share", ".9", "--redrawn"])
    search_limits.main()
    space = find_text(SPACE, "space").space()
    defaults = [c.default for c in space.choices.values()]
    for part in seen:
        assert part.first == 0
        assert list(decode(space, part.rows.codes[:, 0]).values()) == defaults
        assert len(np.unique(part.rows.codes, axis=1).T) == len(part.truth)
    assert not np.array_equal(seen[0].seen[:100], seen[1].seen[:100])
    monkeypatch.setattr("sys.argv", [*words, "--redrawn", "--seen", "acc_run1"])
    with pytest.raises(SystemExit):
        search_limits.main()
    assert "--redrawn needs two columns" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--seen", "nope", "acc_run1"], "--seen: no column is called 'nope'; there are: arch,"),
        (["--truth", "nope"], "--truth: no column is called 'nope'"),
        (["--share", ".001"], "--share: a part would have 6 of 6[0-9]* nets; at least 20 are"),
        (["--reference", "999"], "no net of a part is above the accuracy 999"),
        (["--redrawn", "--budget", "4e7"], "--redrawn: the space's default net is over the budget"),
    ],
)
def test_what_is_no_question_is_told_in_a_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch, more: list[str], told: str
) -> None:
    few = ["--parts", "2", "--seen", "acc_run1", "acc_run2"]
    monkeypatch.setattr("sys.argv", [*words, *few, *more])
    with pytest.raises(SystemExit, match=told):
        search_limits.main()


def test_a_benchmark_goes_on_and_is_reported(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "runs.jsonl"
    more = ["--trials", "4", "-o", str(path), "--samplers", "random"]
    for again in (["known_cost+features", "--seeds", "1"], ["--seeds", "2"]):
        monkeypatch.setattr("sys.argv", [*words, *more, *again])
        benchmark_samplers.main()
    runs = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(run["sampler"], run["seed"]) for run in runs] == [
        ("random", 0),
        ("known_cost+features", 0),
        ("random", 1),
    ]
    for run in runs:
        assert len(set(run["archs"])) == 4
        assert run["shares"] == sorted(run["shares"])
        assert 0 < run["shares"][-1] <= 1
    capsys.readouterr()
    figure = tmp_path / "share.svg"
    more = ["--at", "2", "4", "--draw", str(figure)]
    monkeypatch.setattr("sys.argv", ["script", str(path), *more])
    benchmark_report.main()
    assert figure.read_text().startswith("<?xml")
    printed = capsys.readouterr().out
    mean = np.mean([run["shares"][3] for run in runs if run["sampler"] == "random"])
    assert f"| random | 2 | {runs[0]['shares'][1] / 2 + runs[2]['shares'][1] / 2:.3f} [" in printed
    assert f"{mean:.3f} [" in printed
