"""Processes that train as a search's workers do, or with nothing around it, and are watched."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import cycle
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from explorer.build import build
from explorer.score import Run, Scorer, prepare_process, train, training_seed
from explorer.search import Orders, Settings, work
from explorer.search.workers.worker import Worker

SPAWN = multiprocessing.get_context("spawn")
Count = Any  # a whole number in shared memory


class Times(NamedTuple):
    """Of a trial: seconds in all, seconds of training and validation, CPU seconds of the rest.

    CPU time is what the trial costs; the others are longer where the machine does other work.
    """

    whole: float
    training: float
    other_cpu: float


def count() -> Count:
    """Zero; written by one process alone, without a lock, since that process may be stopped."""
    return SPAWN.RawValue("q", 0)


def worker(folder: Path, trials: int, images: Count) -> None:
    """A worker of a study, which counts the images that it trains."""
    _count_images(images)
    work(Orders(folder, trials))


def bare(settings: Settings, nets: Sequence[Mapping[str, Any]], images: Count) -> None:
    """Trainings of these nets by the study's protocol, again and again, and nothing else."""
    _count_images(images)
    prepare_process()
    scorer = Scorer(settings.text, settings.protocol)
    for number, assignment in enumerate(cycle(nets)):
        net = build(scorer.proxy(assignment))
        train(net, scorer.feed, settings.protocol.recipe, training_seed(0, str(number)))


def timed_worker(folder: Path, trials: int, results: SimpleQueue[Times]) -> None:
    """A worker that tells of every trial how long it took, and how much of it was training."""
    watch = _Stopwatch()
    next_trial = Worker.next_trial

    def timed(self: Worker) -> bool:
        watch.seconds = watch.cpu = 0.0
        begun, begun_cpu = time.perf_counter(), time.process_time()
        found = next_trial(self)
        whole, cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
        if found:
            results.put(Times(whole, watch.seconds, cpu - watch.cpu))
        return found

    Worker.next_trial = timed  # type: ignore[method-assign]
    work(Orders(folder, trials))


def _count_images(images: Count) -> None:
    steps = Run.steps

    def counted(self: Run) -> Iterator[Tensor]:
        before = self.seen
        for loss in steps(self):
            images.value += self.seen - before
            before = self.seen
            yield loss

    Run.steps = counted  # type: ignore[method-assign]


class _Stopwatch:
    """Runs while this process trains or validates; counts seconds, and those of its CPU time."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0
        module = import_module("explorer.score.train")
        epoch, accuracy = Run._epoch, module.accuracy

        def timed_epoch(run: Run) -> None:
            with self:
                epoch(run)

        def timed_accuracy(*arguments: Any, **options: Any) -> float:
            with self:
                found: float = accuracy(*arguments, **options)
                return found

        Run._epoch = timed_epoch  # type: ignore[method-assign]
        module.accuracy = timed_accuracy  # type: ignore[attr-defined]

    def __enter__(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        begun, begun_cpu = self._begun
        self.seconds += time.perf_counter() - begun
        self.cpu += time.process_time() - begun_cpu
