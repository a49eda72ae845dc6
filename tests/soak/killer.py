"""Kills, stops and interrupts one search at random, and starts the same command again each time."""

from __future__ import annotations

import fcntl
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random

from explorer.errors import StudyError
from explorer.search import Study, load_study
from explorer.search.records import Trial
from explorer.search.storage.journal import JOURNAL
from tests.search.crew import Command, Crew
from tests.soak.forked import fork_workers
from tests.soak.processes import processes, send

WORKERS = 2
_TO_THE_END = 900.0  # seconds for what is left when nothing disturbs any more
_GIVES_UP_AFTER = 5  # deaths in a row


class BrokenError(Exception):
    """Something that must never happen did."""


@dataclass
class Killer:
    """One search in a folder of its own.

    Attributes:
        words: of the command, after ``explorer``.
        study: the study's folder.
        search: as it was started last.
        before: what the search does first, in its process: forks its workers from now on.
        happened: what was done, by kind.
        ended: workers that were killed, or told to leave since their search was.
        cut_off: how often workers were away for so long that their trial may be another's.
        finished: trials by number as they were when they were first seen at their end.
    """

    folder: Path
    words: Sequence[str]
    study: Path
    rng: Random
    before: Callable[[], None] | None = fork_workers
    happened: Counter[str] = field(default_factory=Counter)
    ended: set[int] = field(default_factory=set)
    cut_off: Counter[int] = field(default_factory=Counter)
    finished: dict[int, Trial] = field(default_factory=dict)
    search: Command = field(init=False)
    _written: int = 0
    _killed: int = 0  # workers of the search as it runs

    def __post_init__(self) -> None:
        self.crew = Crew(self.folder)

    def run(self, seconds: float, times: float = inf) -> None:
        """Disturb a search for a time, so many times, or to its end; then let it come to its end.

        A number of times is for short searches: all is killed as soon as all workers are there, so
        that a fast machine does not end the search before anything was.

        Raises:
            BrokenError: it does not, or ends as it should not.
        """
        until = time.monotonic() + seconds
        try:
            self._start()
            if times < inf:
                self._wait_for_workers()
                self._kill_all()
            while time.monotonic() < until and times > 0 and not self._has_ended():
                self._wait()
                if not self._has_ended():
                    self._disturb()
                    times -= 1
            self._let_end()
        finally:
            self._end_all()

    # ---- the search

    def _start(self) -> None:
        self._killed = 0
        self.search = self.crew.start(*self.words, before=self.before)
        self.happened["started"] += 1

    def _has_ended(self) -> bool:
        """Whether the study is complete; a search that gave up is started again."""
        code = self.search.process.exitcode
        if code is None:
            return False
        self.look()
        if code == 0:
            return True
        last = (self.search.said.splitlines() or [""])[-1]
        if not self._may_give_up(last):
            raise BrokenError(f"the search ended with {code}: {last}")
        self.happened["gave up"] += 1  # and told others to leave, which nobody saw
        self._start()
        return False

    def _may_give_up(self, last: str) -> bool:
        """Whether what a search said last is what it should say after all that happened to it."""
        return "workers die again and again" in last and self._killed > _GIVES_UP_AFTER

    def _let_end(self) -> None:
        deadline = time.monotonic() + _TO_THE_END
        while not self._has_ended():
            if time.monotonic() > deadline:
                raise BrokenError(f"the search did not end within {_TO_THE_END:.0f} s")
            time.sleep(0.2)

    def look(self) -> None:
        """See that no trial which has ended is another than it was."""
        try:
            record = self.load().record()
        except StudyError as error:
            if self.finished or "no study" not in str(error):
                raise BrokenError(f"the study cannot be read: {error}") from None
            return  # killed before it was begun
        now = {t.number: t for t in record.trials if t.state in ("complete", "failed")}
        for number, trial in self.finished.items():
            if now.get(number) != trial:
                raise BrokenError(f"trial {number} was {trial}, and is {now.get(number)}")
        self.finished |= now

    def load(self) -> Study:
        """The study, from where it is kept."""
        return load_study(self.study)

    def close(self) -> None:
        """Let go of what the study was kept in."""

    # ---- moments

    def _wait_for_workers(self) -> None:
        while len(self._workers()) < WORKERS and self.search.process.exitcode is None:
            time.sleep(0.01)

    def _wait(self) -> None:
        """Until something was written, and a little longer; or a random time."""
        if self.rng.random() < 0.3:
            time.sleep(self.rng.uniform(0, 3))
            return
        deadline = time.monotonic() + 60
        while self._length() == self._written and time.monotonic() < deadline:
            if self.search.process.exitcode is not None:
                return
            time.sleep(0.01)
        time.sleep(self.rng.choice([0.0, self.rng.uniform(0, 0.05), self.rng.uniform(0, 0.8)]))
        self._written = self._length()

    def _length(self) -> int:
        """Of all that was ever written."""
        journal = self.study / JOURNAL
        return journal.stat().st_size if journal.is_file() else 0

    def _disturb(self) -> None:
        kinds = self._kinds()
        self.rng.choices(list(kinds), list(kinds.values()))[0]()

    def _kinds(self) -> dict[Callable[[], None], int]:
        """What may be done, and how often beside the others."""
        return {
            self._kill_worker: 8,
            self._kill_search: 4,
            self._kill_all: 1,
            self._interrupt: 2,
            self._pause_worker: 2,
            self._pause_search: 1,
            self._tear: 2,
        }

    # ---- what is done

    def _kill_worker(self) -> None:
        workers = self._workers()
        if workers and send(worker := self.rng.choice(workers), self.folder, signal.SIGKILL):
            self.happened["worker killed"] += 1
            self.ended.add(worker)
            self._killed += 1

    def _kill_search(self) -> None:
        if self._end_search(signal.SIGKILL):
            self.happened["search killed"] += 1
            self._start_again()

    def _kill_all(self) -> None:
        if self._end_search(signal.SIGKILL):
            for pid in processes(self.folder):
                send(pid, self.folder, signal.SIGKILL)
            self.happened["all killed"] += 1
            self._start_again()

    def _interrupt(self) -> None:
        if not self.search.said or not self._end_search(signal.SIGINT):
            return  # it does not listen yet, or any more
        if self.rng.random() < 0.3:  # who presses it twice does not wait
            time.sleep(self.rng.uniform(0, 0.5))
            send(self.search.pid, self.folder, signal.SIGINT)
        if (code := self.search.end(_TO_THE_END)) not in (0, 130):
            raise BrokenError(f"an interrupted search ended with {code}: {self.search.said}")
        self.happened["interrupted"] += 1
        self._start_again()

    def _end_search(self, number: signal.Signals) -> bool:
        """End the search, and so tell its workers to leave; one may have begun this moment."""
        before = self._workers()
        is_there = send(self.search.pid, self.folder, number)
        if is_there:
            self.ended |= {*before, *self._workers()}
        return is_there

    def _start_again(self) -> None:
        self.search.end()
        if self.rng.random() < 0.5:
            time.sleep(self.rng.uniform(0, 2))
            self.look()
        self._start()

    def _pause_worker(self) -> None:
        workers = self._workers()
        if workers:
            self._pause(self.rng.choice(workers), "worker paused")

    def _pause_search(self) -> None:
        self._pause(self.search.pid, "search paused")

    def _pause(self, pid: int, kind: str) -> None:
        """Stop a process; now and then a worker is killed while it stands still."""
        if not send(pid, self.folder, signal.SIGSTOP):
            return
        self.happened[kind] += 1
        time.sleep(self.rng.uniform(0, 2))
        if self.rng.random() < 0.3:
            self._kill_worker()
        send(pid, self.folder, signal.SIGCONT)

    def _tear(self) -> None:
        """Leave half a line at the end of the journal, as a writer that is killed does."""
        journal = self.study / JOURNAL
        with suppress(FileNotFoundError), journal.open("rb+") as file:  # it may not be begun yet
            with journal.with_suffix(".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                last = (file.read().splitlines() or [b"{"])[-1]
                file.write(last[: self.rng.randint(1, len(last))])
                file.flush()
            self.happened["line torn"] += 1

    def _end_all(self) -> None:
        for pid in processes(self.folder):
            send(pid, self.folder, signal.SIGKILL)
        self.crew.end()

    def _workers(self) -> list[int]:
        return [pid for pid in processes(self.folder) if pid != self.search.pid]
