"""A disk that is full while a study is written."""

from __future__ import annotations

import os
import resource
import subprocess
from functools import partial
from pathlib import Path

import pytest

from explorer.search import create_study, load_study
from explorer.search.storage.journal import JOURNAL
from tests.search.crew import Crew, is_whole, settings

pytestmark = pytest.mark.slow
STUDY = Path("studies/near")
SEARCH = (
    *("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--seed", "3"),
    *("--study", "near", "--sampler", "random", "--trials", "40", "--workers", "1"),
)


def _no_file_above(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_worker_says_so_and_the_next_goes_on(crew: Crew) -> None:
    create_study(STUDY, settings(), "").set_effort(12, None)
    journal = STUDY / JOURNAL
    limit = journal.stat().st_size + 8_000  # some trials, and the middle of a line
    full = crew.start("worker", "--study", "near", before=partial(_no_file_above, limit))
    assert full.end() == 1
    *trials, last = full.said.splitlines()
    assert last == (
        f"explorer: {journal}: cannot be written (File too large); what is finished is kept, and "
        "the same command goes on when this is put right"
    )
    assert journal.stat().st_size == limit and not journal.read_bytes().endswith(b"\n")
    before = load_study(STUDY).record().complete
    assert 0 < len(before) < 12
    assert [int(line.split()[1]) for line in trials] == [trial.number for trial in before]
    assert crew.start("worker", "--study", "near").end() == 0
    after = load_study(STUDY).record()
    assert is_whole(after, 12)
    assert [trial for trial in after.complete if trial.number < len(before)] == list(before)


def test_a_search_on_a_small_disk(crew: Crew) -> None:
    disk = crew.folder / "studies"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        search = crew.start(*SEARCH)
        assert search.end() == 1
        told = search.said.splitlines()[-1]
        assert "No space left on device" in told and "Traceback" not in search.said
        before = load_study(STUDY).record().complete
        assert before
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        again = crew.start(*SEARCH)
        assert again.end() == 0, again.said
        after = load_study(STUDY).record()
        assert is_whole(after, 40)
        kept = {trial.number for trial in before}
        assert [trial for trial in after.complete if trial.number in kept] == list(before)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
