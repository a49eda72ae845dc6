"""The supervisor: starts workers, keeps them at work, and puts back what a dead one left.

It trains nothing itself: local and remote workers share one path.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from explorer.budget import costs_of
from explorer.errors import StudyError
from explorer.search.journal import own
from explorer.search.records import StudyRecord
from explorer.search.study import Study
from explorer.space import bind

_POLL = 0.5  # seconds between looks at the journal
_GRACE = 15.0  # seconds that a worker has to leave in order
_MAX_DEATHS = 5  # in a row without a finished trial between: something is wrong with the machine


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to spend: trials in all, or until a time; on how many workers."""

    trials: int
    workers: int = 2
    seconds: float | None = None
    device: str = "auto"


@dataclass
class Supervisor:
    """Runs one study on this machine, and owns it meanwhile."""

    study: Study
    effort: Effort
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    deaths: int = 0
    _until: float = float("inf")
    _lock: int = -1
    _log: Path = Path()

    def run(self) -> Generator[StudyRecord, None, None]:
        """Run until the effort is spent; yields the state of the study as it goes.

        Raises:
            StudyError: another search owns the study, or workers die again and again.
        """
        with self._owned():
            self._begin()
            try:
                done = -1
                while self._alive() or self._rescue():
                    record = self.study.record()
                    finished = len(record.trials) - sum(
                        trial.state in ("running", "waiting") for trial in record.trials
                    )
                    if finished != done:
                        self.deaths, done = (0, finished) if done >= 0 else (self.deaths, finished)
                    yield record
                    time.sleep(_POLL)
                    self._replace_dead()
                yield self.study.record()
            finally:
                self._end()

    @contextmanager
    def _owned(self) -> Iterator[None]:
        self._lock = own(self.study.folder)
        try:
            self.study.release_running()
            yield
        finally:
            os.close(self._lock)

    def _begin(self) -> None:
        self._until = time.time() + self.effort.seconds if self.effort.seconds else float("inf")
        self._log = self.study.folder / "workers.log"
        record = self.study.record()
        unfinished = sum(not t.is_complete and t.state != "failed" for t in record.trials)
        missing = self.effort.trials - len(record.trials) + unfinished
        needs_reference = self._needs_reference(record)
        for index in range(min(self.effort.workers, max(missing, int(needs_reference)))):
            self._start(reference=needs_reference and index == 0)

    def _needs_reference(self, record: StudyRecord) -> bool:
        """Whether the space's defaults are neither scored nor, within budget, a trial to be."""
        settings = self.study.settings
        graph = bind(settings.text.space()).graph
        fits = settings.budget.fits(costs_of(graph, settings.budget, self.study.predictor()))
        return record.reference is None and not fits

    def _start(self, reference: bool = False) -> None:
        command = [sys.executable, "-m", "explorer", "worker", "--study", str(self.study.folder)]
        command += ["--trials", str(self.effort.trials), "--device", self.effort.device]
        command += ["--supervised", "--until", str(self._until)]
        command += ["--reference"] if reference else []
        with self._log.open("ab") as log:
            # A session of its own, so that Ctrl-C reaches the supervisor alone; the inherited lock
            # keeps the study taken until the last worker is gone, even when we are killed.
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(self._lock,),
                env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            )
        self.processes.append(process)

    def _alive(self) -> bool:
        return any(process.poll() is None for process in self.processes)

    def _replace_dead(self) -> None:
        """Put back the trials of workers that died, and start others in their place."""
        self.study.release_running(self._names())
        dead = [process for process in self.processes if process.poll() not in (None, 0)]
        if not dead:
            return
        self.deaths += len(dead)
        self.processes = [process for process in self.processes if process not in dead]
        if self.deaths > _MAX_DEATHS:
            raise StudyError(f"workers die again and again; the last words: {self._last_words()}")
        lost = self._needs_reference(self.study.record())
        for index in range(len(dead)):
            self._start(reference=lost and index == 0)

    def _rescue(self) -> bool:
        """Start workers for trials that were left when everyone had gone home."""
        left = self.study.release_running()
        if not left or time.time() > self._until:
            return False
        for _ in range(min(left, self.effort.workers)):
            self._start()
        return True

    def _names(self) -> frozenset[str]:
        return frozenset(str(process.pid) for process in self.processes if process.poll() is None)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1]} (all of them: {self._log})" if lines else f"none ({self._log})"

    def _end(self) -> None:
        """Ask the workers to leave, and wait; then put back whatever is still in nobody's hands."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()
        self.study.release_running()
