"""A worker: asks a study for trials and scores them, one after another, until there are enough."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import optuna
from optuna.trial import TrialState

from explorer.cost import count
from explorer.graph import fingerprint
from explorer.score import prepare_process, training_seed
from explorer.search.features import load_features
from explorer.search.gauge import Gauge
from explorer.search.judge import Judge, UnscoredError, make_judge
from explorer.search.records import Reference
from explorer.search.samplers import ExhaustedError, distributions, facts, make_sampler
from explorer.search.study import Study, load_study
from explorer.space import Candidate, bind

_REPEATED = range(2, 48, 4)  # numbers of the trials whose nets are scored once more


class Stopped(BaseException):
    """Somebody asked the worker to leave; not an error, and nobody's to swallow."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is told.

    Attributes:
        trials: stop when the study has this many.
        until: begin no trial after this time (seconds since the epoch).
        reference: score the space's defaults first.
        supervised: leave when standard input closes, that is, when whoever started it is gone.
    """

    folder: Path
    trials: int
    until: float = float("inf")
    device: str = "auto"
    reference: bool = False
    supervised: bool = False


def work(orders: Orders) -> None:
    """Score trials of a study until it has enough.

    Raises:
        ExplorerError: the study, its data or its function cannot be opened.
    """
    if orders.supervised:
        _leave_with_parent()
    signal.signal(signal.SIGTERM, _stop)
    prepare_process()
    worker = Worker.open(orders)
    try:
        if orders.reference and worker.study.record().reference is None:
            worker.score_reference()
        while time.time() < orders.until and worker.next_trial():
            pass
    except Stopped:
        worker.release()


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _leave_with_parent() -> None:
    """End this process at once when standard input closes: nobody would collect what it finds."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@dataclass
class Worker:
    """A study, who judges its candidates, and the trial in hand."""

    study: Study
    judge: Judge
    orders: Orders
    gauge: Gauge | None = None
    current: optuna.Trial | None = None

    @classmethod
    def open(cls, orders: Orders) -> Worker:
        begun = load_study(orders.folder)
        settings, gauge = begun.settings, begun.gauge()
        judge = make_judge(settings, orders.device)
        space, screen = settings.text.space(), judge.screen
        features = load_features(settings.features, space)
        sampler = make_sampler(
            settings.sampler, space, settings.budget, settings.seed, gauge, screen, features
        )
        return cls(load_study(orders.folder, sampler), judge, orders, gauge)

    def __post_init__(self) -> None:
        self.space = self.study.settings.text.space()
        self.name = str(os.getpid())

    def score_reference(self) -> None:
        """Score the space's defaults as they are, whether they fit the budget or not."""
        candidate = bind(self.space)
        seed = training_seed(self.study.settings.seed, fingerprint(candidate.graph))
        try:
            score = self.judge.score(candidate, seed, _unheard)
        except UnscoredError:
            return  # the figure goes without its mark; the defaults are a trial's own affair
        self._mark_reference(candidate, score)

    def next_trial(self) -> bool:
        """Take a trial and score it; False when the study has enough, or nothing new is left."""
        trial = self.study.inner.ask()
        self.current = trial
        if trial.number >= self.orders.trials:
            self.release()
            return False
        trial.set_user_attr("worker", self.name)
        try:
            candidate = self._propose(trial)
        except ExhaustedError as error:
            sys.stderr.write(f"{error}\n")
            self.release()
            return False
        self._score(trial, candidate)
        self.current = None
        return True

    def release(self) -> None:
        """Put the trial in hand back for whoever asks next."""
        if self.current is not None:
            # Told to leave just after the score was told: then there is nothing to put back.
            with suppress(optuna.exceptions.UpdateFinishedTrialError):
                self.study.release(self.current._trial_id)
            self.current = None

    def _propose(self, trial: optuna.Trial) -> Candidate:
        assignment = self.study.propose(trial)
        for path, distribution in distributions(self.space).items():
            trial._suggest(path, distribution)
        candidate = bind(self.space, assignment)
        for name, value in facts(candidate, self.study.settings.budget, self.gauge).items():
            trial.set_user_attr(name, value)
        return candidate

    def _score(self, trial: optuna.Trial, candidate: Candidate) -> None:
        key = fingerprint(candidate.graph)
        seed = training_seed(self.study.settings.seed, key)
        curve: list[float] = []

        def on_epoch(epoch: int, score: float) -> None:
            curve.append(score)
            trial.set_user_attr("curve", curve)

        try:
            for name, value in self.judge.facts(candidate).items():
                trial.set_user_attr(name, value)
            begun = time.perf_counter()
            score = self.judge.score(candidate, seed, on_epoch)
            seconds = time.perf_counter() - begun
        except UnscoredError as error:
            trial.set_user_attr("reason", str(error))
            self.study.inner.tell(trial, state=TrialState.FAIL)
            return
        if trial.number in _REPEATED:
            self._repeat(trial, candidate)
        trial.set_user_attr("seconds", round(seconds, 2))
        self.study.inner.tell(trial, (score, count(candidate.graph).macs))
        if key == fingerprint(bind(self.space).graph):
            self._mark_reference(candidate, score)

    def _repeat(self, trial: optuna.Trial, candidate: Candidate) -> None:
        """Score a net with another seed: by how much the two differ says what a score is worth."""
        seed = training_seed(self.study.settings.seed, fingerprint(candidate.graph), repeat=1)
        try:
            again = self.judge.score(candidate, seed, _unheard)
        except UnscoredError as error:
            trial.set_user_attr("reason", f"scored again with another seed: {error}")
        else:
            trial.set_user_attr("repeats", [again])

    def _mark_reference(self, candidate: Candidate, score: float) -> None:
        cost = count(candidate.graph)
        self.study.set_reference(Reference(self.space.name, cost, score))


def _unheard(epoch: int, score: float) -> None:
    """Nobody watches a second run, or that of the defaults."""
