"""What was tried, as a model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from optuna.trial import FrozenTrial

from explorer.search.encoding import Rows
from explorer.search.ground import Ground
from explorer.search.records import Trial
from explorer.search.screen import FreeValues
from explorer.search.stored import PROPOSAL, read_trial

Array = npt.NDArray[np.float64]

_FAILED = 0.05  # a failed trial counts as one of the worst of those that did not


class History(NamedTuple):
    """Rows of finished trials, in the order of their numbers, and of others.

    Attributes:
        accuracies: of the finished; of a failed one, what the worst reached.
        free: training-free scores of the finished, empty where unknown.
        waiting: nets that were proposed and are not finished.
    """

    rows: Rows
    accuracies: Array
    free: list[FreeValues]
    waiting: Rows

    @property
    def tried(self) -> Rows:
        """The finished, then the waiting."""
        return Rows.joined([self.rows, self.waiting])


def read_history(trials: Sequence[FrozenTrial], ground: Ground) -> History:
    """The history that trials are; failed ones count only where others were scored."""
    records = [read_trial(trial) for trial in trials]
    done = [_accuracy(trial) for trial in records if trial.is_complete]
    floor = float(np.quantile(done, _FAILED)) if done else 0.0
    ended = [t for t in records if t.is_complete or (done and t.state == "failed" and t.assignment)]
    finished = {t.number for t in records if t.state in ("complete", "failed")}
    waiting = [
        trial.system_attrs[PROPOSAL]
        for trial in trials
        if trial.number not in finished and PROPOSAL in trial.system_attrs
    ]
    return History(
        ground.assigned([trial.assignment for trial in ended]),
        np.array([_accuracy(trial) if trial.is_complete else floor for trial in ended]),
        [trial.free for trial in ended],
        ground.assigned(waiting),
    )


def _accuracy(trial: Trial) -> float:
    """What a trial reached, with other seeds as well where it was trained again."""
    return float(np.mean([trial.accuracy, *trial.repeats]))
