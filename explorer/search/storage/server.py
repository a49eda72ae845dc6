"""A PostgreSQL server as it is reached by an address: it may be away for a while.

It knows nothing of a study. What is made of its connections may keep it alive, and is dropped, its
connections closed, with the last who uses it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from optuna.exceptions import StorageInternalError

from explorer.errors import ExplorerError, StudyError
from explorer.search.storage.address import Address
from explorer.search.storage.rdb import PATIENCE

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

_ANSWER = 10  # seconds to wait for a server's answer to a connection

# A machine that lost its power must not keep a lock: the server notices within half a minute. And
# times are compared across sessions, whose zones are otherwise those of their machines.
_SESSION = """
    SET TIME ZONE 'UTC';
    SET tcp_keepalives_idle = 15;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3
"""


class Server:
    """Gives connections to a database, and says in a line what goes wrong with them.

    Raises:
        StudyError: the driver is missing.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._psycopg = _driver()
        self._patience = 0.0

    def connect(self) -> psycopg.Connection[Any]:
        """A connection; a server that was there before may be away for a while.

        Raises:
            StudyError: there is none to be had.
        """
        deadline = time.monotonic() + self._patience
        while True:
            try:
                connection: psycopg.Connection[Any] = self._psycopg.connect(
                    self._address.shown,
                    **({"password": self._address.password} if self._address.password else {}),
                    connect_timeout=_ANSWER,
                    application_name="explorer",
                    autocommit=True,
                )
                connection.execute(_SESSION)
                connection.autocommit = False
            except self._psycopg.Error as error:
                if time.monotonic() >= deadline:
                    self._patience = 0.0
                    raise self.said(error) from None
                time.sleep(1)
            else:
                self._patience = PATIENCE
                return connection

    def patiently(self, ask: Callable[[psycopg.Connection[Any]], T]) -> T:
        """What is asked of a new connection; of another one, where the server went away meanwhile.

        Raises:
            StudyError: it was away for too long, or refuses.
        """
        deadline: float | None = None  # of its absence; a lock may be waited for longer
        while True:
            connection = self.connect()
            try:
                return ask(connection)
            except self._psycopg.OperationalError as error:
                connection.close()
                deadline = deadline or time.monotonic() + PATIENCE
                if time.monotonic() >= deadline:
                    raise self.said(error) from None
                time.sleep(1)
            except self._psycopg.Error as error:
                connection.close()
                raise self.said(error) from None
            except BaseException:
                connection.close()
                raise

    @contextmanager
    def in_a_line(self) -> Iterator[None]:
        """What the database refuses is the user's affair, and no bug of ours."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except ExplorerError:
            raise
        except (self._psycopg.Error, SQLAlchemyError, StorageInternalError, RuntimeError) as error:
            cause = error.__cause__ if isinstance(error, StorageInternalError) else error
            raise self.said(getattr(cause, "orig", None) or cause or error) from None

    def said(self, error: BaseException) -> StudyError:
        """An error of the database in a line, with the address."""
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return StudyError(f"{self._address.shown}: {lines[0].strip()}")


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise StudyError(
            "--storage: a PostgreSQL database needs psycopg, which is not installed; "
            "pip install 'inception-explorer[postgresql]'"
        ) from None
    # It warns of each statement that was left in the middle, as by a worker that is told to leave.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    return psycopg
