"""How many workers: what is tried, what is taken, and what the machine allows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.cli import main
from explorer.cli.crew import wanted_workers
from explorer.cli.main import parser
from explorer.errors import ExplorerError, UsageError
from explorer.search import Settings, pick_crew, read_recipe
from explorer.search.crew import kept, pick
from explorer.search.crew.crews import Crew, Rehearsal, choose, in_words, possible, room
from explorer.search.crew.devices import spread
from explorer.search.crew.machine import available_memory, peak_memory, usable_cores
from explorer.search.crew.member import Mark, between
from tests.search.crew import settings
from tests.search.tiny import write_recipe

FACTS = {"machine": "one", "cores": 2}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was measured before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("cores", "most", "crews"),
    [
        (2, 24, [(1, 1), (2, 1), (1, 2)]),
        (2, 1, [(1, 1), (1, 2)]),
        (3, 24, [(1, 1), (3, 1), (1, 3)]),
        (4, 24, [(1, 1), (2, 1), (4, 1), (1, 4), (2, 2)]),
        (64, 100, [(1, 1), (32, 1), (64, 1), (1, 64), (32, 2)]),
        (64, 20, [(1, 1), (20, 1), (1, 64), (20, 3)]),
    ],
)
def test_what_is_tried(cores: int, most: int, crews: list[tuple[int, int]]) -> None:
    assert list(possible(cores, most)) == crews


@pytest.mark.parametrize(
    ("rates", "best"),
    [
        ({(1, 1): 104, (1, 2): 121, (2, 1): 196}, (2, 1)),
        ({(1, 1): 104, (1, 2): 190, (2, 1): 196}, (1, 2)),  # as good with fewer workers
        ({(1, 1): 104, (1, 2): 107, (2, 1): 106}, (1, 1)),  # and with fewer threads
        ({(1, 1): 50, (4, 1): 160, (8, 1): 166, (4, 2): 172, (1, 8): 70}, (4, 2)),
    ],
)
def test_what_is_taken(rates: dict[tuple[int, int], float], best: tuple[int, int]) -> None:
    assert choose({Crew(*crew): rate for crew, rate in rates.items()}) == best


def test_the_result_in_a_line() -> None:
    rates = {Crew(1, 1): 104.0, Crew(2, 1): 196.0, Crew(1, 2): 121.4}
    line = in_words(rates, Crew(2))
    assert line == "2 workers x 1 thread: 196 images/s (1 x 1: 104, 1 x 2: 121.4)"
    assert in_words({Crew(1, 2): 5.0}, Crew(1, 2)) == "1 worker x 2 threads: 5 images/s"


def test_room_is_half_as_much_again_as_was_measured() -> None:
    gib = 2**30
    assert [room(gib * have, gib) for have in (0, 1, 3, 10)] == [1, 1, 2, 6]


def test_steps_that_are_cut_count_in_part() -> None:
    marks = [Mark(10.0, 1.0, 0), Mark(12.0, 2.0, 32), Mark(14.0, 4.0, 64)]
    assert between(marks, 11.0, 13.0) == (32.0, 1.5)
    assert between(marks, 9.0, 11.0) == (16.0, 0.5)  # it began late, and did nothing before


# ---- the machine


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_a_quota_of_any_group_around_us_counts(tmp_path: Path) -> None:
    everything = usable_cores(tmp_path)  # nothing is known there
    assert everything >= 1
    files = {
        "proc/self/cgroup": "0::/user/job\n",
        "sys/fs/cgroup/user/job/cpu.max": "max 100000\n",
        "sys/fs/cgroup/user/cpu.max": "190000 100000\n",
        "sys/fs/cgroup/cpu.max": f"{(everything + 1) * 100000} 100000\n",
    }
    assert usable_cores(machine(tmp_path, files)) == 1  # 1.9 of them are one, and a slow one
    files = {"sys/fs/cgroup/user/cpu.max": "50000 100000\n"}
    assert usable_cores(machine(tmp_path, files)) == 1


def test_the_first_version_of_groups_is_read_too(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:cpu,cpuacct:/job\n5:memory:/job\n",
        "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "100000\n",
        "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "5000\n",
        "sys/fs/cgroup/memory/job/memory.usage_in_bytes": "3000\n",
    }
    root = machine(tmp_path, files)
    assert usable_cores(root) == 1 and available_memory(root) == 2000


def test_memory_is_what_the_kernel_and_the_group_leave(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/\n", "proc/meminfo": "MemFree: 1 kB\nMemAvailable: 8 kB\n"}
    assert available_memory(machine(tmp_path, files)) == 8192
    files = {
        "sys/fs/cgroup/memory.max": "9000\n",
        "sys/fs/cgroup/memory.current": "4000\n",
        "sys/fs/cgroup/memory.stat": "anon 3000\ninactive_file 500\n",
    }
    assert available_memory(machine(tmp_path, files)) == 5500


def test_this_machine_can_be_asked() -> None:
    assert usable_cores() >= 1
    assert peak_memory() > 10**7 and available_memory() > 0


@pytest.mark.parametrize(
    ("device", "count", "visible", "spread_over"),
    [
        ("auto", 2, None, ("0", "1")),
        ("cuda", 2, "3, 5", ("3", "5")),
        ("auto", 1, "GPU-8932f937", ("GPU-8932f937",)),
        ("auto", 2, "0,2,-1,4", ("0", "2")),  # CUDA stops at the first that there is not
        ("cuda:1", 2, None, ()),
        ("cpu", 0, "", ()),
    ],
)
def test_cuda_devices(
    device: str, count: int, visible: str | None, spread_over: tuple[str, ...]
) -> None:
    assert spread(device, count, visible) == spread_over


# ---- what was measured before


def test_a_rehearsal_is_kept_under_its_facts() -> None:
    assert kept.read(FACTS) is None
    found = Rehearsal({Crew(1): 50.25, Crew(2): 99.0}, peak=10**9, most=2)
    kept.write(FACTS, found)
    assert kept.read(FACTS) == found
    assert kept.read(FACTS | {"cores": 4}) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', "\xff"])
def test_a_damaged_one_is_none(content: str) -> None:
    kept.write(FACTS, Rehearsal({Crew(1): 50.0}, 1, 1))
    kept._file(FACTS).write_text(content, "latin-1")
    assert kept.read(FACTS) is None


def test_a_cache_that_cannot_be_written_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept.write(FACTS, Rehearsal({Crew(1): 50.0}, 1, 1))
    assert kept.read(FACTS) is None


def test_what_was_measured_before_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pick, "usable_cores", lambda: 2)
    asked = trained()
    rates = {Crew(1): 50.0, Crew(1, 2): 70.0, Crew(2): 99.0}
    kept.write(pick._facts(asked, 2), Rehearsal(rates, peak=10**6, most=2))
    line = "2 workers x 1 thread: 99 images/s (1 x 1: 50, 1 x 2: 70), as measured before"
    assert pick_crew(asked, None, "cpu", 24) == (Crew(2), line)
    assert pick_crew(asked, None, "cpu", 1).crew == (1, 2)  # one trial is left
    kept.write(pick._facts(asked, 2), Rehearsal(rates, peak=10**15, most=2))
    short = pick_crew(asked, None, "cpu", 24)
    assert short.crew == (1, 2) and short.line.endswith("; memory for 1")


def test_where_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pick, "usable_cores", lambda: 1)
    alone = pick_crew(trained(), None, "cpu", 24)
    assert alone == (Crew(1), "1 worker x 1 thread: one core may be used")
    function = pick_crew(settings(), None, "cpu", 24)
    assert function.crew == (2, 1) and "--workers" in function.line


def trained() -> Settings:
    """A study that trains proxies."""
    from dataclasses import replace

    return replace(settings(), score="", objectives=())


# ---- what is asked for


@pytest.mark.parametrize(
    ("words", "recipe", "workers"),
    [("", '"auto"', None), ("", "3", 3), ("--workers auto", "3", None), ("--workers 0", "3", 0)],
)
def test_the_command_goes_before_the_recipe(
    folder: Path, words: str, recipe: str, workers: int | None
) -> None:
    write_recipe(folder, "quick", workers=recipe)
    arguments = parser().parse_args(["search", *words.split()])
    assert wanted_workers(arguments, read_recipe(Path("studies/quick.toml"))) == workers


@pytest.mark.parametrize("given", ["many", "-1", "2x1"])
def test_an_option_that_is_no_number_is_refused(
    given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["search", "--workers", given])
    assert "--workers: " in (said := capsys.readouterr().err) and "_count" not in said


def test_a_recipe_need_not_say_how_many(folder: Path) -> None:
    path = folder / "studies" / "quick.toml"
    path.write_text(path.read_text().replace("workers = 2\n", ""))
    assert read_recipe(path).workers is None


@pytest.mark.parametrize("number", ["0", "true", '"many"', "1.5"])
def test_a_number_of_workers_that_is_none_is_refused(folder: Path, number: str) -> None:
    write_recipe(folder, "quick", workers=number)
    with pytest.raises(ExplorerError, match="'workers' is a positive whole number, or \"auto\""):
        read_recipe(folder / "studies" / "quick.toml")


def test_threads_without_a_number_of_workers_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_recipe(folder, "quick", workers='"auto"')
    assert main(["search", "--study", "quick", "--threads", "2"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    arguments = parser().parse_args(["search", "--threads", "2"])
    with pytest.raises(UsageError, match="say how many --workers"):
        wanted_workers(arguments, read_recipe(Path("studies/quick.toml")))


def test_a_kept_file_is_readable_by_people() -> None:
    kept.write(FACTS, Rehearsal({Crew(1): 50.0}, 1, 1))
    assert json.loads(kept._file(FACTS).read_text())["facts"] == FACTS
