"""Who holds which trial, and whose holder is gone.

Of a journal, the workers are processes of one machine: each holds a lock on a file of its own,
which the kernel drops however the process dies. Of a database they may be anywhere: each sends
heartbeats while a trial is in hand, and all times are the database's.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import optuna
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial

BEAT = 15.0  # seconds between heartbeats
GRACE = 60.0  # seconds without one after which a trial's worker counts as gone


class Leases(Protocol):
    """What a worker does so that others know of it, and what they know."""

    def enter(self, worker: str) -> None:
        """Be at work under a name; to be called alone (see ``Store.alone``)."""

    def leave(self) -> None:
        """Be gone, and hold nothing."""

    def take(self, trial_id: int) -> None:
        """Hold a trial from now on."""

    def drop(self) -> None:
        """Hold it no more."""

    def lost(self, study: optuna.Study, running: Sequence[FrozenTrial]) -> frozenset[int]:
        """Which of the running trials nobody holds, by their ids; to be called alone."""

    def are_workers_known(self) -> bool:
        """Whether a worker is known to be at work, with a trial or between two; alone as well."""


class FileLeases:
    """A locked file for every worker: its trials are its own while it lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: Path | None = None
        self._handle = -1

    def enter(self, worker: str) -> None:
        self._folder.mkdir(exist_ok=True)
        self._mine = self._file(worker)
        self._handle = os.open(self._mine, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _closed_in_forks.add(self._handle)

    def leave(self) -> None:
        if self._mine is not None:
            self._mine.unlink(missing_ok=True)
            _closed_in_forks.discard(self._handle)
            os.close(self._handle)
            self._mine = None

    def take(self, trial_id: int) -> None:
        """The worker's file is enough."""

    def drop(self) -> None:
        """The worker's file stays locked until it leaves."""

    def lost(self, study: optuna.Study, running: Sequence[FrozenTrial]) -> frozenset[int]:
        """Also removes the files of the dead, whose names never come again."""
        alive = self._alive()
        names = {trial._trial_id: trial.user_attrs.get("worker", "") for trial in running}
        return frozenset(
            trial_id for trial_id, name in names.items() if self._file(name).name not in alive
        )

    def are_workers_known(self) -> bool:
        return bool(self._alive())

    def _alive(self) -> set[str]:
        return {file.name for file in self._folder.glob("*") if not _is_dead(file)}

    def _file(self, worker: str) -> Path:
        return self._folder / (Path(worker).name or "nobody")


def _is_dead(file: Path) -> bool:
    try:
        with file.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            file.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    except FileNotFoundError:  # it left in order this moment, and took its file along
        return True
    return True


# A child that was forked shares its parent's lock. It must not keep a dead worker's trial held.
_closed_in_forks: set[int] = set()


def _close_in_fork() -> None:
    for handle in _closed_in_forks:
        os.close(handle)
    _closed_in_forks.clear()


os.register_at_fork(after_in_child=_close_in_fork)


class BeatLeases:
    """Heartbeats in the database while a trial is in hand, from a thread of their own.

    Args:
        storage: whose table of heartbeats it is. Optuna's own thread serves ``optimize`` alone.
        beat: seconds between two.
        grace: seconds without one after which a trial is nobody's.
    """

    def __init__(
        self, storage: RDBStorage, beat: float | None = None, grace: float | None = None
    ) -> None:
        self._storage = storage
        self._beat = BEAT if beat is None else beat
        self._grace = GRACE if grace is None else grace
        self._trial: int | None = None
        self._left = threading.Event()

    def enter(self, worker: str) -> None:
        self._left.clear()
        threading.Thread(target=self._keep_beating, daemon=True).start()

    def leave(self) -> None:
        self.drop()
        self._left.set()

    def take(self, trial_id: int) -> None:
        """The first beat is on record before anyone else may look: the last holder's is old."""
        self._storage.record_heartbeat(trial_id)
        self._trial = trial_id

    def drop(self) -> None:
        self._trial = None

    def lost(self, study: optuna.Study, running: Sequence[FrozenTrial]) -> frozenset[int]:
        if not running:
            return frozenset()
        # Set here and not when it is made, which would warn of heartbeats outside of optimize.
        self._storage.heartbeat_interval = self._beat  # type: ignore[assignment]
        self._storage.grace_period = self._grace  # type: ignore[assignment]
        return frozenset(self._storage._get_stale_trial_ids(study._study_id))

    def are_workers_known(self) -> bool:
        """Only of those that have a trial, which its heartbeats tell."""
        return False

    def _keep_beating(self) -> None:
        while not self._left.wait(self._beat):
            trial = self._trial
            if trial is not None:
                with suppress(Exception):  # the server is away for a moment: the next one may do
                    self._storage.record_heartbeat(trial)
