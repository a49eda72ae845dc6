"""A limit on the time of a trial."""

from __future__ import annotations

import signal
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.cli import main
from explorer.score import free_memory
from explorer.search import create_study, load_study
from explorer.search.workers.judge import UnscoredError
from explorer.search.workers.limit import TimeLimit
from explorer.search.workers.orders import Orders
from explorer.search.workers.worker import Worker
from tests.search.crew import prepare, settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(prepare(tmp_path))
    yield tmp_path
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_takes_longer_is_ended() -> None:
    with pytest.raises(UnscoredError, match=r"^took longer than 0\.05s$"), TimeLimit(0.05).kept():
        while True:
            pass


def test_who_swallows_exceptions_is_ended_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.search.workers.limit._AGAIN", 0.05)
    swallowed = 0
    with pytest.raises(UnscoredError), TimeLimit(0.05).kept():
        while True:
            try:
                time.sleep(9)
            except BaseException:
                swallowed += 1
                if swallowed == 3:
                    raise


def test_a_value_that_comes_late_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.search.workers.limit._AGAIN", 0.05)
    end = time.monotonic() + 0.3
    with pytest.raises(UnscoredError, match=r"^took longer than 0\.05s$"), TimeLimit(0.05).kept():
        while time.monotonic() < end:
            with suppress(BaseException):
                time.sleep(0.2)
    with TimeLimit(5).kept():  # and the next is measured by itself
        pass


def test_what_is_written_is_written_whole() -> None:
    limit, written = TimeLimit(0.05), []
    with pytest.raises(UnscoredError), limit.kept():
        with limit.shield():
            time.sleep(0.15)
            written.append("whole")
        written.append("more")
    assert written == ["whole"]


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_what_is_quick_is_left_alone(seconds: float | None) -> None:
    limit = TimeLimit(seconds)
    with limit.kept(), limit.shield():
        pass


def test_a_trial_that_takes_longer_fails_and_the_study_goes_on(folder: Path) -> None:
    place = Path("studies/slow")
    create_study(place, settings("endless"), "").set_effort(6, 0.3)
    worker = Worker.open(Orders(place))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    trials = load_study(place).record().trials
    assert len(trials) == 6
    for trial in trials:
        is_slow = trial.assignment["n1"] % 8 > 0
        assert trial.reason == ("took longer than 0.3s" if is_slow else "")
    assert {trial.state for trial in trials} == {"complete", "failed"}


@pytest.mark.parametrize("option", ["--trial-time", "--time"])
def test_no_duration(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--study", "a", option, "soon"]) == 1
    assert capsys.readouterr().err == (
        f"explorer: {option}: a duration such as 90s, 10m or 1.5h; got 'soon'\n"
    )


class _Full:
    """A judge that runs out of memory, with something large in hand."""

    screen = None
    held: weakref.ref[torch.Tensor] | None = None

    def facts(self, candidate: Any) -> dict[str, Any]:
        return {}

    def score(self, candidate: Any, seed: int, on_epoch: Any, climb: Any) -> float:
        large = torch.zeros(9)
        self.held = weakref.ref(large)
        try:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")
        except RuntimeError as error:
            raise UnscoredError(str(error)) from error


def test_memory_is_given_back_when_the_failed_net_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    place, judge, freed = Path("studies/full"), _Full(), []

    def free() -> None:
        freed.append(judge.held is not None and judge.held() is None)
        free_memory()

    create_study(place, settings(), "")
    monkeypatch.setattr("explorer.search.workers.worker.make_judge", lambda *_: judge)
    monkeypatch.setattr("explorer.search.workers.worker.free_memory", free)
    worker = Worker.open(Orders(place, trials=2))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    assert freed == [True, True]
    reasons = {trial.reason for trial in load_study(place).record().trials}
    assert reasons == {"CUDA out of memory. Tried to allocate 9 GiB"}
