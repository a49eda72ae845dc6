"""A signal that is swallowed where nobody can catch what it raises is sent once more."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from signal import Signals
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SOON = 0.05  # seconds, in which the interpreter has left what it was in


@contextmanager
def insisting(signals: Mapping[type[BaseException], Signals]) -> Iterator[None]:
    """See that what signals raise arrives, and prints no traceback on the way.

    What is raised in a finalizer, or in the callback of a weak reference (libraries and the import
    system have thousands), is printed and forgotten by the interpreter: whoever pressed Ctrl-C in
    that moment would wait in vain. What is still to be sent when the work is done is not.

    Args:
        signals: by what their handlers raise.
    """
    before = sys.unraisablehook
    sent: list[threading.Timer] = []

    def heard(told: UnraisableHookArgs) -> None:
        number = signals.get(told.exc_type)
        if number is None:
            before(told)
            return
        again = threading.Timer(_SOON, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
        sent.append(again)

    sys.unraisablehook = heard
    try:
        yield
    finally:
        sys.unraisablehook = before
        for again in sent:  # what comes later would meet other handlers
            again.cancel()
            again.join()
