"""A limit on the time of a trial, kept by the clock of the process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from explorer.search.workers.judge import UnscoredError

_AGAIN = 1.0  # seconds between further rings, for a function that swallows all exceptions


class _RangError(BaseException):
    """The time is over; not an error, so that nobody's ``except Exception`` swallows it."""


class TimeLimit:
    """Ends what takes too long, in the main thread of a process.

    What never returns to Python, such as one endless call into a library, is not ended.

    Args:
        seconds: how long it may take; None is no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._is_armed = self._is_shielded = self._is_late = self._has_rung = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Run something under the limit.

        Raises:
            UnscoredError: it took longer.
        """
        if self._seconds is None:
            yield
            return
        signal.signal(signal.SIGALRM, self._ring)
        self._is_armed, self._is_late, self._has_rung = True, False, False
        try:
            signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)
            yield
            self._is_armed = False
        except _RangError:
            self._is_armed = False
        finally:
            self._is_armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._has_rung:  # also where every ring was swallowed on the way, and a value came late
            raise UnscoredError(f"took longer than {self._seconds:g}s")

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Let something be done to its end first: what is written is written whole."""
        self._is_shielded = True
        try:
            yield
        finally:
            self._is_shielded = False
        if self._is_late and self._is_armed:
            self._has_rung = True
            raise _RangError

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if not self._is_armed:
            return
        if self._is_shielded:
            self._is_late = True
            return
        self._has_rung = True
        raise _RangError
