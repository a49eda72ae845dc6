"""Scores of different rungs, put on the level of the highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from explorer.score.rungs import Rungs
from explorer.search.records import Trial

_BELIEF = 2.0  # pairs that the line is worth which is assumed beforehand: as good, and no better
_FEWEST = 2  # pairs from which there is something to learn


class Level(NamedTuple):
    """What a candidate is expected to reach at the highest rung.

    Attributes:
        accuracy: there; as measured, for a candidate that got there.
        deviation: the standard deviation of what it may turn out to be; 0 as measured.
    """

    accuracy: float
    deviation: float


def levelled(rungs: Rungs, standing: Sequence[Trial]) -> list[Level]:
    """What candidates are expected to reach at the highest rung, one by one.

    Of every lower rung, a line from its scores to the final ones is fitted to the candidates that
    have both. That only good ones went on does not bend it: they were chosen by what the line is
    drawn over. With few pairs it keeps near slope 1. Before there are any, scores stay as they are.
    """
    top = [trial for trial in standing if trial.rung == rungs.top]
    lines = {rung: _line(rungs.epochs[rung], top) for rung in range(rungs.top)}
    found = []
    for trial in standing:
        if trial.rung == rungs.top:
            found.append(Level(trial.accuracy, 0.0))
        else:
            slope, shift, deviation = lines[trial.rung]
            found.append(Level(shift + slope * trial.accuracy, deviation))
    return found


def _line(epochs: int, top: Sequence[Trial]) -> tuple[float, float, float]:
    """Slope, shift and residual deviation of final scores over those after some epochs."""
    pairs = np.array([(trial.curve[epochs - 1], trial.accuracy) for trial in top])
    if len(pairs) < _FEWEST:
        return 1.0, 0.0, 0.0
    early, final = pairs.T
    middle, end = early.mean(), final.mean()
    weight = _BELIEF * early.var()
    slope = float(
        (((early - middle) * (final - end)).sum() + weight)
        / ((((early - middle) ** 2).sum() + weight) or 1.0)
    )
    shift = float(end - slope * middle)
    residuals = final - shift - slope * early
    deviation = float(np.sqrt((residuals**2).sum() / max(1, len(pairs) - 2)))
    return slope, shift, deviation
