"""Scores of different rungs, put on the level of the highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.score.rungs import Rungs
from explorer.search.records import Trial

_BELIEF = 2.0  # pairs that the line is worth which is assumed beforehand: as good, and no better
_FEWEST = 2  # pairs from which there is something to learn


def levelled(rungs: Rungs, trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Candidates as they stand, each with the score that is expected of it at the highest rung.

    Of every lower rung, a line from its scores to the final ones is fitted to the candidates that
    have both. That only good ones went on does not bend it: they were chosen by what the line is
    drawn over. With few pairs it keeps near slope 1. Before there are any, scores stay as they are.
    """
    top = [trial for trial in trials if trial.rung == rungs.top]
    lines = {rung: _line(rungs.epochs[rung], top) for rung in range(rungs.top)}
    return tuple(
        trial if trial.rung == rungs.top else _raised(trial, *lines[trial.rung]) for trial in trials
    )


def _raised(trial: Trial, slope: float, shift: float) -> Trial:
    return replace(trial, curve=(*trial.curve[:-1], shift + slope * trial.first))


def _line(epochs: int, top: Sequence[Trial]) -> tuple[float, float]:
    """Slope and shift from scores after some epochs to final scores."""
    pairs = np.array([(trial.curve[epochs - 1], trial.first) for trial in top])
    if len(pairs) < _FEWEST:
        return 1.0, 0.0
    early, final = pairs.T
    middle, end = early.mean(), final.mean()
    belief = _BELIEF * early.var()
    product = ((early - middle) * (final - end)).sum() + belief
    square = ((early - middle) ** 2).sum() + belief
    slope = float(product / square) if square else 1.0
    return slope, float(end - slope * middle)
