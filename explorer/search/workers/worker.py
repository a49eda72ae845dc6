"""A worker: asks a study for trials and scores them, one after another, until there are enough."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError

from explorer.budget import Prior
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.interrupts import insisting
from explorer.score import free_memory, prepare_process, training_seed
from explorer.search import checkpoints
from explorer.search.gauge import Gauge
from explorer.search.model.features import load_features
from explorer.search.opening import load_study
from explorer.search.records import Reference, Trial
from explorer.search.samplers.frame import ExhaustedError, distributions
from explorer.search.samplers.named import make_sampler
from explorer.search.storage.store import CutOffError
from explorer.search.study import Study
from explorer.search.trials.queue import LostError, UnsettledError
from explorer.search.trials.rungs import REPEATED, Job
from explorer.search.trials.stored import JOB, read_trial
from explorer.search.workers.facts import facts
from explorer.search.workers.judge import Climb, Judge, UnscoredError, make_judge
from explorer.search.workers.limit import TimeLimit
from explorer.search.workers.orders import TRIALS, Orders
from explorer.space import Candidate, bind

_POLL = 0.5  # seconds between looks for a candidate that should go on


class Stopped(BaseException):
    """Somebody asked the worker to leave; not an error, and nobody's to swallow."""


def work(orders: Orders, on_end: Callable[[Trial], None] | None = None) -> None:
    """Score trials of a study until it has enough.

    Args:
        orders: what the worker is told.
        on_end: called with every trial that ends here, scored or failed.

    Raises:
        ExplorerError: the study, its data or its function cannot be opened, or the study cannot be
            written.
    """
    _told.clear()
    signal.signal(signal.SIGTERM, _stop)
    prepare_process(orders.threads)
    try:
        with insisting({Stopped: signal.SIGTERM}):
            worker = Worker.open(orders, on_end)
            with worker.study.queue.at_work(orders.name):
                worker.run()
    except Stopped:
        return
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing is in hand that could be lost
        _told.clear()  # it was said to this worker, not to the next one in this process


_told = Event()  # to leave: what is raised may be swallowed on its way


def _stop(number: int, frame: FrameType | None) -> None:
    _told.set()
    raise Stopped


def _leave_if_told() -> None:
    if _told.is_set():
        raise Stopped


@dataclass
class Worker:
    """A study, who judges its candidates, and the trial in hand."""

    study: Study
    judge: Judge
    orders: Orders
    gauge: Gauge | None = None
    current: optuna.Trial | None = None
    is_exhausted: bool = False  # it found nothing new to try, and need not look again
    on_end: Callable[[Trial], None] | None = None

    @classmethod
    def open(cls, orders: Orders, on_end: Callable[[Trial], None] | None = None) -> Worker:
        study = load_study(orders.folder, storage=orders.storage)
        settings, gauge = study.settings, study.gauge()
        judge = make_judge(settings, orders.device)
        space, screen = settings.text.space(), judge.screen
        features = load_features(settings.features, space)
        ladder = settings.protocol.ladder
        prior = Prior.of(space) if settings.prior else None
        study.inner.sampler = make_sampler(
            settings.sampler,
            space,
            settings.budget,
            settings.seed,
            gauge,
            screen,
            features,
            ladder,
            prior,
        )
        return cls(study, judge, orders.completed(study.effort), gauge, on_end=on_end)

    def __post_init__(self) -> None:
        self.space = self.study.settings.text.space()
        self.limit = TimeLimit(self.orders.trial_time)
        self.rungs = self.study.settings.protocol.ladder

    def run(self) -> None:
        """Score until the study has enough; whoever is told to leave puts back what is in hand."""
        try:
            if self.orders.reference and self.study.record().reference is None:
                self.score_reference()
            while self.searches() or self.confirms():
                _leave_if_told()
        except (Stopped, KeyboardInterrupt):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
            self.release()
            raise

    def score_reference(self) -> None:
        """Score the space's defaults as they are, whether they fit the budget or not."""
        candidate = bind(self.space)
        try:
            with self.limit.kept():
                score = self.judge.score(candidate, self._seed(candidate), _unheard)
        except UnscoredError:
            return  # the figure goes without its mark; the defaults are a trial's own affair
        self._mark_reference(candidate, score)

    def searches(self) -> bool:
        """Score a candidate, or wait for one that may go on; False when there is none in time."""
        if self.is_exhausted or time.time() >= min(self.orders.until, self.orders.leave):
            return False
        return self.goes_on() or self.waits()

    def confirms(self) -> bool:
        """Score a net of the front again, or wait for what may change it; False when all is done.

        That is no new candidate, so it is done also when the time for those is over.
        """
        if not self.orders.confirm or time.time() >= self.orders.leave:
            return False
        try:
            return self._unless_lost(self.next_again)
        except UnsettledError:
            time.sleep(_POLL)
            return True

    def goes_on(self) -> bool:
        """Take a trial and score it, if it is not lost on the way; False when none is left."""
        return self._unless_lost(self.next_trial)

    def _unless_lost(self, scored: Callable[[], bool]) -> bool:
        """Whether a trial was scored, or lost on the way."""
        try:
            return scored()
        except (LostError, UpdateFinishedTrialError) as lost:
            sys.stderr.write(f"{lost}\n")  # we were stopped for minutes, or cut off
            self.current = None
            return True
        except CutOffError as error:  # as a trial was asked for: it is nobody's, and put back
            sys.stderr.write(f"{error}\n")
            time.sleep(_POLL)  # whoever cut us off may do it again at once
            return True

    def waits(self) -> bool:
        """Wait a moment, when what others train may let a candidate go on; False when not."""
        if self.study.is_exhausted or not self.study.queue.is_climbing():
            return False
        time.sleep(_POLL)
        return True

    def next_trial(self) -> bool:
        """Take a trial and score it; False when the study has enough, or nothing new is left."""
        try:
            trial = self.study.queue.take(self.orders.name, self.orders.trials or TRIALS)
        except ExhaustedError as error:
            sys.stderr.write(f"{error}\n")
            self.study.set_exhausted()
            self.is_exhausted = True
            return False
        return self._take(trial)

    def next_again(self) -> bool:
        """Take a net of the front and score it again; False when all of them were.

        Raises:
            UnsettledError: what others score may yet change the front.
        """
        orders = self.orders
        confirm, limit = orders.confirm or 0, orders.trials or TRIALS
        trial = self.study.queue.take_again(orders.name, confirm, limit, orders.until)
        return self._take(trial)

    def _take(self, trial: optuna.Trial | None) -> bool:
        """Score a trial, if there is one."""
        if trial is None:
            return False
        self.current = trial
        self._score(trial, self._describe(trial))
        self.current = None
        if self.on_end is not None:
            self.on_end(read_trial(self.study.queue.stored(trial)))
        return True

    def release(self) -> None:
        """Put the trial in hand back for whoever asks next."""
        if self.current is not None:
            self.study.queue.release(self.current, self.orders.name)
            self.current = None

    def _describe(self, trial: optuna.Trial) -> Candidate:
        """The candidate that was proposed, and what is known of it before it is scored."""
        assignment = dict(trial.relative_params)
        for path, distribution in distributions(self.space).items():
            trial._suggest(path, distribution)
        candidate = bind(self.space, assignment)
        if "fingerprint" not in trial.user_attrs:  # the last of them; it is there where it goes on
            self._note(trial, facts(candidate, self.study.settings.budget, self.gauge))
        return candidate

    def _score(self, trial: optuna.Trial, candidate: Candidate) -> None:
        job = Job(**trial.user_attrs[JOB])
        kept = self._checkpoint(candidate, job)
        try:
            score, seconds = self._judged(trial, candidate, job)
        except UnscoredError as error:
            reason = str(error)
        else:
            is_at_top = job.rung == self.rungs.top
            is_first = is_at_top and not job.seed
            if is_first and job.candidate in REPEATED:
                self._repeat(trial, candidate)
            self._note(trial, {"seconds": round(seconds, 2)})
            if is_first and self._is_default(candidate):
                self._mark_reference(candidate, score)  # before the trial ends, which comes once
            values = (score, count(candidate.graph).macs)
            self.study.queue.complete(trial, self.orders.name, values)
            if is_at_top:
                checkpoints.drop(kept)
            return
        checkpoints.drop(kept)
        free_memory()  # out here, where the error, and with it the net, is gone
        self.study.queue.fail(trial, self.orders.name, reason)

    def _judged(self, trial: optuna.Trial, candidate: Candidate, job: Job) -> tuple[float, float]:
        """The score of a candidate at a rung and its seconds, within the time for a trial.

        Raises:
            UnscoredError: it has none, or took too long.
        """
        seed = self._seed(candidate, job.seed)
        curve = list(trial.user_attrs.get("curve", []))

        def on_epoch(epoch: int, score: float) -> None:
            curve[epoch - 1 :] = [score]
            self._note(trial, {"curve": curve})

        climb = Climb(self.rungs.epochs[job.rung], self._checkpoint(candidate, job))
        with self.limit.kept():
            if "free" not in trial.user_attrs:
                self._note(trial, self.judge.facts(candidate))
            begun = time.perf_counter()
            score = self.judge.score(candidate, seed, on_epoch, climb)
            return score, time.perf_counter() - begun

    def _checkpoint(self, candidate: Candidate, job: Job) -> Path:
        return checkpoints.place(self.study.folder, fingerprint(candidate.graph), job.seed)

    def _seed(self, candidate: Candidate, repeat: int = 0) -> int:
        return training_seed(self.study.settings.seed, fingerprint(candidate.graph), repeat)

    def _repeat(self, trial: optuna.Trial, candidate: Candidate) -> None:
        """Score a net with another seed: by how much the two differ says what a score is worth."""
        try:
            with self.limit.kept():
                again = self.judge.score(candidate, self._seed(candidate, repeat=1), _unheard)
        except UnscoredError as error:
            self._note(trial, {"reason": f"scored again with another seed: {error}"})
        else:
            self._note(trial, {"repeats": [again]})

    def _note(self, trial: optuna.Trial, values: Mapping[str, Any]) -> None:
        """Keep what is known of a trial that is still ours.

        Raises:
            LostError: it is not.
        """
        with self.limit.shield():
            self.study.queue.check(trial, self.orders.name)
            for name, value in values.items():
                trial.set_user_attr(name, value)

    def _is_default(self, candidate: Candidate) -> bool:
        return fingerprint(candidate.graph) == fingerprint(bind(self.space).graph)

    def _mark_reference(self, candidate: Candidate, score: float) -> None:
        cost = count(candidate.graph)
        self.study.set_reference(Reference(self.space.name, cost, score))


def _unheard(epoch: int, score: float) -> None:
    """Nobody watches a second run, or that of the defaults."""
