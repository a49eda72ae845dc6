"""The whole machinery, in processes of its own: search, resume, Ctrl-C, kill -9."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.search import load_study
from explorer.search.records import StudyRecord, Trial
from tests.search.tiny import write_recipe

pytestmark = pytest.mark.slow

SEARCH = [sys.executable, "-m", "explorer", "search"]


def search(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SEARCH, *options], cwd=folder, capture_output=True, text=True)


def record(folder: Path, name: str = "quick") -> StudyRecord:
    return load_study(folder / "studies" / name).record()


def facts(trial: Trial) -> tuple[object, ...]:
    """What must not change once a trial is finished."""
    return trial.number, dict(trial.assignment), trial.cost, trial.curve, trial.seconds


def test_search_then_the_same_command_then_more(folder: Path) -> None:
    first = search(folder, "--study", "quick")
    assert first.returncode == 0, first.stderr
    before = record(folder)
    assert [trial.number for trial in before.complete] == list(range(6))
    assert all(trial.cost.macs <= 1_000_000 for trial in before.trials)
    assert before.reference is not None
    assert (folder / "reports" / "quick" / "index.html").is_file()
    assert (folder / "reports" / "quick" / "best.py").is_file()

    again = search(folder, "--study", "quick")
    assert again.returncode == 0, again.stderr
    assert "going on: 6 candidates are scored already" in again.stdout
    more = search(folder, "--study", "quick", "--trials", "8", "--workers", "1")
    assert more.returncode == 0, more.stderr
    after = record(folder)
    assert [trial.number for trial in after.complete] == list(range(8))
    assert [facts(t) for t in after.trials[:6]] == [facts(t) for t in before.trials]


def test_one_worker_and_a_seed_decide_everything(folder: Path) -> None:
    for name in ("one", "two"):
        write_recipe(folder, name, trials=10, workers=1)
        assert search(folder, "--study", name).returncode == 0
    first, second = record(folder, "one"), record(folder, "two")
    assert [(dict(t.assignment), t.curve) for t in first.trials] == [
        (dict(t.assignment), t.curve) for t in second.trials
    ]


def test_another_question_under_the_same_name_is_refused(folder: Path) -> None:
    assert search(folder, "--study", "quick", "--trials", "1").returncode == 0
    journal = folder / "studies" / "quick" / "journal.log"
    before = journal.read_bytes()
    other = search(folder, "--study", "quick", "--budget", "2e6")
    assert other.returncode == 1
    assert other.stderr.count("\n") == 1
    assert "begun with budget 1e6, not 2e6" in other.stderr
    assert journal.read_bytes() == before


@pytest.mark.parametrize("name", ["reports", "studies/quick"])
def test_a_place_that_cannot_be_written_is_refused_before_the_first_trial(
    folder: Path, name: str
) -> None:
    (folder / name).write_text("in the way")
    done = search(folder, "--study", "quick")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot be" in done.stderr
    assert (folder / name).read_text() == "in the way"
    assert not list(folder.glob("studies/*/journal.log"))


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(folder: Path) -> None:
    write_recipe(folder, "quick", trials=12)
    process = subprocess.Popen(
        [*SEARCH, "--study", "quick"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    _wait_for(folder, 2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 130
    assert "nothing is lost" in out
    stopped = record(folder)
    assert not [trial for trial in stopped.trials if trial.state == "running"]
    assert search(folder, "--study", "quick").returncode == 0
    after = record(folder)
    assert [trial.number for trial in after.complete] == list(range(12))
    kept = {t.number: facts(t) for t in stopped.complete}
    assert kept == {t.number: facts(t) for t in after.trials if t.number in kept}


def test_kill_at_a_random_moment_loses_and_repeats_nothing(folder: Path) -> None:
    write_recipe(folder, "quick", trials=12)
    rng = random.Random(0)
    finished: dict[int, tuple[object, ...]] = {}
    for _ in range(4):
        process = subprocess.Popen(
            [*SEARCH, "--study", "quick"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(3, 11))
        process.kill()
        process.wait()
        if (folder / "studies" / "quick" / "journal.log").is_file():
            finished |= _finished_unchanged(folder, finished)
    assert search(folder, "--study", "quick").returncode == 0
    after = record(folder)
    assert [trial.number for trial in after.trials] == list(range(12))
    assert all(trial.is_complete for trial in after.trials)
    assert len({trial.fingerprint for trial in after.trials}) == 12
    assert {t.number: facts(t) for t in after.trials if t.number in finished} == finished


def test_a_killed_worker_is_replaced(folder: Path) -> None:
    write_recipe(folder, "quick", trials=10)
    process = subprocess.Popen(
        [*SEARCH, "--study", "quick"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    _wait_for(folder, 2)
    subprocess.run(["pkill", "-9", "-P", str(process.pid), "-n"], check=True)
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert [trial.number for trial in record(folder).complete] == list(range(10))


def _finished_unchanged(
    folder: Path, known: dict[int, tuple[object, ...]]
) -> dict[int, tuple[object, ...]]:
    try:
        complete = record(folder).complete
    except Exception as error:
        if "no study" in str(error):  # killed before the study was written
            return known
        raise
    now = {trial.number: facts(trial) for trial in complete}
    assert {number: now.get(number) for number in known} == known
    return now


def _wait_for(folder: Path, trials: int) -> None:
    journal = folder / "studies" / "quick" / "journal.log"
    for _ in range(1800):
        if journal.is_file() and journal.stat().st_size and _done(folder) >= trials:
            return
        time.sleep(0.1)
    raise AssertionError("no trial was finished in three minutes")


def _done(folder: Path) -> int:
    try:
        return len(record(folder).complete)
    except Exception as error:
        if "no study" in str(error):
            return 0
        raise
