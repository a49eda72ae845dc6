"""The comparison of searches with and without a start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from explorer.cost import count
from explorer.data import load
from explorer.search import load_study
from explorer.space import bind
from explorer.space.library import Text
from scripts import start_gain
from scripts.start_gain import ARMS, Run, Scored, Table, inception_at, report

NET = """net small
input 3x12x12  classes 3
default conv same norm=batch act=relu
stem: conv 3x3 4
a: [ conv 1x1 4 | conv 3x3 4 ]
b: [ conv 1x1 4 | conv 3x3 4 ]
head: avgpool global > linear classes
"""


def test_areas_are_seen_from_the_lowest_score_and_the_budget() -> None:
    runs = {
        Run("start", 0): [Scored(500, 0.6), Scored(500, 0.8)],
        Run("inception", 0): [Scored(1_000, 0.4), Scored(750, 0.6)],
    }
    table = Table(runs, 1_000)
    assert table.reference == (0.4, 1_000)
    assert table.shares(runs[Run("start", 0)]).tolist() == pytest.approx([0.5, 1])
    assert table.shares(runs[Run("inception", 0)]).tolist() == pytest.approx([0, 0.25])
    lines = list(report(table))
    assert lines[0] == "| arm | area after 1 | area after 2 | best score |"
    assert lines[2] == "| `start` | 0.500 (0.500) | 1.000 (1.000) | 0.800 (0.800) |"


def test_inception_is_counted_at_the_size_of_the_data() -> None:
    space = Text("small.space", inception_at(load("fashion"))).space()
    graph = bind(space).graph
    assert str(graph.input) == "1x28x28"
    assert graph.classes == 10
    assert 10**6 < count(graph).macs < 2 * 10**7


@pytest.mark.slow
def test_three_arms_by_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (folder / "small.net").write_text(NET)
    options = ["--start", "small.net", "--data", "tiny.npz", "--seeds", "1", "--images", "60"]
    command = ["command", "found", *options, "--epochs", "1", "--budget", "1e6"]
    monkeypatch.setattr(sys, "argv", [*command, "--trials", "2"])
    start_gain.main()
    told = capsys.readouterr().out
    assert all(f"| `{arm}` |" in told for arm in ARMS)
    assert (folder / "found" / "area.svg").is_file()
    studies = [load_study(folder / "found" / "studies" / f"{arm}-0") for arm in ARMS]
    assert [study.settings.prior for study in studies] == [False, True, False]
    assert {len(study.record().complete) for study in studies} == {2}
    monkeypatch.setattr(sys, "argv", ["command", "found", "--trials", "0"])
    start_gain.main()
    assert told.endswith(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "a search needs --start and --data"),
        (["--start", "nowhere.net", "--data", "fashion"], "no file and no shipped net"),
        (["--start", "googlenet", "--data", "nowhere.npz"], "is neither shipped nor a path"),
        (["--trials", "0"], "holds no search"),
    ],
)
def test_what_is_missing_is_said_in_a_line(
    options: list[str], words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["command", "found", *options])
    with pytest.raises(SystemExit) as ended:
        start_gain.main()
    told = f"{ended.value}{capsys.readouterr().err}"
    assert words in told
    assert not (tmp_path / "found").exists()
