"""Optuna's tables over connections of ours: what a falling server cuts off is done once more."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import TrialState

from explorer.errors import StudyError
from explorer.search.storage.store import CutOffError

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext

PATIENCE = 60.0  # seconds to wait for a server that was there before
_PAUSE = 0.2  # seconds between two attempts, beside what a new connection waits

# States of SQL that Optuna sees to itself, by trying again: keys that are there twice, and
# transactions that collided.
_OPTUNAS_OWN = ("23", "40")


class Tables(RDBStorage):
    """Optuna's storage in PostgreSQL.

    What is read, and what sets a value to what it is to be, is done once more where its connection
    breaks. A trial that is finished stays so, and whoever did it is told that it is done. All else
    may lead elsewhere when it is done twice, so whoever asked is told: CutOffError.

    Args:
        connect: gives a new connection, which knows the password; the URL in here has none.
        said: what a database's error becomes.
    """

    def __init__(self, connect: Callable[[], Any], said: Callable[[BaseException], StudyError]):
        pool = {"creator": connect, "pool_pre_ping": True, "pool_size": 2, "max_overflow": 1}
        super().__init__("postgresql+psycopg://", engine_kwargs=pool)
        # Its connections are closed with it; at the end of a process they end by themselves.
        weakref.finalize(self, self.engine.dispose).atexit = False
        _tell_errors(self, said)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        if not state.is_finished():
            return super().set_trial_state_values(trial_id, state, values)
        try:
            return super().set_trial_state_values(trial_id, state, values)
        except CutOffError:
            return self._finish(trial_id, state, values)

    def _finish(self, trial_id: int, state: TrialState, values: Sequence[float] | None) -> bool:
        """Finish a trial, unless that was done already and could not be told."""
        found = self.get_trial(trial_id)
        if found.state is state and found.values == (None if values is None else list(values)):
            return True
        return super().set_trial_state_values(trial_id, state, values)

    def get_heartbeat_interval(self) -> None:
        """None for Optuna, which would warn at every trial that only ``optimize`` sends them."""


def _persistent(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that starts again when its connection breaks, for as long as a server is waited for.

    Raises:
        StudyError: it breaks again and again.
    """

    @wraps(method)
    def persistent(*args: Any, **kwargs: Any) -> Any:
        deadline: float | None = None
        while True:
            try:
                return method(*args, **kwargs)
            except CutOffError as error:
                deadline = deadline or time.monotonic() + PATIENCE
                if time.monotonic() >= deadline:
                    raise StudyError(str(error)) from None
                time.sleep(_PAUSE)

    return persistent


# Those without underscores are Optuna's own interface; the others are what its cache asks for, in
# the versions that have them.
_READS = tuple(name for name in BaseStorage.__abstractmethods__ if name.startswith("get_"))
_SETS = tuple(name for name in BaseStorage.__abstractmethods__ if name.endswith("_attr"))
_OTHERS = ("set_trial_param", "_set_trial_param", "_get_trials", "_get_stale_trial_ids")
for _name in (*_READS, *_SETS, *_OTHERS, "record_heartbeat", "_finish"):
    if hasattr(Tables, _name):
        setattr(Tables, _name, _persistent(getattr(Tables, _name)))


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
