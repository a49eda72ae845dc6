"""What became of a front when its nets were scored again, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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
        since: the mean of what these had the next time. Later scores are left out, since only those
            are asked for more that did well: their means would be too low.
        left: trials that are not on the front any more.
        came: trials that are on it only since.
        single: trials on the front that were trained to the end and not begun again yet.
        lost: how often trials came to no score when they were begun again.
    """

    nets: int
    scores: int
    led: int
    found: float | None
    since: float | None
    left: tuple[int, ...]
    came: tuple[int, ...]
    single: tuple[int, ...]
    lost: Mapping[int, int]


def confirmation(record: StudyRecord) -> Confirmation | None:
    """What became of the front of a study; None where no net was scored again."""
    begun = {t.candidate for t in record.trials if t.seed and t.state in ("complete", "failed")}
    if not begun:
        return None
    trials, top = record.complete, record.settings.protocol.ladder.top
    again = [trial for trial in trials if trial.again]
    before = {trial.number for trial in front([replace(trial, again=()) for trial in trials])}
    now = {trial.number for trial in record.front}
    led = [trial for trial in again if trial.number in before]
    single = [t for t in record.front if t.rung == top and t.candidate not in begun]
    scored = {(t.candidate, t.seed) for t in record.trials if t.seed and t.is_complete}
    tried = {(t.candidate, t.seed) for t in record.trials if t.seed and t.state == "failed"}
    failed = Counter(candidate for candidate, _ in tried - scored)
    return Confirmation(
        len(again),
        sum(len(trial.again) for trial in again),
        len(led),
        fmean(trial.first for trial in led) if led else None,
        fmean(trial.again[0] for trial in led) if led else None,
        tuple(sorted(before - now)),
        tuple(sorted(now - before)),
        tuple(sorted(trial.number for trial in single)),
        {t.number: failed[t.candidate] for t in trials if t.candidate in failed},
    )
