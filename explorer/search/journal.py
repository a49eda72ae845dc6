"""The journal of a study on one machine, and the locks around it.

All locks are the kernel's (``flock``): they vanish with the process that holds them, however it
dies, so nothing stale is ever left behind.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from explorer.errors import StudyError

JOURNAL = "journal.log"
_HELD_FOR = 10.0  # seconds to wait for the workers of a killed search to notice and leave


class _AppendLock(JournalFileOpenLock):
    """One writer at a time; mends what a writer that was killed half-way left behind."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = journal.with_suffix(".lock")
        self._handle = -1

    def acquire(self) -> bool:
        self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        drop_torn_line(self._journal)
        return True

    def release(self) -> None:
        os.close(self._handle)


def open_journal(folder: Path) -> JournalStorage:
    """Optuna's storage over the journal in a study's folder."""
    journal = folder / JOURNAL
    return JournalStorage(JournalFileBackend(str(journal), lock_obj=_AppendLock(journal)))


def drop_torn_line(journal: Path) -> None:
    """Cut off a last line without an end. Only whoever holds the append lock may do this.

    A line counts as written when its newline is; what follows the last one was never reported
    as done by anyone.
    """
    with journal.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return
        file.seek(size - 1)
        if file.read(1) == b"\n":
            return
        file.seek(0)
        content = file.read()
        if content.startswith(b"{"):  # or it is no journal, and nothing of ours to mend
            file.truncate(content.rfind(b"\n") + 1)


def mend(folder: Path) -> None:
    """Cut off what a writer that was killed half-way left at the end of a study's journal."""
    lock = _AppendLock(folder / JOURNAL)
    lock.acquire()
    lock.release()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Alone among the workers of a study, for as long as a proposal takes."""
    with (folder / "proposal.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def own(folder: Path) -> int:
    """Take a study for this process and the children that inherit the returned descriptor.

    Raises:
        StudyError: another search is at work on the study.
    """
    try:
        handle = os.open(folder / "owner.lock", os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise StudyError(f"{folder}: cannot be written ({error.strerror})") from None
    patience = time.monotonic() + _HELD_FOR
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() > patience:
                os.close(handle)
                raise StudyError(f"{folder}: another search is at work on this study") from None
            time.sleep(0.2)
