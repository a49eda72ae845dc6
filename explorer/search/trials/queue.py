"""The trials of a study as a queue: who tries what, and what becomes of a trial whose worker died.

A trial is taken, named and proposed by one worker at a time. Nothing else of a worker needs to be
alone: a trial in hand is its own, until it is finished, put back, or found to be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from explorer.errors import StudyError
from explorer.score.rungs import Rungs
from explorer.search.storage.store import CutOffError, Store, writable
from explorer.search.trials.confirm import due_again
from explorer.search.trials.orphans import ATTEMPTS, WORKER, Orphans
from explorer.search.trials.plans import CHOSEN_TWICE, is_planned, is_proposed, left_over, unsettled
from explorer.search.trials.rungs import Job, due, next_job
from explorer.search.trials.stored import (
    FINGERPRINT,
    JOB,
    PROPOSAL,
    assigned,
    is_again,
    proposed,
    read_trial,
)

_OF_A_TRIAL = {JOB, WORKER, ATTEMPTS, "reason", "seconds"}  # and not of its candidate
_OF_A_SEED = {"curve", "repeats"}  # and not of the candidate with another one


class LostError(Exception):
    """The trial in hand is another worker's by now, or finished."""


class UnsettledError(Exception):
    """There is nothing to do now, but what others score may change that."""


class Queue:
    """Trials of a study that are taken, finished, and put back."""

    def __init__(self, inner: optuna.Study, store: Store, rungs: Rungs) -> None:
        self._inner = inner
        self._store = store
        self._rungs = rungs
        self._orphans = Orphans(inner, store)

    @contextmanager
    def at_work(self, worker: str) -> Iterator[None]:
        """Be known as a living worker, under a name that nobody has had before."""
        with self._store.alone(), writable(self._store.folder):
            self._store.leases.enter(worker)
        try:
            yield
        finally:
            self._store.leases.leave()

    def take(self, worker: str, limit: int) -> optuna.Trial | None:
        """The next trial, its proposal on record; None when there is nothing to be done.

        That is, when ``limit`` candidates were begun, and none of them should go on. Trials of
        workers that died are put back first, so they are the next ones.

        Raises:
            ExhaustedError: nothing new is left to propose.
            LostError: a worker that was given up came back this moment, and finished the trial; or
                the database was restarted meanwhile, and another has chosen the same.
        """
        return self._take(worker, lambda: self._next(limit))

    def take_again(
        self, worker: str, seeds: int, limit: int, until: float = float("inf")
    ) -> optuna.Trial | None:
        """A trial that scores a net of the front again; None when all of them were.

        What somebody left is finished first, since Optuna hands it out first.

        Args:
            worker: who takes it.
            seeds: how often every net of the front is scored again.
            limit: candidates from this number on are not waited for.
            until: nor are those that were begun later (seconds since the epoch).

        Raises:
            UnsettledError: something is being scored that may yet change the front.
            LostError: as of :meth:`take`.
        """
        return self._take(worker, lambda: self._next_again(seeds, limit, until))

    def check(self, trial: optuna.Trial, worker: str, *, or_waiting: bool = True) -> None:
        """See that a trial is still this worker's; a trial that waits for another is, too.

        Raises:
            LostError: the worker was away for so long that another took the trial.
        """
        now = self.stored(trial)
        states = (TrialState.RUNNING, *((TrialState.WAITING,) if or_waiting else ()))
        if now.state not in states or now.user_attrs.get(WORKER) != worker:
            self._store.leases.drop()
            raise LostError(f"trial {trial.number}: another worker has it; this result is dropped")

    def complete(self, trial: optuna.Trial, worker: str, values: Sequence[float]) -> None:
        """Finish a trial with its values.

        Raises:
            LostError: it is not the worker's any more.
        """
        self.check(trial, worker)
        self._finish(trial, TrialState.COMPLETE, values)

    def fail(self, trial: optuna.Trial, worker: str, reason: str) -> None:
        """Finish a trial without values, for a reason.

        Raises:
            LostError: it is not the worker's any more, or is to be tried by another.
        """
        self.check(trial, worker, or_waiting=False)
        trial.set_user_attr("reason", reason)
        self._finish(trial, TrialState.FAIL)

    def release(self, trial: optuna.Trial, worker: str) -> None:
        """Put a trial back in order, for whoever asks next; a lost one is left alone."""
        with suppress(LostError, UpdateFinishedTrialError):
            self.check(trial, worker, or_waiting=False)
            trial.set_user_attr(ATTEMPTS, trial.user_attrs.get(ATTEMPTS, 1) - 1)
            self._set_waiting(trial._trial_id)
        self._store.leases.drop()

    def put_back_lost(self, dead: Collection[str] = ()) -> int:
        """Put back every trial whose worker is gone; returns how many.

        Args:
            dead: workers that are known to be, whatever their leases say.
        """
        with self._store.alone():
            return self._orphans.put_back(dead)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Alone, with no trial in anyone's hands; those of the dead are put back first.

        Raises:
            StudyError: a worker is at work.
        """
        with self._store.alone():
            self._orphans.put_back()
            running = self._inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
            if running or self._store.leases.are_workers_known():
                has = f" on trial {running[0].number}" if running else ""
                raise StudyError(
                    f"{self._store.where}: a worker is at work{has}; the study's space can be "
                    "extended when all are gone"
                )
            yield

    def count_left(self, limit: int) -> int:
        """How many trials could be tried now: what somebody left, and who should go on.

        Args:
            limit: candidates from this number on are left alone, and so are new ones.
        """
        trials = self._inner.get_trials(deepcopy=False)
        waiting = [trial for trial in trials if trial.state is TrialState.WAITING]
        ready = [is_proposed(each) and read_trial(each).candidate < limit for each in waiting]
        if waiting and is_planned(waiting[0]) and not ready[0]:
            return 0  # it alone can be asked for next
        return sum(ready) or due(self._rungs, [read_trial(trial) for trial in trials])

    def is_climbing(self) -> bool:
        """Whether a candidate is on its way to a rung from which it, or another, may go on."""
        running = self._inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        return any(read_trial(trial).rung < self._rungs.top for trial in running)

    def is_unsettled(self, limit: int, until: float) -> bool:
        """Whether something is being scored that may yet change the front.

        Args:
            limit: candidates from this number on do not count.
            until: nor do those that were begun later (seconds since the epoch).
        """
        return bool(unsettled(self._inner.get_trials(deepcopy=False), limit, until))

    def count_again(self, seeds: int) -> int:
        """How many nets of the front, as it is now, are to be scored again."""
        trials = self._inner.get_trials(deepcopy=False)
        return len(due_again([read_trial(trial) for trial in trials], self._rungs.top, seeds))

    def at_work_elsewhere(self, workers: Collection[str]) -> bool:
        """Whether a trial runs that is none of these workers'."""
        running = self._inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        return any(trial.user_attrs.get(WORKER) not in workers for trial in running)

    def _take(self, worker: str, choose: Callable[[], Job | None]) -> optuna.Trial | None:
        with self._store.alone():
            self._orphans.put_back()
            job = choose()
            if job is None:
                return None
            trial = self._begin(worker, job)
            was_alone = self._was_alone()
        if not was_alone:
            self._see_alone(trial, worker)
        return trial

    def _was_alone(self) -> bool:
        """Whether nobody was let in since; without an answer, the trial in hand is let go."""
        try:
            return self._store.is_alone()
        except BaseException:
            self._store.leases.drop()
            raise

    # ---- alone

    def _next(self, limit: int) -> Job | None:
        """What the trial that would be asked for next is to do."""
        trials = self._inner.get_trials(deepcopy=False)
        left = left_over(trials, is_planned)
        if left is not None:
            return left if left.candidate < limit else None
        return next_job(self._rungs, [read_trial(t) for t in trials if is_planned(t)], limit)

    def _next_again(self, seeds: int, limit: int, until: float) -> Job | None:
        """The same, where no new candidate is to be begun."""
        trials = self._inner.get_trials(deepcopy=False)
        left = left_over(trials, is_proposed)
        if left is not None:
            return left
        running = unsettled(trials, limit, until)
        if any(not is_again(trial) for trial in running):
            raise UnsettledError  # it may get onto the front, or push others off
        planned = [read_trial(trial) for trial in trials if is_planned(trial)]
        jobs = due_again(planned, self._rungs.top, seeds)
        if running and not jobs:
            raise UnsettledError
        return jobs[0] if jobs else None

    def _begin(self, worker: str, job: Job) -> optuna.Trial:
        """A trial with its proposal on record, which is this worker's."""
        trial = self._inner.ask()
        try:
            self._store.leases.take(trial._trial_id)
            trial.set_user_attr(WORKER, worker)
            self._assign(trial, job)
            _ = trial.relative_params  # asks the sampler, which writes its proposal down
            trial.set_user_attr(ATTEMPTS, trial.user_attrs.get(ATTEMPTS, 0) + 1)
        except UpdateFinishedTrialError:
            self._store.leases.drop()
            raise LostError(f"trial {trial.number}: finished by another worker") from None
        except BaseException:
            try:  # it may be another's by now; and what is cut off is found by its lease
                with suppress(LostError, UpdateFinishedTrialError, CutOffError):
                    self.check(trial, worker, or_waiting=False)
                    self._set_waiting(trial._trial_id)
            finally:
                self._store.leases.drop()
            raise
        return trial

    def _assign(self, trial: optuna.Trial, job: Job) -> None:
        """Write down what a trial is to do, in one line of the journal; then what is known of it.

        A candidate that goes on takes everything with it that its trial so far has found; one that
        is scored again, what is not of a seed.
        """
        stored = self.stored(trial)
        # What was planned and never proposed, since nothing new was found, may score a net again.
        if JOB not in stored.user_attrs or (job.seed and not is_proposed(stored)):
            told = {name: value for name, value in job._asdict().items() if value is not None}
            if not job.seed:
                del told["seed"]
            trial.set_user_attr(JOB, told)
        standing = trial.user_attrs[JOB].get("standing")
        if standing is None or PROPOSAL in stored.system_attrs:
            return
        before = self._inner.get_trials(deepcopy=False)[standing]
        left_behind = _OF_A_TRIAL | (_OF_A_SEED if job.seed else set())
        for name, value in before.user_attrs.items():
            if name not in left_behind:
                trial.set_user_attr(name, value)
        for name, value in (FINGERPRINT, proposed(before)), (PROPOSAL, assigned(before)):
            self._inner._storage.set_trial_system_attr(trial._trial_id, name, value)

    def _see_alone(self, trial: optuna.Trial, worker: str) -> None:
        """See that nobody was let in who has chosen the same: the second of two fails.

        Raises:
            LostError: it is failed; or it is not the worker's any more.
        """
        is_sure = False
        try:
            while not is_sure:  # the server may fall again while we look
                with self._store.alone():
                    self.check(trial, worker, or_waiting=False)
                    if self._orphans.is_second(self.stored(trial)):
                        trial.set_user_attr("reason", CHOSEN_TWICE)
                        self._finish(trial, TrialState.FAIL)
                        raise LostError(f"trial {trial.number}: {CHOSEN_TWICE}")
                    is_sure = self._store.is_alone()
        except BaseException:
            self._store.leases.drop()  # who puts it back will see
            raise

    def stored(self, trial: optuna.Trial) -> FrozenTrial:
        """The trial as it is stored now."""
        return self._inner._storage.get_trial(trial._trial_id)

    def _set_waiting(self, trial_id: int) -> None:
        self._inner._storage.set_trial_state_values(trial_id, state=TrialState.WAITING)

    def _finish(
        self, trial: optuna.Trial, state: TrialState, values: Sequence[float] | None = None
    ) -> None:
        arguments: dict[str, Any] = {"state": state, "values": values}
        try:
            self._inner._storage.set_trial_state_values(trial._trial_id, **arguments)
        except UpdateFinishedTrialError:
            raise LostError(f"trial {trial.number}: finished by another worker") from None
        finally:
            self._store.leases.drop()
