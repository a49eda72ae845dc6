"""The supervisor: starts workers, keeps them at work, and puts back what a dead one left.

It trains nothing itself: local and remote workers share one path. Workers that others started, on
this machine or elsewhere, may be at work on the same study.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from explorer.budget import costs_of
from explorer.errors import StudyError
from explorer.search.checkpoints import sweep
from explorer.search.crew.devices import VISIBLE
from explorer.search.records import StudyRecord, Trial
from explorer.search.storage.store import Owned, writable
from explorer.search.study import Study
from explorer.search.trials.orphans import DIED
from explorer.search.workers.orders import worker_name
from explorer.space import bind

_POLL = 0.5  # seconds between looks at the study
_LOOK = 5.0  # seconds between looks for trials of the dead, which workers look for as well
_GRACE = 15.0  # seconds that a worker has to leave in order
_MAX_DEATHS = 5  # in a row without a scored trial between: something is wrong with the machine


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to spend: trials in all, or until a time; on how many workers.

    Attributes:
        workers: 0 starts none, and waits for the trials of others'.
        trial_time: seconds after which a trial fails.
        confirm: how often the nets of the front are scored again in the end.
        threads: of a CPU, for each worker.
        devices: what workers are spread over, each a value of CUDA_VISIBLE_DEVICES; where there are
            none, all workers see what this process sees.
    """

    trials: int
    workers: int = 2
    seconds: float | None = None
    device: str = "auto"
    trial_time: float | None = None
    threads: int = 1
    devices: tuple[str, ...] = ()
    confirm: int = 0


@dataclass
class Supervisor:
    """Runs one study, as its only search.

    Attributes:
        processes: the workers it has started, by their names.
    """

    study: Study
    effort: Effort
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    deaths: int = 0
    _referee: str = ""  # the worker that scores the space's defaults
    _places: dict[str, str] = field(default_factory=dict)
    _until: float = float("inf")
    _handles: tuple[int, ...] = ()
    _log: Path = Path()
    _looked: float = 0.0
    _busy: float = -_LOOK  # when others were last seen at the front

    def run(self) -> Generator[StudyRecord, None, None]:
        """Run until the effort is spent; yields the state of the study as it goes.

        Raises:
            StudyError: another search owns the study, workers die again and again, or the study
                cannot be written.
        """
        with self._owned() as owned:
            self._begin()
            try:
                done = -1
                while self._is_at_work():
                    record = self.study.record()
                    finished = sum(_is_finished(trial) for trial in record.trials)
                    if finished != done:
                        self.deaths, done = (0, finished) if done >= 0 else (self.deaths, finished)
                    yield record
                    time.sleep(_POLL)
                    owned.keep()
                    self._replace_dead()
                yield self.study.record()
            finally:
                self._end()

    @contextmanager
    def _owned(self) -> Iterator[Owned]:
        owned = self.study.store.own()
        self._handles = owned.handles
        try:
            self.study.queue.put_back_lost()
            yield owned
        finally:
            owned.close()

    def _begin(self) -> None:
        self._until = time.time() + self.effort.seconds if self.effort.seconds else float("inf")
        effort = self.effort
        self.study.set_effort(effort.trials, effort.trial_time, effort.confirm)
        with writable(self.study.folder):  # not there yet, where the study was begun elsewhere
            self.study.folder.mkdir(parents=True, exist_ok=True)
        self._log = self.study.folder / "workers.log"
        record = self.study.record()
        needs_reference = self._needs_reference(record)
        wanted = max(missing(self.study, effort.trials, effort.confirm), int(needs_reference))
        for index in range(min(effort.workers, wanted)):
            self._start(reference=needs_reference and index == 0)

    def _is_at_work(self) -> bool:
        """Whether there is something to wait for; workers are started for what others left."""
        if self._living():
            return True
        if time.time() > self._until:
            return self._is_confirming()
        left = max(self._put_back_lost(), self.study.queue.count_left(self.effort.trials))
        left += self.study.queue.count_again(self.effort.confirm)
        for _ in range(min(left, self.effort.workers)):
            self._start()
        record = self.study.record()
        mine = [trial for trial in record.trials if trial.candidate < self.effort.trials]
        if self._living() or any(trial.state == "running" for trial in mine):
            return True
        is_enough = record.candidates >= self.effort.trials or self.study.is_exhausted
        return not self.effort.workers and (left > 0 or not is_enough)

    def _is_confirming(self) -> bool:
        """Whether the front is still being scored again, when no candidate is to be begun.

        What others have begun is waited for; between two of their trials may lie a moment.
        """
        if not self.effort.confirm:
            return False
        left = self.study.queue.count_again(self.effort.confirm)
        for _ in range(min(left, self.effort.workers)):
            self._start()
        if self._living():
            return True
        self._put_back_lost()
        if self.study.queue.is_unsettled(self.effort.trials, self._until):
            self._busy = time.monotonic()
        return time.monotonic() < self._busy + _LOOK

    def _needs_reference(self, record: StudyRecord) -> bool:
        """Whether the space's defaults are neither scored nor, within budget, a trial to be."""
        settings = self.study.settings
        graph = bind(settings.text.space()).graph
        fits = settings.budget.fits(costs_of(graph, settings.budget, self.study.predictor()))
        return record.reference is None and not fits

    def _start(self, reference: bool = False) -> None:
        name = worker_name()
        command = [sys.executable, "-m", "explorer", "worker", "--study", str(self.study.folder)]
        command += ["--trials", str(self.effort.trials), "--device", self.effort.device]
        command += ["--supervised", "--until", str(self._until), "--name", name]
        command += ["--threads", str(self.effort.threads), "--confirm", str(self.effort.confirm)]
        if self.effort.trial_time is not None:
            command += ["--trial-time", str(self.effort.trial_time)]
        command += [*self.study.store.options, *(["--reference"] if reference else [])]
        with self._log.open("ab") as log:
            # A session of its own, so that Ctrl-C reaches the supervisor alone; the inherited lock
            # keeps the study taken until the last worker is gone, even when we are killed.
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self._handles,
                env={**os.environ, **self._settle(name), **self.study.store.environment},
            )
        self.processes[name] = process
        if reference:
            self._referee = name

    def _settle(self, name: str) -> dict[str, str]:
        """Variables that give a worker its threads, and the device that the fewest others have."""
        threads = str(self.effort.threads)
        variables = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        if self.effort.devices:
            taken = Counter(self._places.get(other) for other in self._living())
            self._places[name] = min(self.effort.devices, key=lambda device: taken[device])
            variables[VISIBLE] = self._places[name]
        return variables

    def _living(self) -> frozenset[str]:
        return frozenset(name for name, each in self.processes.items() if each.poll() is None)

    def _replace_dead(self) -> None:
        """Put back the trials of workers that died, and start others in their place."""
        dead = [name for name, each in self.processes.items() if each.poll() not in (None, 0)]
        if not dead:
            self._put_back_lost()
            return
        self.study.add_deaths(len(dead))  # and where that cannot be written, there is no going on
        self.study.queue.put_back_lost(dead)
        self.deaths += len(dead)
        for name in dead:
            del self.processes[name]
        if self.deaths > _MAX_DEATHS:
            raise StudyError(f"workers die again and again; the last words: {self._last_words()}")
        is_lost = self._referee in dead and self._needs_reference(self.study.record())
        for index in range(len(dead)):
            self._start(reference=is_lost and index == 0)

    def _put_back_lost(self) -> int:
        """Put back trials of others that are gone; only now and then, since proposals wait."""
        others = self.study.queue.at_work_elsewhere(self._living())
        if not others or time.monotonic() < self._looked + _LOOK:
            return 0
        self._looked = time.monotonic()
        return self.study.queue.put_back_lost()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1]} (all of them: {self._log})" if lines else f"none ({self._log})"

    def _end(self) -> None:
        """Ask the workers to leave, and wait; then put back whatever is still in nobody's hands."""
        processes = self.processes.values()
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()
        with suppress(StudyError):  # which was said already, when it is why we end
            self.study.queue.put_back_lost(tuple(self.processes))
            sweep(self.study)


def _is_finished(trial: Trial) -> bool:
    """Whether a trial has come to an end, and not by ending its workers."""
    return trial.state in ("complete", "failed") and trial.reason != DIED


def missing(study: Study, trials: int, confirm: int = 0) -> int:
    """How many trials there are to begin or to go on with, for so many candidates in all.

    At least how many nets of the front, as it is now, are to be scored again.
    """
    record = study.record()
    unfinished = sum(trial.state in ("running", "waiting") for trial in record.trials)
    left = max(trials - record.candidates + unfinished, study.queue.count_left(trials))
    return max(left, study.queue.count_again(confirm))
