"""The processes that run in a folder, as /proc tells them, and signals to them and no others."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def processes(folder: Path) -> list[int]:
    """What runs in a folder: a search and its workers, which all stay where they are begun."""
    numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in numbers if _runs_in(pid, folder)]


def _runs_in(pid: int, folder: Path) -> bool:
    with suppress(OSError):  # it has ended, or is not ours
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    return False


def send(pid: int, folder: Path, number: signal.Signals) -> bool:
    """Send a signal to a process in a folder, and to no other that has its number by now."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            if _runs_in(pid, folder):
                signal.pidfd_send_signal(handle, number)
                return True
        finally:
            os.close(handle)
    return False
