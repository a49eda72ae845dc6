"""Rehearsals in real processes: what they measure, what they leave behind, and who takes part."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.budget import parse_budget
from explorer.cli import main
from explorer.score import protocol_from_json
from explorer.search import Effort, Settings, Supervisor, create_study, load_study, pick_crew
from explorer.search.crew import kept, pick, rehearsal
from explorer.search.crew.machine import usable_cores
from explorer.search.crew.rehearsal import RehearsalError, rehearse
from explorer.search.recipes import recipe_values
from explorer.space.library import find_text
from tests.search.crew import Crew as Commands
from tests.search.crew import prepare, settings, wait_for
from tests.search.tiny import write_recipe

pytestmark = pytest.mark.slow

THREADS = """
import os
import torch

def score(candidate, seed):
    with open("places.txt", "a") as file:
        print(os.environ["CUDA_VISIBLE_DEVICES"], os.getpid(), torch.get_num_threads(), file=file)
    return float(seed % 7)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def asked(folder: Path) -> Settings:
    """The question of the recipe in a folder."""
    values = recipe_values(folder / "studies" / "quick.toml")
    protocol = protocol_from_json(values["protocol"], "the test")
    fingerprint = protocol.open_data().fingerprint
    text = find_text("tiny.space", "space").alone()
    return Settings(text, parse_budget("1e6"), protocol, fingerprint, "random", 3)


def test_a_rehearsal_measures_every_crew_once_and_is_used_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pick, "usable_cores", lambda: 2)
    monkeypatch.setattr(rehearsal, "_CALM", 2.0)  # however busy the machine is that runs the test
    told: list[tuple[int, int]] = []
    picked = pick_crew(asked(folder), None, "cpu", 24, lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]
    found = kept.read(pick._facts(asked(folder), 2))
    assert found is not None and set(found.rates) == {(1, 1), (1, 2), (2, 1)}
    assert min(found.rates.values()) > 0 and found.peak > 10**8
    assert picked.crew in found.rates and picked.line.startswith(str(picked.crew))
    again = pick_crew(asked(folder), None, "cpu", 24, lambda *done: told.append(done))
    assert again.crew == picked.crew and again.line.endswith(", as measured before")
    assert len(told) == 3

    write_recipe(folder, "quick", workers='"auto"', trials=2)
    assert main(["search", "--study", "quick", "--seed", "4"]) == 0
    assert again.line in capsys.readouterr().out  # whatever the seed and the sampler
    assert len(load_study(folder / "studies" / "quick").record().complete) == 2


def test_memory_for_one_is_used_by_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "available_memory", lambda: 10**8)
    found = rehearse(asked(folder), None, cores=2, most=24)
    assert set(found.rates) == {(1, 1), (1, 2)}


def test_a_worker_that_cannot_train_says_why(folder: Path) -> None:
    question = asked(folder)
    (folder / "tiny.npz").unlink()
    with pytest.raises(RehearsalError, match=r"^[\w.]+DataError: data 'tiny\.npz' is neither"):
        rehearse(question, None, cores=2, most=24)


@pytest.mark.skipif(usable_cores() < 2, reason="one core: nothing is rehearsed")
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc to look for processes in")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_whoever_ends_a_rehearsal_leaves_nobody_behind(folder: Path, end: signal.Signals) -> None:
    write_recipe(folder, "quick", workers='"auto"')
    commands = Commands(folder)
    try:
        search = commands.start("search", "--study", "quick")
        wait_for(lambda: len(members(search.pid)) == 2)
        started = members(search.pid)
        search.signal(end)
        assert search.end() == (130 if end is signal.SIGINT else -9), search.said
        wait_for(lambda: not [pid for pid in started if Path(f"/proc/{pid}").is_dir()])
    finally:
        commands.end()
    if end is signal.SIGINT:
        assert "nothing is lost" in search.said and "Traceback" not in search.said


def members(parent: int) -> list[int]:
    """The processes that rehearse for another."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text()
        except OSError:
            continue
        if int(stat[1]) == parent and "explorer.search.crew.member" in command:
            found.append(int(entry.name))
    return found


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(prepare(tmp_path))
    (tmp_path / "mine.py").write_text(THREADS)
    yield tmp_path / "places.txt"


def test_workers_get_their_threads_and_a_device_each(places: Path) -> None:
    study = create_study(Path("studies/spread"), settings(), "")
    effort = Effort(trials=24, workers=2, threads=2, devices=("4", "7"))
    for _ in Supervisor(study, effort).run():
        pass
    rows = {tuple(line.split()) for line in places.read_text().splitlines()}
    assert {device for device, _, _ in rows} <= {"4", "7"}
    assert len(rows) == len({pid for _, pid, _ in rows}) == len({row[0] for row in rows})
    assert {threads for _, _, threads in rows} == {"2"}
    assert os.environ.get("CUDA_VISIBLE_DEVICES") is None
