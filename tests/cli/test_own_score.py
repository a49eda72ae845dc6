"""`--score` at the command line: what is refused, and what the terminal shows."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from explorer.cli import main
from explorer.cli.live import front_table, line, picture, watch
from explorer.report.unit import unit_of
from explorer.score.rungs import Rungs
from explorer.search import Effort, Reference, StudyRecord
from tests.cli.test_score import stored
from tests.report.studies import measured, settings, study, trial
from tests.report.test_own_scores import own, scored


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    text = 'space = "mbconv"\nbudget = "3e8"\nscore = "nowhere:score"\nsampler = "random"\n'
    (tmp_path / "studies" / "mine.toml").write_text(f"{text}seed = 0\ntrials = 2\nworkers = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--score", "a:b", "--data", "fashion"], 2, "--data: 'a:b' scores the candidates"),
        (["--study", "mine", "--data", "fashion"], 2, "--data: 'nowhere:score' scores"),
        (["--study", "mine"], 1, "score 'nowhere:score': there is no module 'nowhere'"),
        (["--score", ""], 1, "--score: write MODULE:FUNCTION"),
        (["--score", "a.b"], 1, "score 'a.b': write MODULE:FUNCTION"),
        (["--score", "json:dump_it"], 1, "has no 'dump_it'"),
        (["--score", "json:__doc__"], 1, "a function is needed, and this is of type str"),
    ],
)
def test_what_cannot_score_is_refused_before_anything_is_written(
    folder: Path, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", *words]) == code
    found = capsys.readouterr().err
    assert found.startswith("explorer: ") and said in found and found.count("\n") == 1
    assert sorted(path.name for path in folder.rglob("*")) == ["mine.toml", "studies"]


def test_there_is_no_proxy_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = stored(scored(measured(4)), tmp_path / "mine")
    assert main(["export", path, "--proxy", "-o", str(tmp_path / "net.py")]) == 1
    said = capsys.readouterr().err
    assert said == "explorer: --proxy: 'mine' has none; 'tables:loss' scored its candidates\n"
    assert main(["export", path, "-o", str(tmp_path / "net.py")]) == 0


def test_a_study_says_how_far_its_scores_can_be_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stored(scored(measured(12)), tmp_path / "mine")
    assert main(["score", path]) == 0
    said = capsys.readouterr().out
    assert "were scored a second time" in said
    assert " points" not in said and "images right" not in said
    assert main(["report", path, "-o", str(tmp_path / "report")]) == 0
    assert "index.html" in capsys.readouterr().out


# ---- the search as it runs


def drawn(*things: object) -> list[str]:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(*things)
    return capture.get().splitlines()


@pytest.mark.parametrize("scale", [-100.0, -3e-8, -2e7, 5.0])
def test_the_picture_has_room_for_its_labels(scale: float) -> None:
    record = scored(measured(12), scale)
    record = replace(record, reference=Reference("small", record.trials[0].cost, scale / 2))
    shown = drawn(picture(record))
    assert "loss over macs" in shown[0]
    assert len({len(row) for row in shown}) == 1
    assert len(shown) == 14 + 1 + 2  # rows, the axis, the frame: no line was broken


def test_the_picture_of_accuracies_is_as_wide_as_ever() -> None:
    assert {len(row) for row in drawn(picture(measured(12)))} == {76}


def test_equal_scores_can_be_drawn() -> None:
    asked = own(settings())
    drawn(picture(study([trial(asked, n, 0.0) for n in range(2)], asked)))


def test_lines_and_the_table_name_the_score() -> None:
    record = scored(measured(4))
    first = record.trials[0]
    assert f"loss {first.accuracy:.5g}  12 s" in line(first, unit_of(record.settings))
    assert "accuracy 0." in line(measured(4).trials[0])
    assert drawn(front_table(record))[0].split()[:3] == ["trial", "loss", "macs"]


def test_a_line_says_who_got_to_which_rung() -> None:
    waited = replace(measured(4).trials[3], candidate=1, rung=1)
    assert line(waited, rungs=Rungs((1, 2, 4))).startswith(
        "trial   3  candidate   1 at rung 2 of 3"
    )
    failed = replace(waited, state="failed", reason="out of memory")
    assert "candidate   1 at rung 2 of 3" in line(failed, rungs=Rungs((1, 2, 4)))
    assert "rung" not in line(waited)


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_search_is_watched(is_terminal: bool) -> None:
    record: StudyRecord = scored(measured(4))
    console = Console(force_terminal=is_terminal, width=100, height=60)
    with console.capture() as capture:
        watch(iter([record]), Effort(4), console)
    assert ("scoring" if is_terminal else "loss -") in capture.get()


def test_a_worker_by_hand_says_what_it_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "nowhere.py").write_text(
        "from explorer.cost import count\n\n\n"
        "def score(candidate, seed):\n    return float(count(candidate.graph).params)\n"
    )
    assert main(["search", "--study", "mine"]) == 0
    capsys.readouterr()
    assert main(["worker", "--study", "mine", "--trials", "4"]) == 0
    *trials, last = capsys.readouterr().out.splitlines()
    assert [words.split()[:2] for words in trials] == [["trial", "2"], ["trial", "3"]]
    assert all(" macs  score " in words for words in trials)
    assert last == "trials that ended here: 2; the study mine has 4 candidates scored"
    assert main(["worker", "--study", "mine"]) == 0
    assert capsys.readouterr().out == (
        "trials that ended here: 0; the study mine has 4 candidates scored "
        "(--trials N asks for more)\n"
    )
