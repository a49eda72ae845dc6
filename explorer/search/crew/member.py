"""One worker of a rehearsal: trains the study's first net for as long as it is told to.

Orders come on standard input and answers go to standard output, a line of JSON each. The process
leaves when its input ends, at the latest after the step in hand.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TextIO

import numpy as np
import torch

from explorer.build.machine import keep_memory
from explorer.score import Scorer, prepare_process
from explorer.search.crew.machine import peak_memory
from explorer.search.settings import settings_from_json
from explorer.space import Assignment


class Mark(NamedTuple):
    """A moment between two steps.

    Attributes:
        time: on the clock that all processes of a machine share, in seconds.
        cpu: seconds that this process has computed, with all its threads.
        images: that it has trained.
    """

    time: float
    cpu: float
    images: int


def main() -> None:
    answers = _own_output()
    first = sys.stdin.readline()
    if not first:
        return
    task = json.loads(first)
    settings = settings_from_json(task["settings"], "standard input")
    prepare_process()
    scorer = Scorer(settings.text, settings.protocol)
    with keep_memory():
        steps = _steps(scorer, task["assignment"])
        next(steps)  # in the first, kernels are chosen and memory is taken
        _say(answers, {})
        for line in sys.stdin:
            _say(answers, _play(steps, **json.loads(line)))


def _own_output() -> TextIO:
    """Standard output for answers alone; what libraries print there goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _say(answers: TextIO, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _steps(scorer: Scorer, assignment: Assignment) -> Iterator[int]:
    """Train a net from its start to its end, again and again; after each step, its images."""
    while True:
        run = scorer.begin(assignment, seed=0)
        for _ in range(run.recipe.epochs):
            before = run.seen
            for _ in run.steps():
                yield run.seen - before
                before = run.seen


def _play(steps: Iterator[int], threads: int, begin: float, end: float) -> dict[str, float]:
    """Train until ``end``, and say what came of it since ``begin``: times of the shared clock."""
    torch.set_num_threads(threads)
    marks = [Mark(time.monotonic(), time.process_time(), 0)]
    while marks[-1].time < end:
        images = marks[-1].images + next(steps)
        marks.append(Mark(time.monotonic(), time.process_time(), images))
    seen, computed = between(marks, begin, end)
    return {"images": seen, "cpu": computed, "peak": peak_memory()}


def between(marks: list[Mark], begin: float, end: float) -> tuple[float, float]:
    """The images and the seconds of computing between two times; of steps cut by them, a part."""
    times, cpu, images = zip(*marks, strict=True)
    seen, computed = (np.diff(np.interp((begin, end), times, each))[0] for each in (images, cpu))
    return float(seen), float(computed)


if __name__ == "__main__":
    main()
