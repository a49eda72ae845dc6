"""What trials are to do, read from what is stored of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from optuna.trial import FrozenTrial, TrialState

from explorer.search.trials.rungs import Job
from explorer.search.trials.stored import JOB, PROPOSAL, is_again, proposed, read_trial

CHOSEN_TWICE = "another worker was let in by a restarted database, and chose the same"


def is_planned(trial: FrozenTrial) -> bool:
    """Whether it was said what a trial is to do; a worker may have died just before."""
    return JOB in trial.user_attrs or PROPOSAL in trial.system_attrs  # older studies have no jobs


def is_proposed(trial: FrozenTrial) -> bool:
    """Whether it is decided which net it tries, or goes on with."""
    return PROPOSAL in trial.system_attrs or "standing" in trial.user_attrs.get(JOB, {})


def do_the_same(trial: FrozenTrial, other: FrozenTrial) -> bool:
    """Whether a trial is to do what another does, or is a candidate with another's net."""
    if not (is_planned(trial) and is_planned(other)):
        return False
    if other.user_attrs.get("reason") == CHOSEN_TWICE:
        return False
    mine, its = read_trial(trial), read_trial(other)
    if mine.candidate == its.candidate:
        return (mine.rung, mine.seed) == (its.rung, its.seed)
    return proposed(trial) == proposed(other) is not None


def left_over(trials: Sequence[FrozenTrial], is_left: Callable[[FrozenTrial], bool]) -> Job | None:
    """What somebody left who did not finish: Optuna hands it out before anything new."""
    waiting = next((trial for trial in trials if trial.state is TrialState.WAITING), None)
    if waiting is None or not is_left(waiting):
        return None
    found = read_trial(waiting)
    known = waiting.user_attrs.get(JOB, {})
    return Job(found.candidate, found.rung, known.get("standing"), found.seed)


def unsettled(trials: Sequence[FrozenTrial], limit: int, until: float) -> list[FrozenTrial]:
    """What is being scored that may yet change the front.

    Args:
        trials: of a study.
        limit: candidates from this number on do not count.
        until: nor do those that were begun later (seconds since the epoch).
    """
    running = [trial for trial in trials if trial.state is TrialState.RUNNING]
    return [
        trial
        for trial in running
        if is_again(trial) or (read_trial(trial).candidate < limit and _is_begun(trial, until))
    ]


def _is_begun(trial: FrozenTrial, until: float) -> bool:
    return trial.datetime_start is None or trial.datetime_start.timestamp() <= until
