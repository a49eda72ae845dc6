"""The machine at hand: what it is called, how it is set up to be timed, and its clocks."""

from __future__ import annotations

import ctypes
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from explorer.cost.latency import Setting

# Of glibc's mallopt: above how many bytes memory is mapped apart, and given back at the end.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_NEVER = 2**31 - 1
_GROWN = 32 * 2**20  # what the first threshold grows to by itself; the second is twice as much


def setting(device: torch.device, threads: int, batch: int) -> Setting:
    """What a measurement is made on."""
    version = torch.__version__.partition("+")[0]
    return Setting(device.type, hardware(device), threads, batch, "float32", version)


def hardware(device: torch.device) -> str:
    """What the device is called, or the processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Torch with so many threads, and afterwards with as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def keep_memory() -> Iterator[None]:
    """Let freed memory stay with the process, as servers' allocators do.

    Glibc by itself gives large pieces back and asks for them again, every time or never, as the
    heap happens to lie; that alone made one net take 52 ms in one process and 72 in another.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):  # another C library
        yield
        return
    libc.mallopt(_MMAP_THRESHOLD, _NEVER)
    libc.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        libc.mallopt(_MMAP_THRESHOLD, _GROWN)
        libc.mallopt(_TRIM_THRESHOLD, 2 * _GROWN)
        libc.malloc_trim(0)


class Pace:
    """A fixed convolution that takes longer while others share the core, or its caches.

    The clock of a thread leaves out the time that it waits, but not that it is slowed down.
    """

    def __init__(self, device: torch.device, threads: int) -> None:
        self.is_known = device.type == "cpu"
        self._clock = clock(device, threads)
        self._layer = torch.nn.Conv2d(64, 64, 3, padding=1)
        self._image = torch.rand(1, 64, 28, 28)

    def ms(self) -> float:
        """What it takes now, the shorter of two runs; 0 where that is not known."""
        return min(self._run(), self._run()) if self.is_known else 0.0

    def _run(self) -> float:
        begun = self._clock.mark()
        self._layer(self._image)
        return self._clock.between(begun, self._clock.mark())


def synchronise(device: torch.device) -> None:
    """Wait until a device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@dataclass(frozen=True, slots=True)
class Clock:
    """Marks points in time, and says how many milliseconds lie between two.

    It does not stop the device: on a GPU the marks are events in the queue of its work, which can
    be read after :func:`synchronise`.
    """

    mark: Callable[[], Any]
    between: Callable[[Any, Any], float]


def clock(device: torch.device, threads: int) -> Clock:
    """The clock of a device; for one thread of a CPU the time that this thread runs."""
    if device.type == "cpu":
        read = time.thread_time if threads == 1 else time.perf_counter
        return Clock(read, lambda first, second: (second - first) * 1e3)
    home: Any = torch.cuda if device.type == "cuda" else torch.mps.event

    def mark() -> Any:
        event = home.Event(enable_timing=True)
        event.record()
        return event

    return Clock(mark, lambda first, second: float(first.elapsed_time(second)))
