"""The trials of a study as a queue: who tries what, and what becomes of a trial whose worker died.

A trial is taken, named and proposed by one worker at a time. Nothing else of a worker needs to be
alone: a trial in hand is its own, until it is finished, put back, or found to be lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from explorer.search.store import Store, writable

# Two accidents that have nothing to do with a net, such as a reboot and a job that ran out of time,
# may well meet in one long trial; a third death of the same trial's worker is hardly the third.
_LIVES = 3
DIED = "its worker died three times (out of memory, or a crash)"
_WORKER, _ATTEMPTS = "worker", "attempts"


class LostError(Exception):
    """The trial in hand is another worker's by now, or finished."""


class Queue:
    """Trials of a study that are taken, finished, and put back."""

    def __init__(self, inner: optuna.Study, store: Store) -> None:
        self._inner = inner
        self._store = store

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
        """The next trial, its proposal on record; None when the study has ``limit`` of them.

        Trials of workers that died are put back first, so they are the next ones.

        Raises:
            ExhaustedError: nothing new is left to propose.
            LostError: a worker that was given up came back this moment, and finished the trial.
        """
        with self._store.alone():
            self._put_back_lost(())
            if not self._has_more(limit):
                return None
            trial = self._inner.ask()
            try:
                self._store.leases.take(trial._trial_id)
                trial.set_user_attr(_WORKER, worker)
                _ = trial.relative_params  # asks the sampler, which writes its proposal down
                trial.set_user_attr(_ATTEMPTS, trial.user_attrs.get(_ATTEMPTS, 0) + 1)
            except UpdateFinishedTrialError:
                self._store.leases.drop()
                raise LostError(f"trial {trial.number}: finished by another worker") from None
            except BaseException:
                self._store.leases.drop()
                self._set_waiting(trial._trial_id)
                raise
            return trial

    def check(self, trial: optuna.Trial, worker: str, *, or_waiting: bool = True) -> None:
        """See that a trial is still this worker's; a trial that waits for another is, too.

        Raises:
            LostError: the worker was away for so long that another took the trial.
        """
        now = self._inner._storage.get_trial(trial._trial_id)
        states = (TrialState.RUNNING, *((TrialState.WAITING,) if or_waiting else ()))
        if now.state not in states or now.user_attrs.get(_WORKER) != worker:
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
            trial.set_user_attr(_ATTEMPTS, trial.user_attrs.get(_ATTEMPTS, 1) - 1)
            self._set_waiting(trial._trial_id)
        self._store.leases.drop()

    def put_back_lost(self, dead: Collection[str] = ()) -> int:
        """Put back every trial whose worker is gone; returns how many.

        Args:
            dead: workers that are known to be, whatever their leases say.
        """
        with self._store.alone():
            return self._put_back_lost(dead)

    def count_left(self, limit: int) -> int:
        """How many trials below a number wait to be tried, since somebody left them."""
        waiting = self._inner.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        return sum(_ATTEMPTS in each.user_attrs and each.number < limit for each in waiting)

    def at_work_elsewhere(self, workers: Collection[str]) -> bool:
        """Whether a trial runs that is none of these workers'."""
        running = self._inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        return any(trial.user_attrs.get(_WORKER) not in workers for trial in running)

    # ---- alone

    def _put_back_lost(self, dead: Collection[str]) -> int:
        running = self._inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        lost = self._store.leases.lost(self._inner, running)
        orphans = [
            trial
            for trial in running
            if trial._trial_id in lost or trial.user_attrs.get(_WORKER) in (None, *dead)
        ]
        return sum(self._put_back(trial) for trial in orphans)

    def _put_back(self, trial: FrozenTrial) -> bool:
        """Whether it waits again; a trial that ended too many workers fails instead."""
        with suppress(UpdateFinishedTrialError):  # finished by a worker that came back this moment
            if trial.user_attrs.get(_ATTEMPTS, 0) < _LIVES:
                self._set_waiting(trial._trial_id)
                return True
            storage = self._inner._storage
            storage.set_trial_user_attr(trial._trial_id, "reason", DIED)
            storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
        return False

    def _has_more(self, limit: int) -> bool:
        """Whether the trial that would be asked for next has a number below the limit."""
        trials = self._inner.get_trials(deepcopy=False)
        waiting = [trial.number for trial in trials if trial.state is TrialState.WAITING]
        return min(waiting, default=len(trials)) < limit

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
        self._store.leases.drop()
