"""Commands in processes of their own, forked from one that has loaded torch: each costs little."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

import explorer.search.workers.supervisor
import explorer.search.workers.worker  # noqa: F401 - so that the server of forks has it
from explorer.cli import main
from explorer.search import Settings, origin
from explorer.search.records import StudyRecord
from explorer.search.storage import leases as leases_
from explorer.space.library import Text
from tests.search.tiny import TINY

# Writes a line when it begins and one when it ends. One process may be told to wait between, in the
# first score of a net: of a second one, the first would be scored again when the process is killed.
MODULE = '''
import os
import signal
import time
from pathlib import Path
from explorer.graph import fingerprint

def note(word, candidate, seed):
    line = f"{word} {fingerprint(candidate.graph)}/{seed} {os.getpid()}\\n"
    handle = os.open("scored.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    os.write(handle, line.encode())
    os.fsync(handle)
    os.close(handle)

seen = []

def score(candidate, seed):
    """Wide is good."""
    first = candidate.graph not in seen
    seen.append(candidate.graph)
    note("begin", candidate, seed)
    time.sleep(0.02)
    while first and Path("hold").is_file() and Path("hold").read_text() == str(os.getpid()):
        time.sleep(0.02)
    note("end", candidate, seed)
    return candidate.assignment["n1"] + seed % 100 / 1000

def deaf(candidate, seed):
    """Is told to leave, and swallows it, as what the interpreter calls back does."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    except BaseException:
        pass
    return 1.0

def endless(candidate, seed):
    while candidate.assignment["n1"] % 8:
        pass
    return 1.0
'''


_DIALECT = "sqlalchemy.dialects.postgresql.psycopg"


def settings(function: str = "score") -> Settings:
    from explorer.budget import parse_budget
    from explorer.score import Protocol

    text = Text("tiny.space", TINY)
    name = f"mine:{function}"
    budget = parse_budget("1e6")
    return Settings(text, budget, Protocol(), "", "random", 3, origin=origin(), score=name)


def prepare(folder: Path) -> Path:
    """A folder with a space and functions."""
    (folder / "tiny.space").write_text(TINY)
    (folder / "mine.py").write_text(MODULE)
    return folder


def _warm_up() -> None:
    """Load and parse once what every command would for itself."""
    Text("tiny.space", TINY).space()
    for name in ("optuna.storages._rdb.models", "alembic.command", _DIALECT, "psycopg"):
        with suppress(ImportError):  # where there is no driver, nothing asks for a database
            import_module(name)


_warm_up()


@dataclass
class Command:
    """A command at work, and what it prints."""

    process: BaseProcess
    log: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def end(self, seconds: float = 120) -> int | None:
        self.process.join(seconds)
        return self.process.exitcode

    @property
    def said(self) -> str:
        return self.log.read_text()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


@dataclass
class Crew:
    """Starts commands in a folder; none of them outlives the test."""

    folder: Path
    lease: tuple[float, float] = (0.3, 1.5)  # seconds between beats, and without one
    started: list[Command] = field(default_factory=list)

    def start(
        self,
        *words: str,
        before: Callable[[], None] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Command:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.search.crew"])
        log = self.folder / f"command{len(self.started)}.log"
        log.touch()
        arguments = (self.folder, log, words, self.lease, before, dict(variables or {}))
        process = context.Process(target=_run, args=arguments)
        process.start()
        self.started.append(Command(process, log))
        return self.started[-1]

    def end(self) -> None:
        for command in self.started:
            if command.process.is_alive():
                command.signal(signal.SIGCONT)
                command.process.kill()
            command.process.join()

    # ---- what was scored

    def lines(self, word: str, pid: int | None = None) -> list[str]:
        """What was begun or ended, by everyone or by one process."""
        file = self.folder / "scored.txt"
        rows = [line.split() for line in file.read_text().splitlines()] if file.is_file() else []
        return [row[1] for row in rows if row[0] == word and pid in (None, int(row[2]))]

    def hold(self, command: Command) -> str:
        """Make a worker wait within its next score; returns what it is scoring then."""
        (self.folder / "hold").write_text(str(command.pid))

        def is_held() -> bool:
            before = self.lines("begin", command.pid), self.lines("end", command.pid)
            time.sleep(0.2)
            after = self.lines("begin", command.pid), self.lines("end", command.pid)
            return before == after and len(after[0]) == len(after[1]) + 1

        wait_for(is_held)
        return self.lines("begin", command.pid)[-1]

    def let_go(self) -> None:
        (self.folder / "hold").unlink(missing_ok=True)


def _run(
    folder: Path,
    log: Path,
    words: tuple[str, ...],
    lease: tuple[float, float],
    before: Callable[[], None] | None,
    variables: Mapping[str, str],
) -> None:
    os.chdir(folder)
    os.environ |= variables
    handle = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.argv = ["explorer", *words]
    leases_.BEAT, leases_.GRACE = lease
    if before is not None:
        before()
    code = main(words)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_whole(record: StudyRecord, count: int) -> bool:
    """Whether all trials are there, complete and different."""
    numbers = [trial.number for trial in record.complete]
    prints = {trial.fingerprint for trial in record.trials}
    return numbers == list(range(count)) and len(prints) == len(record.trials) == count
