"""The journal of a study on one machine, and the locks around it.

All locks are the kernel's (``flock``): they vanish with the process that holds them, however it
dies, so nothing stale is ever left behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from explorer.errors import StudyError
from explorer.search.storage.leases import FileLeases
from explorer.search.storage.store import SETTINGS, Direction, Store, writable

JOURNAL = "journal.log"
WORKERS = "workers"  # the folder of the workers' locks
_NEXT = "journal.next"  # of a study that is being extended, until it takes the journal's place
_SHOWN = 60  # bytes of a line that is none of a journal's
_HELD_FOR = 10.0  # seconds to wait for the workers of a killed search to notice and leave


class JournalStore(Store):
    """A study whose trials are in a journal in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = str(folder)
        self.leases = FileLeases(folder / WORKERS)
        self._loaded: tuple[int, int] | None = None

    def is_there(self) -> bool:
        return (self.folder / JOURNAL).is_file()

    def is_begun(self) -> bool:
        if not self.is_there():
            return False
        with writable(self.folder):
            mend(self.folder)
        studies = _readable(self.folder).get_all_studies()
        return any(SETTINGS in study.user_attrs for study in studies)

    def create(self, directions: Sequence[Direction]) -> optuna.Study:
        journal = self.folder / JOURNAL
        with writable(self.folder):
            journal.unlink(missing_ok=True)  # the start of one that was killed
            journal.touch()
            self._loaded = _identity(journal)
            return self._begun(journal, directions)

    def load(self, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
        journal = self.folder / JOURNAL
        self._loaded = _identity(journal)  # before it is read, so never newer than what is read
        storage = _readable(self.folder)
        studies = storage.get_all_studies()
        if not studies:
            raise StudyError(f"{journal}: holds no study")
        # Other tools may have put studies of theirs beside ours.
        ours = [study for study in studies if SETTINGS in study.user_attrs] or studies
        return optuna.load_study(storage=storage, study_name=ours[0].study_name, sampler=sampler)

    def replace(self, directions: Sequence[Direction], fill: Callable[[optuna.Study], None]) -> str:
        journal, new = self.folder / JOURNAL, self.folder / _NEXT
        with writable(self.folder):
            new.unlink(missing_ok=True)  # of one that was killed
            try:
                fill(self._begun(new, directions))
                kept = _keep(journal)
                new.replace(journal)
            finally:
                new.unlink(missing_ok=True)
            _sync(self.folder)
        return f"journal kept as {kept.name}"

    def _begun(self, journal: Path, directions: Sequence[Direction]) -> optuna.Study:
        return optuna.create_study(
            storage=open_journal(journal), study_name=self.name, directions=list(directions)
        )

    @contextmanager
    def alone(self) -> Iterator[None]:
        with writable(self.folder):
            file = (self.folder / "proposal.lock").open("w")
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._loaded not in (None, _identity(self.folder / JOURNAL)):
                raise self.replaced()
            yield

    def own(self) -> JournalOwned:
        return JournalOwned(own(self.folder))


class JournalOwned:
    """A study's lock on this machine, which workers inherit."""

    def __init__(self, handle: int) -> None:
        self.handles = (handle,)

    def keep(self) -> None:
        """The kernel forgets no lock."""

    def close(self) -> None:
        os.close(self.handles[0])


class _AppendLock(JournalFileOpenLock):
    """One writer at a time; mends what a writer that was killed half-way left behind."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = journal.with_suffix(".lock")
        self._handle = -1

    def acquire(self) -> bool:
        self.release()  # whoever was told to leave in the moment of getting it has it still
        self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            drop_torn_line(self._journal)
        except BaseException:  # told to leave while waiting: whoever asks next must not wait for us
            self.release()
            raise
        return True

    def release(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class _Journal(JournalFileBackend):
    """Optuna's file, which says in one line that it cannot be written."""

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        try:
            super().append_logs(logs)
        except OSError as error:
            raise StudyError(
                f"{self._file_path}: cannot be written ({error.strerror}); what is finished is "
                "kept, and the same command goes on when this is put right"
            ) from None


def open_journal(journal: Path) -> JournalStorage:
    """Optuna's storage over a journal."""
    return JournalStorage(_Journal(str(journal), lock_obj=_AppendLock(journal)))


def drop_torn_line(journal: Path) -> None:
    """Cut off a last line without an end. Only whoever holds the append lock may do this.

    A line counts as written when its newline is; what follows the last one was never reported
    as done by anyone.

    Raises:
        StudyError: the last line has an end, but is no entry: nothing may be written behind it,
            since then no one could read the journal.
    """
    with journal.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return
        file.seek(max(0, size - 2))
        if (end := file.read()) == b"}\n":
            return
        file.seek(0)
        content = file.read()
        if end.endswith(b"\n"):
            raise no_journal(journal)
        if content.startswith(b"{"):  # or it is no journal, and nothing of ours to mend
            file.truncate(content.rfind(b"\n") + 1)


def no_journal(journal: Path, otherwise: object = "") -> StudyError:
    """What is wrong with a journal: the first line that is no entry, or else what was told."""
    fault = str(otherwise)
    for number, line in enumerate(journal.read_bytes().splitlines(), 1):
        if not _is_entry(line):
            shown = line[:_SHOWN].decode("utf-8", "replace")
            fault = f"line {number} is none of its entries: '{shown}'"
            break
    return StudyError(f"{journal}: is no journal of a study ({fault}); nothing was changed")


def _is_entry(line: bytes) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and {"op_code", "worker_id"} <= entry.keys()


def mend(folder: Path) -> None:
    """Cut off what a writer that was killed half-way left at the end of a study's journal."""
    lock = _AppendLock(folder / JOURNAL)
    lock.acquire()
    lock.release()


def own(folder: Path) -> int:
    """Take a study for this process and the children that inherit the returned descriptor.

    Raises:
        StudyError: another search is at work on the study.
    """
    with writable(folder):
        handle = os.open(folder / "owner.lock", os.O_CREAT | os.O_RDWR, 0o644)
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


def _readable(folder: Path) -> JournalStorage:
    try:
        return open_journal(folder / JOURNAL)
    except OSError as error:
        raise StudyError(f"{folder}: cannot be opened ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise no_journal(folder / JOURNAL, error) from None


def _identity(file: Path) -> tuple[int, int] | None:
    """What tells a file from another of the same name; None where there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _keep(journal: Path) -> Path:
    """A second name for a journal, ``journal.1.log`` or the next number; it keeps the first."""
    names = (journal.with_suffix(f".{number}.log") for number in count(1))
    # It has one already where whoever gave it was killed before the journal was replaced.
    kept = next(name for name in names if not name.exists() or name.samefile(journal))
    if not kept.exists():
        kept.hardlink_to(journal)
    return kept


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk, not only what is in its files."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
