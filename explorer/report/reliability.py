"""How far the scores of a study can be trusted, as plain values: worded and drawn elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, nan
from typing import Literal

import numpy as np

from explorer.report.info import FrontInfo, step
from explorer.report.unit import Unit
from explorer.score import noise
from explorer.score.free import DEFAULT, combine
from explorer.score.reliability import Interval, bands, best, interval, within
from explorer.search import StudyRecord, Trial

FEWEST = 8  # nets for a rank correlation that is worth a row
FEWEST_TWICE = 5  # nets with two seeds, for the rank correlation between them
_RESAMPLES = 1_000  # of the bootstrap
_MANY = 60  # nets from which on there are five bands of macs instead of three

Kind = Literal["cost", "free", "epoch"]
Column = Sequence[float]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """How well something that is known early ranks the nets of a study by their scores.

    Attributes:
        name: of what ranks them.
        kind: a cost, a training-free score, or the accuracy after an earlier epoch.
        nets: how many trials it is known of.
        kendall: tau-b over all of them; nan where it is the same for all.
        spearman: rho over all of them.
        banded: tau-b over pairs of nets in the same band of macs.
        half: tau-b in the better half.
        tenth: tau-b in the best tenth; None where that is fewer than ``FEWEST`` nets.
    """

    name: str
    kind: Kind
    nets: int
    kendall: Interval
    spearman: Interval
    banded: float
    half: Interval
    tenth: Interval | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which trials on the front another seed could put in another order.

    Attributes:
        best: the most accurate trial on the front.
        limit: the honest significant difference from it, as a share; of means, the largest.
        as_good: the others that differ from the best by no more, from the best down.
        worse: those that differ by more, from the best down.
    """

    best: int
    limit: float
    as_good: tuple[int, ...]
    worse: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReliabilityInfo:
    """What a study knows of its scores.

    Attributes:
        complete: how many trials are complete, and so have a score.
        twice: how many of them were trained with a second seed as well.
        diverged: how many second trainings diverged.
        seeds: the noise between seeds; None with fewer than two trained twice.
        spread: the standard deviation of the scores over nets; None with fewer than two.
        bands: of macs, in which ``ScoreRow.banded`` compares.
        rows: empty with fewer than ``FEWEST`` trials, or where all score the same.
        agreement: Kendall's tau between first and second seed, of the trials that have both.
        ceiling: the best rank correlations that can be had; None where noise is not known or as
            large as the spread.
        verdict: None where noise is not known, or the front is of one trial.
        unit: of the scores.
    """

    complete: int
    twice: int
    diverged: int
    seeds: noise.Noise | None
    spread: float | None
    bands: int
    rows: tuple[ScoreRow, ...]
    agreement: Interval | None
    ceiling: noise.Ceiling | None
    verdict: Verdict | None
    unit: Unit

    @property
    def is_exact(self) -> bool:
        """Whether second seeds gave the same scores to the last digit."""
        return self.seeds is not None and self.seeds.sigma == 0


def reliability_info(record: StudyRecord, front: FrontInfo) -> ReliabilityInfo:
    """How far the scores of a study can be trusted.

    Args:
        record: of the study.
        front: what :func:`explorer.report.front_info` has found in it.
    """
    top = record.settings.protocol.ladder.top
    trials = [trial for trial in record.complete if trial.rung == top]
    scores = [trial.first for trial in trials]
    twice = [trial for trial in trials if trial.repeats]
    seeds = front.seeds
    return ReliabilityInfo(
        complete=len(trials),
        twice=len(twice),
        diverged=sum(1 for trial in trials if trial.reason and not trial.repeats),
        seeds=seeds,
        spread=noise.spread(scores) if len(scores) > 1 else None,
        bands=_bands(trials),
        rows=_rows(trials),
        agreement=_agreement(twice),
        ceiling=noise.ceiling(scores, seeds) if seeds and len(trials) >= FEWEST else None,
        verdict=_verdict(front),
        unit=front.unit,
    )


def _agreement(twice: Sequence[Trial]) -> Interval | None:
    if len(twice) < FEWEST_TWICE:
        return None
    return _tau([t.first for t in twice], [t.repeats[0] for t in twice])


def _verdict(front: FrontInfo) -> Verdict | None:
    if front.honest is None:
        return None
    *others, best = front.front
    near = [not step(point, best, front.honest).is_clear for point in others]
    found = list(zip(others, near, strict=True))[::-1]
    return Verdict(
        best.number,
        front.limits(best)[1],
        tuple(point.number for point, is_near in found if is_near),
        tuple(point.number for point, is_near in found if not is_near),
    )


# ---- the table


def _rows(trials: Sequence[Trial]) -> tuple[ScoreRow, ...]:
    if len(trials) < FEWEST or len({trial.first for trial in trials}) < 2:
        return ()
    found = [
        _row("macs", "cost", trials, [trial.cost.macs for trial in trials]),
        _row("params", "cost", trials, [trial.cost.params for trial in trials]),
    ]
    names = dict.fromkeys(name for trial in trials for name in trial.free)
    for name in names:
        known = [trial for trial in trials if name in trial.free]
        found.append(_row(name, "free", known, _free(known, name)))
    known = [trial for trial in trials if all(name in trial.free for name in DEFAULT)]
    if any(trial.free[name] is not None for trial in known for name in DEFAULT):
        columns = {name: _free(known, name) for name in DEFAULT}
        found.append(_row("combined", "free", known, combine(columns).tolist()))
    found += [_epoch_row(trials, epoch) for epoch in rungs(trials)]
    return tuple(row for row in found if row is not None)


def _free(trials: Sequence[Trial], name: str) -> list[float]:
    """A training-free score of each trial; nan, which ranks last, where it is not defined."""
    values = [trial.free[name] for trial in trials]
    return [nan if value is None else value for value in values]


def rungs(trials: Sequence[Trial]) -> list[int]:
    """The epochs before the last one; of more than four those where trainings are cut short.

    They are an eighth, a quarter and half of all, as in successive halving, and all but one.
    """
    last = max(len(trial.curve) for trial in trials)
    if last <= 5:
        return list(range(1, last))
    return sorted({ceil(last / 8), ceil(last / 4), ceil(last / 2), last - 1})


def _epoch_row(trials: Sequence[Trial], epoch: int) -> ScoreRow | None:
    known = [trial for trial in trials if len(trial.curve) > epoch]
    return _row(f"epoch {epoch}", "epoch", known, [trial.curve[epoch - 1] for trial in known])


def _row(name: str, kind: Kind, trials: Sequence[Trial], score: Column) -> ScoreRow | None:
    """None where too few nets have the score, or it is defined for none."""
    if len(trials) < FEWEST or np.isnan(score).all():
        return None
    truth = [trial.first for trial in trials]
    macs = [trial.cost.macs for trial in trials]
    tenth = best(truth, 0.1)
    return ScoreRow(
        name,
        kind,
        len(trials),
        _tau(score, truth),
        interval("spearman", score, truth, resamples=_RESAMPLES),
        within(score, truth, list(bands(macs, _bands(trials)))),
        _tau_of(best(truth, 0.5), score, truth),
        _tau_of(tenth, score, truth) if tenth.sum() >= FEWEST else None,
    )


def _bands(trials: Sequence[Trial]) -> int:
    return 3 if len(trials) < _MANY else 5


def _tau(score: Column, truth: Column) -> Interval:
    return interval("kendall", score, truth, resamples=_RESAMPLES)


def _tau_of(part: np.ndarray, score: Column, truth: Column) -> Interval:
    return _tau(np.asarray(score, float)[part], np.asarray(truth, float)[part])
