"""Rungs: candidates are trained for a few epochs first, and only the most promising go on.

Successive halving without waiting (Li et al. 2020), for a front of accuracy and macs instead of one
number (Schmucker et al. 2021): as soon as a rung has enough candidates, its best go on to the next,
from where they stopped. A candidate that goes all the way ends with the score that it would have
had without any rungs, since the schedule of its training is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from explorer.score.rungs import Rungs
from explorer.search.model.ehvi import Staircase
from explorer.search.records import Trial, ranks

# The reference point lies so far beyond the worst, so that the ends of a front count as well.
_BELOW = 0.25  # of the range of accuracies
_BEYOND = 1.1  # times the dearest candidate's macs


REPEATED = range(2, 48, 4)  # candidates that go straight to the top, and are scored there once more


class Job(NamedTuple):
    """What is to be done next: a candidate, taken to a rung, or scored again.

    Attributes:
        candidate: its number.
        rung: from 0.
        standing: the number of the trial in which it got to the rung before, or of the one that is
            scored again; None for a new one.
        seed: which of the candidate's seeds it is scored with; 0 is that of the search.
    """

    candidate: int
    rung: int
    standing: int | None = None
    seed: int = 0


def next_job(rungs: Rungs, trials: Sequence[Trial], limit: int) -> Job | None:
    """What a worker should do next: take a good candidate further, or begin a new one.

    Args:
        rungs: of the study.
        trials: all that were begun, whatever became of them.
        limit: how many candidates there shall be.

    Returns:
        None where nothing is to be done, now or, if nothing is being trained, ever.
    """
    chosen = promotion(rungs, trials)
    if chosen is not None:
        return Job(chosen.candidate, chosen.rung + 1, chosen.number)
    new = 1 + max((trial.candidate for trial in trials), default=-1)
    if new >= limit:
        return None
    # A sample that owes nothing to any score: by it, noise and lower rungs are judged.
    return Job(new, rungs.top if new in REPEATED else 0)


def promotion(rungs: Rungs, trials: Sequence[Trial]) -> Trial | None:
    """The candidate that should go on next, as it stands at its rung; None where none should.

    Those near the top come first. Of a rung, no more go on than the share of its finished
    candidates, rounded down; one that is on its way up, or has failed there, has gone on.
    """
    for rung in reversed(range(rungs.top)):
        waiting, left = _at(rung, trials)
        if _due(rungs, waiting, left):
            numbers = {trial.number for trial in left}
            return next(trial for trial in by_promise(waiting) if trial.number in numbers)
    return None


def due(rungs: Rungs, trials: Sequence[Trial]) -> int:
    """How many candidates should go on as things stand."""
    return sum(_due(rungs, *_at(rung, trials)) for rung in range(rungs.top))


def _at(rung: int, trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
    """Who got to a rung, and who of them has not gone on."""
    waiting = [t for t in trials if t.rung == rung and t.is_complete]
    gone = {t.candidate for t in trials if t.rung > rung}
    return waiting, [trial for trial in waiting if trial.candidate not in gone]


def _due(rungs: Rungs, waiting: Sequence[Trial], left: Sequence[Trial]) -> int:
    return max(0, int(len(waiting) * rungs.share) - (len(waiting) - len(left)))


def by_promise(trials: Sequence[Trial]) -> list[Trial]:
    """Candidates of one rung, the most promising first.

    In the order of their fronts (Deb et al. 2002); within a front the next is the one that adds
    most to the area under those before it, so that what goes on is spread over the costs. The area
    is that of accuracy above the worst over the logarithm of macs.
    """
    if not trials:
        return []
    rank = ranks(trials)
    found: list[Trial] = []
    accuracies = [trial.accuracy for trial in trials]
    worst, best = min(accuracies), max(accuracies)
    least = min(trial.cost.macs for trial in trials)
    dearest = max(trial.cost.macs for trial in trials)
    below = _BELOW * (best - worst) or 1.0
    reference = (worst - below, float(np.log(_BEYOND * dearest / least)))
    for layer in range(max(rank.values()) + 1):
        left = sorted((t for t in trials if rank[t.number] == layer), key=lambda t: t.number)
        chosen: list[Trial] = []
        while left:
            areas = [_area([*chosen, trial], least, reference) for trial in left]
            chosen.append(left.pop(int(np.argmax(areas))))
        found += chosen
    return found


def _area(trials: Sequence[Trial], least: int, reference: tuple[float, float]) -> float:
    accuracies = np.array([trial.accuracy for trial in trials])
    macs = np.log(np.array([trial.cost.macs for trial in trials], float) / least)
    return Staircase.of(accuracies, macs, reference).area
