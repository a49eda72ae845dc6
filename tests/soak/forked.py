"""Workers that a search forks instead of starting: each is there in a tenth of a second.

Everything is loaded already, and nothing else differs: they are processes of their own, with the
signals, pipes and locks that workers have. ``tests/search/test_search.py`` starts real ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from signal import (
    SIG_BLOCK,
    SIG_SETMASK,
    SIGINT,
    SIGKILL,
    SIGTERM,
    Signals,
    pthread_sigmask,
)
from types import SimpleNamespace
from typing import IO

import explorer.search.workers.supervisor
from explorer.cli import main

_OWN = 3  # the first descriptor after the standard ones


def fork_workers() -> None:
    """From now on, a search in this process forks its workers; whoever else starts one does not."""
    own = SimpleNamespace(**{**vars(subprocess), "Popen": Forked})
    explorer.search.workers.supervisor.subprocess = own  # type: ignore[attr-defined,assignment]


class Forked:
    """What a supervisor uses of ``subprocess.Popen``.

    Args:
        command: of which the words after ``python -m explorer`` count.
        stdin: a pipe, whatever is asked for.
        stdout: where it writes, errors as well.
        pass_fds: what it inherits besides, and nothing else.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdin: int,
        stdout: IO[bytes],
        stderr: IO[bytes],
        start_new_session: bool,
        pass_fds: Sequence[int],
        env: Mapping[str, str],
    ) -> None:
        read, write = os.pipe()
        sys.stdout.flush()
        mask = pthread_sigmask(SIG_BLOCK, {SIGINT})  # hooks of a fork swallow what is raised there
        self.pid = os.fork()
        pthread_sigmask(SIG_SETMASK, mask)
        if not self.pid:
            _become(command[3:], read, stdout.fileno(), pass_fds, env)
        os.close(read)
        self.stdin = os.fdopen(write, "wb")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        self._send(SIGTERM)

    def kill(self) -> None:
        self._send(SIGKILL)

    def _send(self, number: Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _become(
    words: Sequence[str], stdin: int, out: int, pass_fds: Sequence[int], env: Mapping[str, str]
) -> None:
    """Be the worker, in the child."""
    code = 70
    try:
        os.setsid()
        for handle, place in (stdin, 0), (out, 1), (out, 2):
            os.dup2(handle, place)
        start = _OWN
        for handle in (*sorted(pass_fds), os.sysconf("SC_OPEN_MAX")):
            os.closerange(start, handle)
            start = handle + 1
        os.environ.update(env)
        sys.argv = ["explorer", *words]
        code = main(words)
    finally:
        sys.stderr.flush()
        os._exit(code)
