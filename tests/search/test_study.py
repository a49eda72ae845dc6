"""A study on disk: written, reread, refused, mended."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.budget import Budget
from explorer.errors import StudyError
from explorer.ops import Cost
from explorer.search import (
    Reference,
    Settings,
    Study,
    create_study,
    exists,
    load_study,
    origin,
    read_recipe,
)
from explorer.search.samplers.named import make_sampler
from explorer.search.settings import settings_from_json
from explorer.search.storage.journal import JOURNAL, _AppendLock, drop_torn_line, mend, own
from explorer.search.workers.limit import TimeLimit
from explorer.space.library import Text


@pytest.fixture
def settings(folder: Path) -> Settings:
    recipe = read_recipe(folder / "studies" / "quick.toml")
    text = Text("tiny.space", (folder / "tiny.space").read_text())
    return Settings(
        text, recipe.budget, recipe.protocol, "d1:0", recipe.sampler, recipe.seed, origin=origin()
    )


def test_settings_survive_json(settings: Settings) -> None:
    again = settings_from_json(settings.to_json(), "here")
    assert again == settings
    assert again.origin == settings.origin
    assert again.differences(settings) == []


def test_differences_name_what_differs(settings: Settings) -> None:
    other = replace(settings, budget=Budget({"macs": 2_000_000_000}), seed=4)
    assert settings.differences(other) == ["budget 1e6, not 2e9", "seed 3, not 4"]


def test_a_study_is_reread_whole(folder: Path, settings: Settings) -> None:
    study = create_study(folder / "studies" / "a", settings, "explorer search")
    study.set_reference(Reference("tiny", Cost(5, 6, 7), 0.5))
    (folder / "tiny.space").unlink()
    record = load_study(folder / "studies" / "a").record()
    assert record.settings == settings
    assert record.command == "explorer search"
    assert record.reference == Reference("tiny", Cost(5, 6, 7), 0.5)
    assert record.trials == ()
    assert record.best is None
    assert list(record.frame()) == []


def opened(folder: Path, settings: Settings) -> Study:
    """A new study that has a sampler to ask."""
    place = folder / "studies" / "a"
    create_study(place, settings, "")
    space = settings.text.space()
    return load_study(place, make_sampler("random", space, settings.budget, seed=1))


def test_a_released_trial_comes_back_with_its_number(folder: Path, settings: Settings) -> None:
    queue = opened(folder, settings).queue
    with queue.at_work("17"):
        first, second = queue.take("17", 9), queue.take("17", 9)
        assert first is not None and second is not None
        assert queue.put_back_lost() == 0
    assert queue.put_back_lost() == 2
    with queue.at_work("18"):
        again = [queue.take("18", 9) for _ in range(2)]
    assert [trial and trial.number for trial in again] == [0, 1]
    proposals = [trial and dict(trial.relative_params) for trial in again]
    assert proposals == [dict(trial.relative_params) for trial in (first, second)]


def test_a_torn_line_is_cut_off(folder: Path, settings: Settings) -> None:
    place = folder / "studies" / "a"
    create_study(place, settings, "explorer search")
    whole = (place / JOURNAL).read_bytes()
    (place / JOURNAL).write_bytes(whole + b'{"op_code": 4, "stu')
    drop_torn_line(place / JOURNAL)
    assert (place / JOURNAL).read_bytes() == whole
    (place / JOURNAL).write_bytes(whole + b"{")
    study = load_study(place)
    study.inner.set_user_attr("more", 1)
    assert load_study(place).inner.user_attrs["more"] == 1


@pytest.mark.parametrize("line", ["this is no entry", "[1, 2]", ""])
def test_nothing_is_written_behind_a_line_that_is_no_entry(
    folder: Path, settings: Settings, line: str
) -> None:
    place = folder / "studies" / "a"
    create_study(place, settings, "explorer search")
    study = load_study(place)
    spoilt = (place / JOURNAL).read_bytes() + f"{line}\n".encode()
    (place / JOURNAL).write_bytes(spoilt)
    told = rf"line {len(spoilt.splitlines())} is none of its entries: '{re.escape(line)}'"
    with pytest.raises(StudyError, match=told):
        study.inner.set_user_attr("more", 1)
    with pytest.raises(StudyError, match=told):
        exists(place)
    assert (place / JOURNAL).read_bytes() == spoilt


def test_a_line_that_is_no_entry_is_named(folder: Path, settings: Settings) -> None:
    place = folder / "studies" / "a"
    create_study(place, settings, "explorer search")
    lines = (place / JOURNAL).read_text().splitlines(keepends=True)
    lines[2] = '{"op_code": 99}\n'
    (place / JOURNAL).write_text("".join(lines))
    with pytest.raises(StudyError, match=r"line 3 is none of its entries: '.\"op_code\": 99.'"):
        load_study(place)


def test_a_study_killed_at_birth_is_begun_anew(folder: Path, settings: Settings) -> None:
    place = folder / "studies" / "a"
    create_study(place, settings, "")
    lines = (place / JOURNAL).read_bytes().splitlines(keepends=True)
    (place / JOURNAL).write_bytes(lines[0])
    assert not exists(place)
    assert (place / JOURNAL).read_bytes() == lines[0]
    create_study(place, settings, "")
    assert exists(place)


def test_only_one_search_owns_a_study(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.search.storage.journal._HELD_FOR", 0.1)
    own(folder)
    with pytest.raises(StudyError, match="another search is at work"):
        own(folder)


def test_whoever_was_stopped_while_it_got_the_lock_gets_it_again(
    folder: Path, settings: Settings
) -> None:
    create_study(folder / "studies" / "a", settings, "")
    lock = _AppendLock(folder / "studies" / "a" / JOURNAL)
    with TimeLimit(5).kept():
        lock.acquire()
        lock.acquire()  # nobody has released it
    lock.release()
    mend(folder / "studies" / "a")


@pytest.mark.parametrize("content", ["", "no json\n", '{"a": 1}\n', "[1]\n"])
def test_a_journal_that_is_none(folder: Path, content: str) -> None:
    (folder / "studies" / "a").mkdir()
    (folder / "studies" / "a" / JOURNAL).write_text(content)
    with pytest.raises(StudyError, match="a"):
        load_study(folder / "studies" / "a")


def test_another_format_is_refused(settings: Settings) -> None:
    with pytest.raises(StudyError, match="stored in format 99; this version reads format 1"):
        settings_from_json({**settings.to_json(), "format": 99}, "here")


def test_an_unwritable_folder(folder: Path, settings: Settings) -> None:
    (folder / "studies" / "file").write_text("")
    with pytest.raises(StudyError, match="cannot be written"):
        create_study(folder / "studies" / "file" / "a", settings, "")


def test_no_study_there(folder: Path) -> None:
    with pytest.raises(StudyError, match="there is no study"):
        load_study(folder / "studies" / "none")


ASK = """
import sys
from pathlib import Path
from explorer.graph import fingerprint
from explorer.search import load_study
from explorer.search.samplers.evolution import RandomSampler
from explorer.space import bind
settings = load_study(Path("studies/a")).settings
space = settings.text.space()
study = load_study(Path("studies/a"), RandomSampler(space, settings.budget, seed=1))
with study.queue.at_work(sys.argv[1]):
    for _ in range(8):
        trial = study.queue.take(sys.argv[1], 99)
        print(fingerprint(bind(space, dict(trial.relative_params)).graph))
        study.queue.fail(trial, sys.argv[1], "not tried")
"""


def test_workers_that_ask_together_get_different_proposals(
    folder: Path, settings: Settings
) -> None:
    narrow = replace(settings, budget=Budget({"macs": 800_000}))
    create_study(folder / "studies" / "a", narrow, "explorer search")
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, name], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        for name in "abc"
    ]
    prints = [line for worker in asking for line in worker.communicate(timeout=120)[0].split()]
    assert len(prints) == len(set(prints)) == 24
