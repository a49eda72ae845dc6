"""A study whose trials are in a PostgreSQL database, for workers on any machine.

Trials, attributes and heartbeats are in Optuna's own tables. Locks are advisory locks, each on a
connection of its own: the server drops them with the connection, however its process dies.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna

from explorer.errors import StudyError
from explorer.search.storage.address import Address
from explorer.search.storage.leases import BeatLeases
from explorer.search.storage.rdb import Tables
from explorer.search.storage.server import Server
from explorer.search.storage.store import SETTINGS, Direction, Store

if TYPE_CHECKING:
    import psycopg


_HELD_FOR = 10.0  # seconds to wait for another search that is about to end
_LOOK = 2.0  # seconds between two looks whether a lock is still held


class PostgresStore(Store):
    """A study of a database.

    Args:
        folder: the study's on this machine, whose last part is its name; it need not be there.
        address: of the database.

    Raises:
        StudyError: the driver is missing, or the server cannot be reached with this address.
    """

    forgets_locks = True  # when it is restarted

    def __init__(self, folder: Path, address: Address) -> None:
        self.folder = folder
        self.where = f"{address.shown}, study '{folder.name}'"
        self.options = ("--storage", address.shown)
        self.environment = {"PGPASSWORD": address.password} if address.password else {}
        self._address = address
        self._server = Server(address)
        self._server.connect().close()  # what is wrong with the address is said now
        self._made: Tables | None = None
        self._loaded: int | None = None  # the id of the study
        self._held: psycopg.Connection[Any] | None = None  # has the lock while we are alone

    @property
    def _storage(self) -> Tables:
        """Optuna's storage; its tables are made where they are missing."""
        if self._made is None:
            with self._locked("tables"), self._server.in_a_line():
                self._made = Tables(self._server.connect, self._server.said)
            self.leases = BeatLeases(self._made)
        return self._made

    def is_there(self) -> bool:
        return self.name in self._names()

    def is_begun(self) -> bool:
        return self.is_there() and SETTINGS in self.load().user_attrs

    def create(self, directions: Sequence[Direction]) -> optuna.Study:
        study = optuna.create_study(
            storage=self._storage,
            study_name=self.name,
            directions=list(directions),
            load_if_exists=True,  # the start of one that was killed
        )
        found = [direction.name.lower() for direction in study.directions]
        if found != list(directions) or study.get_trials(deepcopy=False):
            raise StudyError(f"{self.where}: is a study of another tool")
        self._loaded = study._study_id
        return study

    def load(self, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
        names = self._names()
        if self.name not in names:
            known = f" (studies there: {', '.join(names)})" if names else ""
            raise StudyError(f"{self._address.shown}: there is no study '{self.name}'{known}")
        with self._server.in_a_line():
            study = optuna.load_study(storage=self._storage, study_name=self.name, sampler=sampler)
        self._loaded = study._study_id
        return study

    def replace(self, directions: Sequence[Direction], fill: Callable[[optuna.Study], None]) -> str:
        """The new study is written under a name of its own; then both change names at once."""
        storage, name = self._storage, f"{self.name}~next"
        with self._server.in_a_line():
            with suppress(KeyError):  # of one that was killed
                optuna.delete_study(storage=storage, study_name=name)
            new = optuna.create_study(storage=storage, study_name=name, directions=list(directions))
            fill(new)
        taken = self._names()
        kept = next(k for k in (f"{self.name}~{i}" for i in count(1)) if k not in taken)
        rename = "UPDATE studies SET study_name = %s WHERE study_id = %s AND study_name = %s"
        with (
            closing(self._server.connect()) as connection,
            self._server.in_a_line(),
            connection.transaction(),
        ):
            for words in (kept, self._loaded, self.name), (self.name, new._study_id, name):
                # A server that was restarted meanwhile has dropped our locks.
                if connection.execute(rename, words).rowcount != 1:
                    raise self.replaced()
        return f"the study before is kept as {kept}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        with closing(self._server.patiently(self._let_in)) as connection:
            self._held = connection
            try:
                yield
            finally:
                self._held = None

    def _let_in(self, connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
        """The connection with the lock, if the study is still the one that was loaded."""
        self._lock(self._key("proposal"), connection)
        if self._loaded is not None:
            named = "SELECT study_id FROM studies WHERE study_name = %s"
            if connection.execute(named, (self.name,)).fetchone() != (self._loaded,):
                raise self.replaced()
        return connection

    def is_alone(self) -> bool:
        return self._held is not None and _answers(self._held)

    def own(self) -> PostgresOwned:
        return PostgresOwned(self._owner(), self._owner)

    def _owner(self) -> psycopg.Connection[Any]:
        """A connection that has the owner's lock.

        Raises:
            StudyError: another has it, or the server was away for too long.
        """
        return self._server.patiently(self._let_own)

    def _let_own(self, connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
        patience = time.monotonic() + _HELD_FOR
        while not self._try_lock(connection, "owner"):
            if time.monotonic() > patience:
                raise StudyError(f"{self.where}: another search is at work on this study")
            time.sleep(0.2)
        return connection

    # ---- locks

    @contextmanager
    def _locked(self, purpose: str) -> Iterator[psycopg.Connection[Any]]:
        with closing(self._server.patiently(partial(self._lock, self._key(purpose)))) as connection:
            yield connection

    def _lock(self, key: int, connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
        connection.autocommit = True  # a lock that is waited for must not hold a snapshot
        connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        return connection

    def _try_lock(self, connection: psycopg.Connection[Any], purpose: str) -> bool:
        connection.autocommit = True
        key = self._key(purpose)
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        return row is not None and bool(row[0])

    def _key(self, purpose: str) -> int:
        """Of an advisory lock: 64 bits. Those of the tables are all studies' together."""
        name = "" if purpose == "tables" else self.name
        digest = hashlib.sha256(f"explorer {purpose} {name}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)

    def _names(self) -> list[str]:
        """The studies of the database, without making tables where there are none."""
        return self._server.patiently(_listed)


class PostgresOwned:
    """A study's lock in its database; it is not inherited, since workers have leases."""

    handles: tuple[int, ...] = ()

    def __init__(
        self, connection: psycopg.Connection[Any], again: Callable[[], psycopg.Connection[Any]]
    ) -> None:
        self._connection = connection
        self._again = again
        self._looked = time.monotonic()

    def keep(self) -> None:
        """Look now and then whether the server still knows the lock, and take it again if not."""
        if time.monotonic() < self._looked + _LOOK:
            return
        self._looked = time.monotonic()
        if not _answers(self._connection):
            self._connection.close()
            self._connection = self._again()

    def close(self) -> None:
        self._connection.close()


def _answers(connection: psycopg.Connection[Any]) -> bool:
    """Whether a connection, and with it its locks, is still there."""
    import psycopg

    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _listed(connection: psycopg.Connection[Any]) -> list[str]:
    """The names of the studies in a database, which may have no tables yet."""
    with closing(connection):
        row = connection.execute("SELECT to_regclass('studies')").fetchone()
        if row is None or row[0] is None:
            return []
        found = connection.execute("SELECT study_name FROM studies ORDER BY study_name")
        return [name for (name,) in found]
