"""A rehearsal: crews train a study's first net for a moment each, and their images are counted.

The protocol, the data and the net are the study's own, and the loop is the one of its trainings.
Processes stay for all crews that they are part of, so that torch is loaded once.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import mean
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple, Self

import numpy as np

from explorer.budget import Feasible
from explorer.cost.latency import Predictor
from explorer.search.crew.crews import Crew, Rehearsal, possible, room
from explorer.search.crew.machine import available_memory, peak_memory
from explorer.search.settings import Settings

_WARM_UP, _MEASURED = 0.3, 1.2  # seconds: until all of a crew are at work, and then
_CALM = 0.1  # of workers' time: who waits longer for a core shares the machine with others
_LOADED = 180.0  # seconds that a worker may take to load torch and the data
_STEP = 60.0  # seconds that a step may take; a net so slow is not rehearsed

Progress = Callable[[int, int], None]


class RehearsalError(Exception):
    """A crew could not be measured; the message says why, in one line."""


def rehearse(
    settings: Settings,
    predictor: Predictor | None,
    cores: int,
    most: int,
    on_progress: Progress = lambda done, of: None,
) -> Rehearsal:
    """Measure the crews that may be best for a study on this machine.

    The first worker by itself also says how many of them fit into memory.

    Args:
        settings: of the study, which trains proxies.
        predictor: of latency, when the budget bounds it.
        cores: that may be used.
        most: workers that there is work for.
        on_progress: told how many crews are measured, and how many there are.

    Raises:
        RehearsalError: not even one worker of one thread could be measured.
    """
    memory = available_memory()
    with _Members() as members:
        # Two at once, which load torch side by side; this process has loaded as much as they will.
        members.start(min(2, cores, most, room(memory, peak_memory())))
        task = {"settings": settings.to_json(), "assignment": _first(settings, predictor)}
        members.tell_all(task)
        alone = members.play(Crew(1))
        crews = possible(cores, min(most, room(memory, alone.peak)))
        on_progress(1, len(crews))
        found, doubt = [alone], ""
        try:
            members.start(max(crew.workers for crew in crews) - len(members))
            members.tell_all(task)
            for crew in crews[1:]:
                found.append(members.play(crew))
                on_progress(len(found), len(crews))
        except RehearsalError as error:  # what was measured until then is something
            doubt = str(error)
    if max(each.busy for each in found) > _CALM:
        doubt = "others were at work here"
    rates = {each.crew: each.rate for each in found}
    return Rehearsal(rates, max(each.peak for each in found), most, doubt)


def _first(settings: Settings, predictor: Predictor | None) -> dict[str, int | str]:
    """The assignment of a search's first trial: the space's defaults, brought into the budget."""
    feasible = Feasible(settings.text.space(), predictor)
    rng = np.random.default_rng([settings.seed, 0])
    candidate = feasible.candidate(settings.budget, rng, start={})
    return {} if candidate is None else candidate.written()


class _Played(NamedTuple):
    """What one crew reached, as in a :class:`Rehearsal`.

    Attributes:
        busy: the share of their time that workers of one thread waited for a core; of several
            threads, which wait for each other, that cannot be said, and it is 0.
    """

    crew: Crew
    rate: float
    peak: int
    busy: float


class _Member(NamedTuple):
    """A process of a rehearsal, and what it writes into ``stderr``: a file that no other shares."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    @classmethod
    def start(cls) -> Self:
        """Start one; it loads what it needs."""
        errors = TemporaryFile()  # noqa: SIM115 - closed when the member ends
        process = subprocess.Popen(
            [sys.executable, "-m", "explorer.search.crew.member"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # so that Ctrl-C reaches us alone
            env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        )
        return cls(process, errors)

    def end(self) -> None:
        """Wait for a process that was killed."""
        with self.errors, self.process:
            self.process.wait()

    def ask(self, line: bytes) -> None:
        """Hand it a line.

        Raises:
            RehearsalError: it has ended.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line)
        except BrokenPipeError:
            raise RehearsalError(self._last_words()) from None

    def answer(self, deadline: float) -> dict[str, float]:
        """What it answers until a moment of the monotonic clock.

        Raises:
            RehearsalError: it has ended, or takes too long.
        """
        assert self.process.stdout is not None
        left = max(0, deadline - time.monotonic())
        if not select.select([self.process.stdout], [], [], left)[0]:
            raise RehearsalError("a step of training takes too long")
        line = self.process.stdout.readline()
        if not line:
            raise RehearsalError(self._last_words())
        answer: dict[str, float] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        self.process.wait()  # it closes its pipes a moment before it is gone
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "a worker was ended by the system"


class _Members:
    """The processes of a rehearsal; none of them outlives the block."""

    def __init__(self) -> None:
        self._all: list[_Member] = []
        self._told = 0

    def __len__(self) -> int:
        return len(self._all)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._all:
            member.process.kill()  # they hold nothing that could be lost
        for member in self._all:
            member.end()

    def start(self, count: int) -> None:
        """Start so many more; they load what they need."""
        for _ in range(count):
            self._all.append(_Member.start())

    def tell_all(self, task: dict[str, Any]) -> None:
        """Say to those who do not know it yet what they will train, and wait for their first step.

        Raises:
            RehearsalError: one ended, or takes too long.
        """
        new, self._told = self._all[self._told :], len(self._all)
        self._ask(new, task, _LOADED)

    def play(self, crew: Crew) -> _Played:
        """Let a crew train, and say what it reached.

        Raises:
            RehearsalError: one of it ended, or takes too long.
        """
        begin = time.monotonic() + _WARM_UP
        order = {"threads": crew.threads, "begin": begin, "end": begin + _MEASURED}
        patience = _WARM_UP + _MEASURED + _STEP
        answers = self._ask(self._all[: crew.workers], order, patience)
        rate = sum(answer["images"] for answer in answers) / _MEASURED
        busy = 0.0
        if crew.threads == 1:
            busy = 1 - mean(answer["cpu"] for answer in answers) / _MEASURED
        peak = max(int(answer["peak"]) for answer in answers)
        return _Played(crew, rate, peak, busy)

    def _ask(
        self, members: Sequence[_Member], what: dict[str, Any], patience: float
    ) -> list[dict[str, float]]:
        line = json.dumps(what).encode() + b"\n"
        deadline = time.monotonic() + patience
        for member in members:
            member.ask(line)
        return [member.answer(deadline) for member in members]
