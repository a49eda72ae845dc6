"""What was tried, as a model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from optuna.trial import FrozenTrial

from explorer.score.rungs import Rungs
from explorer.search.model.encoding import Rows
from explorer.search.records import standing
from explorer.search.samplers.ground import Ground
from explorer.search.samplers.level import levelled
from explorer.search.screen import FreeValues
from explorer.search.trials.stored import PROPOSAL, read_trial

Array = npt.NDArray[np.float64]

_FAILED = 0.05  # a failed trial counts as one of the worst of those that did not


class History(NamedTuple):
    """Rows of candidates that were scored or failed, in the order of their numbers, and of others.

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


def read_history(trials: Sequence[FrozenTrial], ground: Ground, rungs: Rungs) -> History:
    """The history that trials are; failed ones count only where others were scored.

    A candidate that waits at a rung counts with the score that is expected of it at the highest.
    """
    records = [read_trial(trial) for trial in trials]
    done = levelled(rungs, standing(records))
    scores = [float(np.mean(trial.scores)) for trial in done]
    floor = float(np.quantile(scores, _FAILED)) if done else 0.0
    ended = {trial.candidate: (trial, score) for trial, score in zip(done, scores, strict=True)}
    for trial in records:
        if done and trial.state == "failed" and trial.assignment:
            ended.setdefault(trial.candidate, (trial, floor))
    ordered = [ended[candidate] for candidate in sorted(ended)]
    finished = {*ended, *(t.candidate for t in records if t.state in ("complete", "failed"))}
    waiting = [
        stored.system_attrs[PROPOSAL]
        for stored, trial in zip(trials, records, strict=True)
        if trial.candidate not in finished and PROPOSAL in stored.system_attrs
    ]
    return History(
        ground.assigned([trial.assignment for trial, _ in ordered]),
        np.array([score for _, score in ordered]),
        [trial.free for trial, _ in ordered],
        ground.assigned(waiting),
    )
