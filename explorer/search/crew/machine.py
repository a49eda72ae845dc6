"""What of this machine may be used: cores and memory, as the kernel and a container allow."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/")


def usable_cores(root: Path = _ROOT) -> int:
    """Cores that this process may keep busy: those it may run on, within its control group's quota.

    Args:
        root: of the file system that says so.
    """
    # os.cpu_count, which counts all cores of the machine, is for systems without affinity.
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quotas = [quota for folder in _groups(root, "cpu") if (quota := _quota(folder)) is not None]
    return max(1, min([mine or 1, *map(int, quotas)]))


def available_memory(root: Path = _ROOT) -> int:
    """Bytes that new processes may take without anything being swapped out or killed.

    Where the kernel does not say, all the memory that there is.
    """
    free = [left for folder in _groups(root, "memory") if (left := _left(folder)) is not None]
    known = _named(root / "proc/meminfo").get("MemAvailable:")
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(0, min([total if known is None else known * 1024, *free]))


def peak_memory() -> int:
    """Bytes that this process has held at most."""
    # Not getrusage: on Linux a child begins with the peak of the process that started it.
    known = _named(Path("/proc/self/status")).get("VmHWM:")
    if known is not None:
        return known * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of the control groups that we are in, of either version, the innermost first."""
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controller if controllers else "")
        folder = top / path.lstrip("/")
        yield folder
        while folder != top:
            folder = folder.parent
            yield folder


def _quota(folder: Path) -> float | None:
    """The cores that a control group may keep busy; None without a limit."""
    both = _words(folder / "cpu.max")  # "150000 100000" or "max 100000", in microseconds
    if not both:
        both = _words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us")
    numbers = [int(word) for word in both if word.isdigit()]
    return numbers[0] / numbers[1] if len(numbers) == 2 else None


def _left(folder: Path) -> int | None:
    """The bytes that a control group may still take; None without a limit."""
    pairs = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
    for limit, usage in pairs:
        words = _words(folder / limit) + _words(folder / usage)
        if len(words) == 2 and all(word.isdigit() for word in words):
            # Files that nobody looked at lately are dropped where memory is asked for.
            idle = _named(folder / "memory.stat").get("inactive_file", 0)
            return int(words[0]) - int(words[1]) + idle
    return None


def _named(path: Path) -> dict[str, int]:
    """The numbers of a file whose lines are a name and a number."""
    rows = (line.split() for line in _lines(path))
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _lines(path: Path) -> list[str]:
    """The lines of a file of the kernel's; none where it is not there."""
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
