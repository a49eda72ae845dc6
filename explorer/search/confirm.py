"""Confirming a front: its nets are scored again, until it is one of nets that were scored so often.

What ranks highest by one training owes some of that to luck, so a front that was picked by single
scores flatters its nets (the optimizer's curse, Smith & Winkler 2006). A net that is scored again
counts with its mean. Some leave the front then, others that were just behind take their places and
are scored again in turn, so what stands in the end owes its place to no single score.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.search.records import Trial, front, standing
from explorer.search.rungs import Job

FIRST = 2  # the first seed that confirms; 0 is that of the search, 1 that of second seeds


def due_again(trials: Sequence[Trial], top: int, seeds: int) -> list[Job]:
    """What is to be scored again as things stand, the most urgent first.

    That is every net of the front that was scored again fewer than ``seeds`` times: those with the
    fewest scores first, since a net that falls behind by the next needs no more; of those with
    equally many the cheapest.

    Args:
        trials: all of a study.
        top: the number of the highest rung; a net that waits below it is not confirmed.
        seeds: how many more scores every net on the front shall have.

    Returns:
        A job for each such net, with its next seed.
    """
    begun: dict[int, set[int]] = {}
    for trial in trials:
        if trial.seed:
            begun.setdefault(trial.candidate, set()).add(trial.seed)
    wanted = range(FIRST, FIRST + seeds)
    ends = front([trial for trial in standing(trials) if trial.rung == top])
    jobs = []
    for trial in ends:
        missing = [seed for seed in wanted if seed not in begun.get(trial.candidate, ())]
        if missing:
            jobs.append(Job(trial.candidate, trial.rung, trial.number, missing[0]))
    return sorted(jobs, key=lambda job: job.seed or 0)
