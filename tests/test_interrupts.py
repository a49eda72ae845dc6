"""Ctrl-C in a moment in which the interpreter swallows whatever is raised."""

from __future__ import annotations

import os
import signal
import sys
import time
import weakref
from collections.abc import Callable

import pytest

from explorer.interrupts import insisting


class _Thing:
    """Something that can be referred to weakly."""


def end_something(then: Callable[[], None]) -> None:
    """Do something in the callback of a weak reference."""
    thing = _Thing()
    reference = weakref.ref(thing, lambda _: then())
    del thing
    assert reference() is None


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(30)


def test_what_was_swallowed_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    before, started = sys.unraisablehook, time.monotonic()
    with pytest.raises(KeyboardInterrupt), insisting({KeyboardInterrupt: signal.SIGINT}):
        end_something(interrupt)
        time.sleep(30)
    assert time.monotonic() - started < 25
    assert sys.unraisablehook is before
    assert capsys.readouterr().err == ""


def test_what_no_signal_has_raised_is_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: told.append(found.exc_type))
    with insisting({KeyboardInterrupt: signal.SIGINT}):
        end_something(lambda: [][0])
    assert told == [IndexError]
