"""The same of a study in a database: workers join by hand, and the server falls and comes back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg

from explorer.search import Study, load_study
from tests.search.crew import Command
from tests.search.server import find_binaries, running
from tests.soak.killer import Killer

_BY_HAND = 2  # workers at most


@dataclass
class RemoteKiller(Killer):
    """A search in a database of a server of its own.

    A worker that was stopped for longer than its lease may lose what it has in hand to another, and
    so may one that could send no heartbeat to a server that was away.
    """

    _fallen: int = 0  # how often the server has, since the search was started
    _by_hand: list[Command] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        super().__post_init__()
        binaries = find_binaries()
        assert binaries is not None, "no PostgreSQL server is installed"
        self._server = self._stack.enter_context(running(binaries))
        name = f"d{secrets.token_hex(6)}"
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        self._url = self._server.url(name)
        self.words = (*self.words, "--storage", self._url)

    def load(self) -> Study:
        return load_study(self.study, storage=self._url)

    def close(self) -> None:
        self._stack.close()

    def _may_give_up(self, last: str) -> bool:
        """A search that is begun while the server falls says so, and nothing else."""
        is_early = self._fallen > 0 and self.search.said.strip() == last
        is_early &= last.startswith("explorer: postgresql://") and "another search" not in last
        return super()._may_give_up(last) or is_early

    def _start(self) -> None:
        self._fallen = 0
        super()._start()

    def _length(self) -> int:
        with psycopg.connect(self._server.url()) as connection:
            row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
        assert row is not None
        return int(row[0])

    def _kinds(self) -> dict[Callable[[], None], int]:
        kinds = {kind: often for kind, often in super()._kinds().items() if kind != self._tear}
        return kinds | {self._join: 3, self._fell_server: 2}

    def _pause(self, pid: int, kind: str) -> None:
        super()._pause(pid, kind)
        self.cut_off[pid] += 1

    def _join(self) -> None:
        """Start a worker by hand, unless there are enough; it leaves when all is done."""
        if sum(command.process.is_alive() for command in self._by_hand) < _BY_HAND:
            words = ("worker", "--study", self.study.name, "--storage", self._url)
            self._by_hand.append(self.crew.start(*words))
            self.happened["worker joined"] += 1

    def _fell_server(self) -> None:
        """Let the server fall, as by a lost power supply, and come back a moment later."""
        for pid in self._workers():
            self.cut_off[pid] += 1
        self._server.stop()
        time.sleep(self.rng.uniform(0, 2))
        self._server.start()
        self._fallen += 1
        self.happened["server restarted"] += 1
