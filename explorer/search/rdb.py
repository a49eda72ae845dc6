"""Optuna's tables over connections of ours: what a falling server cuts off is done once more."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from optuna.storages import BaseStorage, RDBStorage

from explorer.errors import StudyError

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext

PATIENCE = 60.0  # seconds to wait for a server that was there before
_PAUSE = 0.2  # seconds between two attempts, beside what a new connection waits

# States of SQL that Optuna sees to itself, by trying again: keys that are there twice, and
# transactions that collided.
_OPTUNAS_OWN = ("23", "40")


class CutOffError(StudyError):
    """The connection broke within a statement; whether the server has done it is not known."""


class Tables(RDBStorage):
    """Optuna's storage in PostgreSQL.

    Each of its methods is one transaction, and leads to the same if it is done twice: attributes
    and parameters are set to what they are, a trial that is finished stays as it is, and one that
    was asked for and is nobody's is put back. So a method whose connection breaks starts again.

    Args:
        connect: gives a new connection, which knows the password; the URL in here has none.
        said: what a database's error becomes.
    """

    def __init__(self, connect: Callable[[], Any], said: Callable[[BaseException], StudyError]):
        pool = {"creator": connect, "pool_pre_ping": True, "pool_size": 2, "max_overflow": 1}
        super().__init__("postgresql+psycopg://", engine_kwargs=pool)
        _tell_errors(self, said)

    def get_heartbeat_interval(self) -> None:
        """None for Optuna, which would warn at every trial that only ``optimize`` sends them."""


def _persistent(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that starts again when its connection breaks, for as long as a server is waited for.

    Raises:
        CutOffError: it breaks again and again.
    """

    @wraps(method)
    def persistent(*args: Any, **kwargs: Any) -> Any:
        deadline: float | None = None
        while True:
            try:
                return method(*args, **kwargs)
            except CutOffError:
                deadline = deadline or time.monotonic() + PATIENCE
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE)

    return persistent


# What Optuna's cache asks of its tables, and what we do. Nothing of it is called within another's
# transaction, which would have to be begun anew with it.
_CACHES = ("_create_new_trial", "_get_trials", "_set_trial_param", "_get_stale_trial_ids")
for _name in (*BaseStorage.__abstractmethods__, "record_heartbeat", *_CACHES):
    setattr(Tables, _name, _persistent(getattr(RDBStorage, _name)))


def _tell_errors(tables: Tables, said: Callable[[BaseException], StudyError]) -> None:
    """What goes wrong with the database, wherever it does, becomes one line of ours."""
    from sqlalchemy import event

    def tell(context: ExceptionContext) -> None:
        error = context.original_exception
        if not isinstance(error, Exception):
            return  # Ctrl-C, or an order to leave: none of the database's
        code = str(getattr(error, "sqlstate", None) or "")
        if context.is_pre_ping or code.startswith(_OPTUNAS_OWN):
            return
        told = said(error)
        raise CutOffError(str(told)) if context.is_disconnect else told from None

    event.listen(tables.engine, "handle_error", tell)
