"""What became of a front when its nets were scored again, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean

from explorer.search import StudyRecord
from explorer.search.records import front


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What scores with other seeds have made of a front that was found by single ones.

    Attributes:
        nets: how many were scored again.
        scores: how often, all together.
        led: how many of them were on the front by the scores of the search.
        found: the mean of what these had in the search; None where there is none.
        since: the mean of what they had since, each with equal weight.
        left: trials that are not on the front any more.
        came: trials that are on it only since.
        single: trials on the front that were not scored again.
    """

    nets: int
    scores: int
    led: int
    found: float | None
    since: float | None
    left: tuple[int, ...]
    came: tuple[int, ...]
    single: tuple[int, ...]


def confirmation(record: StudyRecord) -> Confirmation | None:
    """What became of the front of a study; None where no net was scored again."""
    trials = record.complete
    again = [trial for trial in trials if trial.again]
    if not again:
        return None
    before = {trial.number for trial in front([replace(trial, again=()) for trial in trials])}
    now = {trial.number for trial in record.front}
    led = [trial for trial in again if trial.number in before]
    return Confirmation(
        len(again),
        sum(len(trial.again) for trial in again),
        len(led),
        fmean(trial.first for trial in led) if led else None,
        fmean(fmean(trial.again) for trial in led) if led else None,
        tuple(sorted(before - now)),
        tuple(sorted(now - before)),
        tuple(sorted(trial.number for trial in record.front if not trial.again)),
    )
