"""How long something takes, of the processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def timed(run: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and in how many seconds of this process."""
    begin = time.process_time()
    return run(), time.process_time() - begin
