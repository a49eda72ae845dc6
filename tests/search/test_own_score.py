"""Searches by a function in a file, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from explorer.search import load_study
from explorer.search.records import StudyRecord
from tests.search.tiny import TINY

pytestmark = pytest.mark.slow

MODULE = '''
import os
import explorer

def score(candidate, seed):
    """Wide is good, eight is broken."""
    width = candidate.assignment["n1"]
    if width == 8:
        raise ValueError("no eights\\nat all")
    if width == 12:
        return float("nan")
    print("scoring", width, os.getpid())
    return -100 / (width + candidate.assignment["n3"]) - seed % 10 / 100

def built(candidate, seed):
    net = explorer.build_module(candidate.graph)
    return float(next(net.parameters()).sum())

def fatal(candidate, seed):
    os._exit(9)
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space and functions, and nothing to train on."""
    (tmp_path / "tiny.space").write_text(TINY)
    (tmp_path / "mine.py").write_text(MODULE)
    return tmp_path


def explorer(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "explorer", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def search(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return explorer(folder, "search", "tiny.space", "--budget", "1e6", *words)


def record(folder: Path, name: str) -> StudyRecord:
    return load_study(folder / "studies" / name).record()


def test_a_search_its_failures_and_more_of_it(folder: Path) -> None:
    words = ["--score", "mine:score", "--workers", "2", "--trials"]
    first = search(folder, *words, "12")
    assert first.returncode == 0, first.stderr
    assert "scored by mine:score, a function of your own; no proxy is trained" in first.stdout
    before = record(folder, "tiny-1e6-score")
    assert before.settings.data_fingerprint == "" and before.facts == {
        "about": "Wide is good, eight is broken."
    }
    assert [trial.number for trial in before.trials] == list(range(12))
    for trial in before.trials:
        width = trial.assignment["n1"]
        expected = {8: "ValueError: no eights", 12: "the score is nan"}.get(width, "")
        assert trial.reason == expected and trial.is_complete == (not expected)
        assert trial.proxy_macs == 0 and trial.free == {}
    twice = [trial for trial in before.complete if trial.number % 4 == 2]
    assert twice and all(len(trial.repeats) == 1 for trial in twice)
    assert before.reference is not None and before.reference.accuracy < 0
    log = (folder / "studies" / "tiny-1e6-score" / "workers.log").read_text()
    assert "scoring 16" in log and "line 9, in score" in log
    assert (folder / "reports" / "tiny-1e6-score" / "best.py").is_file()

    more = search(folder, *words, "14")
    assert more.returncode == 0, more.stderr
    after = record(folder, "tiny-1e6-score")
    assert after.trials[:12] == before.trials and len(after.trials) == 14

    other = search(folder, "--score", "mine:built", "--study", "tiny-1e6-score")
    assert other.returncode == 1 and other.stderr.count("\n") == 1
    assert "was begun with score mine:score, not mine:built" in other.stderr
    proxy = search(folder, "--study", "tiny-1e6-score")
    assert "was begun with score mine:score, not of trained proxies" in proxy.stderr
    assert record(folder, "tiny-1e6-score").trials == after.trials


def test_one_worker_and_a_seed_decide_everything(folder: Path) -> None:
    for name in ("one", "two"):
        words = ["--study", name, "--trials", "6", "--workers", "1"]
        assert search(folder, "--score", "mine:built", *words).returncode == 0
    first, second = record(folder, "one"), record(folder, "two")
    found = [[(dict(t.assignment), t.curve, t.repeats) for t in r.trials] for r in (first, second)]
    assert found[0] == found[1]


def test_a_worker_by_hand_finds_the_function_where_it_runs(folder: Path) -> None:
    assert search(folder, "--score", "mine:built", "--trials", "2").returncode == 0
    worker = ["worker", "--study", "tiny-1e6-built", "--trials", "4"]
    done = explorer(folder, *worker)
    assert done.returncode == 0, done.stderr
    assert len(record(folder, "tiny-1e6-built").complete) == 4
    (folder / "mine.py").rename(folder / "yours.py")
    lost = explorer(folder, *worker)
    assert lost.returncode == 1
    assert lost.stderr == (
        "explorer: score 'mine:built': there is no module 'mine', neither in this folder nor "
        "installed\n"
    )


def test_a_function_that_ends_its_process_ends_the_search_in_a_line(folder: Path) -> None:
    done = search(folder, "--score", "mine:fatal", "--trials", "2", "--workers", "2")
    assert done.returncode == 1
    assert "workers die again and again" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
