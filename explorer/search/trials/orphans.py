"""Trials whose workers are gone: they are put back, unless that would do no good."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from explorer.search.storage.store import CutOffError, Store
from explorer.search.trials.plans import CHOSEN_TWICE, do_the_same

# Two accidents that have nothing to do with a net, such as a reboot and a job that ran out of time,
# may well meet in one long trial; a third death of the same trial's worker is hardly the third.
_LIVES = 3
DIED = "its worker died three times (out of memory, or a crash)"
WORKER, ATTEMPTS = "worker", "attempts"  # of a trial: who has it, and how often it was begun


class Orphans:
    """Looked for among the trials of a study, by whoever is alone."""

    def __init__(self, inner: optuna.Study, store: Store) -> None:
        self._inner = inner
        self._store = store

    def put_back(self, dead: Collection[str] = ()) -> int:
        """Put back every trial whose worker is gone; returns how many.

        Args:
            dead: workers that are known to be, whatever their leases say.
        """
        running = self._inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        lost = self._store.leases.lost(self._inner, running)
        orphans = [
            trial
            for trial in running
            if trial._trial_id in lost or trial.user_attrs.get(WORKER) in (None, *dead)
        ]
        if orphans and not self._store.is_alone():
            return 0  # another may be asking for one this moment, and name it in the next
        return sum(self._put_back(trial) for trial in orphans)

    def is_second(self, trial: FrozenTrial) -> bool:
        """Whether another trial does what this one is to do, since a lock was forgotten."""
        if not self._store.forgets_locks:
            return False
        every = self._inner.get_trials(deepcopy=False)
        return any(do_the_same(trial, each) for each in every if each.number != trial.number)

    def _put_back(self, trial: FrozenTrial) -> bool:
        """Whether it waits again; a trial that ended too many workers fails instead.

        So does one that another does as well, whose worker died before it could see that.
        """
        reason = CHOSEN_TWICE if self.is_second(trial) else DIED
        storage = self._inner._storage
        # It may be finished by a worker that came back this moment; and what was cut off is seen to
        # when somebody looks again.
        with suppress(UpdateFinishedTrialError, CutOffError):
            if reason != CHOSEN_TWICE and trial.user_attrs.get(ATTEMPTS, 0) < _LIVES:
                storage.set_trial_state_values(trial._trial_id, state=TrialState.WAITING)
                return True
            storage.set_trial_user_attr(trial._trial_id, "reason", reason)
            storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
        return False
