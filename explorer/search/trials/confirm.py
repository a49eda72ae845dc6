"""Confirming a front: its nets are scored again, until it is one of nets that were scored so often.

What ranks highest by one training owes some of that to luck, so a front that was picked by single
scores flatters its nets (the optimizer's curse, Smith & Winkler 2006). A net that is scored again
counts with its mean. Some leave the front then, others that were just behind take their places and
are scored again in turn, so what stands in the end owes its place to no single score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import count

from explorer.search.records import Trial, front, standing
from explorer.search.trials.rungs import Job

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
    jobs = []
    for trial, begun in _front(trials, top):
        seed = next(seed for seed in count(FIRST) if seed not in begun)
        if seed < FIRST + seeds:
            jobs.append(Job(trial.candidate, trial.rung, trial.number, seed))
    return sorted(jobs, key=lambda job: job.seed)


def count_missing(trials: Sequence[Trial], top: int, seeds: int) -> int:
    """How many scores the front, as it is, has to get in all. Arguments as of :func:`due_again`."""
    wanted = range(FIRST, FIRST + seeds)
    return sum(seeds - sum(seed in wanted for seed in begun) for _, begun in _front(trials, top))


def _front(trials: Sequence[Trial], top: int) -> Iterator[tuple[Trial, Set[int]]]:
    """The nets of the front, and the seeds with which they were begun."""
    for trial in front([trial for trial in standing(trials) if trial.rung == top]):
        yield trial, {each.seed for each in trials if each.candidate == trial.candidate}
