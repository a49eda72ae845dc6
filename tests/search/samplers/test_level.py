"""Scores of lower rungs, put beside those of the highest."""

from __future__ import annotations

import numpy as np

from explorer.ops import Cost
from explorer.score.rungs import Rungs
from explorer.search.records import Trial
from explorer.search.samplers.level import levelled

RUNGS = Rungs((1, 4))


def trial(number: int, *curve: float) -> Trial:
    cost = Cost(**dict.fromkeys(Cost._fields, 0))
    rung = 1 if len(curve) == 4 else 0
    return Trial(number, "complete", {}, "", cost, 0, curve=curve, rung=rung, candidate=number)


def test_what_was_measured_stays() -> None:
    trials = (trial(0, 0.2, 0.3, 0.4, 0.5), trial(1, 0.3))
    assert levelled(RUNGS, trials) == trials  # one pair says nothing of a line


def test_lower_rungs_are_put_on_the_line() -> None:
    rng = np.random.default_rng(0)
    early = rng.uniform(0.2, 0.4, 60)
    final = 0.3 + 0.5 * early + rng.normal(0, 0.01, 60)
    pairs = [trial(n, a, a, a, b) for n, (a, b) in enumerate(zip(early, final, strict=True))]
    (*_, guessed) = levelled(RUNGS, [*pairs, trial(60, 0.25)])
    assert abs(guessed.accuracy - 0.425) < 0.006


def test_that_only_good_ones_went_on_does_not_bend_the_line() -> None:
    rng = np.random.default_rng(1)
    early = rng.uniform(0.2, 0.4, 400)
    final = 0.3 + 0.5 * early + rng.normal(0, 0.02, 400)
    pairs = [
        trial(n, a, a, a, b) for n, (a, b) in enumerate(zip(early, final, strict=True)) if a > 0.3
    ]
    (*_, guessed) = levelled(RUNGS, [*pairs, trial(400, 0.2)])
    assert abs(guessed.accuracy - 0.4) < 0.012


def test_nothing_is_learned_from_equal_scores() -> None:
    pairs = [trial(n, 0.3, 0.3, 0.3, 0.5 + n / 100) for n in range(3)]
    (*_, guessed) = levelled(RUNGS, [*pairs, trial(3, 0.3)])
    assert abs(guessed.accuracy - 0.51) < 1e-9
