"""What a search costs besides training: `make bench`. Ratios of one run; no time is asserted."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.search import (
    Effort,
    Settings,
    Study,
    Supervisor,
    create_study,
    find_recipe,
    read_recipe,
    study_folder,
)
from explorer.search.samplers.named import make_sampler
from explorer.space.library import find_text
from tests.benchmarks import watched

pytestmark = pytest.mark.bench


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def default_study(images: int | None = None) -> Study:
    """The study that `explorer search` begins when it is told nothing; with fewer images if asked.

    A short training makes the share of everything else larger than it is.
    """
    path = find_recipe("default")
    assert path is not None
    recipe = read_recipe(path)
    protocol = recipe.protocol
    if images is not None:
        protocol = replace(protocol, recipe=replace(protocol.recipe, images=images))
    data = protocol.open_data().fingerprint
    text = find_text(recipe.space, "space").alone()
    settings = Settings(text, recipe.budget, protocol, data, recipe.sampler, recipe.seed)
    return create_study(study_folder("default").resolve(), settings, "")


def test_what_a_worker_does_besides_training() -> None:
    """Three trials, one of them with a second seed; the first also loads and compiles."""
    for number, (whole, training, cpu) in enumerate(trials_of_a_worker(default_study(), 3)):
        other = whole - training
        print(f"\ntrial {number}: {whole:.1f} s, {other:.2f} s of it neither training nor "
              f"validation: {other / whole:.1%}; {cpu:.2f} s of CPU", end="")  # fmt: skip
        assert 0 < other < whole
    print()


def trials_of_a_worker(study: Study, trials: int) -> list[watched.Times]:
    """What every trial took."""
    results = watched.SPAWN.SimpleQueue()
    process = watched.SPAWN.Process(
        target=watched.timed_worker, args=(study.folder, trials, results)
    )
    process.start()
    process.join()
    assert process.exitcode == 0
    return [results.get() for _ in range(trials)]


def test_two_workers_against_two_bare_loops() -> None:
    """Both train the same nets, in turns of some seconds: while one goes on, the other stands."""
    searched, bare = images_in_turns(default_study(), turns=8, seconds=8.0)
    ratio = searched / bare
    print(f"\ntwo workers of a search trained {searched:,} images while two bare loops trained "
          f"{bare:,}: {ratio:.3f}")  # fmt: skip
    assert ratio > 0.5


def images_in_turns(study: Study, turns: int, seconds: float) -> tuple[int, int]:
    """The images that a search with two workers trains, and two loops without, in the same time.

    Who takes the first turn of two changes, so that a drift of the machine meets both alike.
    """
    nets = first_nets(study.settings, 8)
    loops = [(study.settings, nets[start::2]) for start in (0, 1)]
    with (
        Team(watched.worker, [(study.folder, 24)] * 2) as search,
        Team(watched.bare, loops) as bare,
        # The search itself looks on, as it does where it has started its workers.
        closing(Supervisor(study, Effort(trials=24, workers=0)).run()) as states,
    ):
        sides = (search, lambda: next(states)), (bare, lambda: time.sleep(0.5))
        for team, look_on in sides:
            while not team.is_warm():
                team.turn(1.0, look_on)
        found = [0, 0]
        for turn in range(turns):
            for side in (0, 1) if turn % 2 else (1, 0):
                team, look_on = sides[side]
                found[side] += team.turn(seconds, look_on)
    return found[0], found[1]


def first_nets(settings: Settings, number: int) -> list[dict[str, Any]]:
    """The nets that the study's first trials are of."""
    space = settings.text.space()
    sampler = make_sampler(settings.sampler, space, settings.budget, settings.seed)
    return [sampler.candidate(index, []).written() for index in range(number)]


class Team:
    """Processes that train, each counting its images, and stand still but for their turns."""

    def __init__(self, target: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> None:
        self.counts = [watched.count() for _ in arguments]
        self.processes = [
            watched.SPAWN.Process(target=target, args=(*given, count))
            for given, count in zip(arguments, self.counts, strict=True)
        ]

    def __enter__(self) -> Team:
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.join()

    def is_warm(self) -> bool:
        """Whether every process has done some ten steps."""
        assert all(process.is_alive() for process in self.processes)
        return min(count.value for count in self.counts) > 320

    def turn(self, seconds: float, look_on: Callable[[], object]) -> int:
        """Train for so long, while someone looks on; returns how many images."""
        before = sum(count.value for count in self.counts)
        self._signal(signal.SIGCONT)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            look_on()  # takes half a second
        self._signal(signal.SIGSTOP)
        return sum(count.value for count in self.counts) - before

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            assert process.pid is not None
            os.kill(process.pid, number)
