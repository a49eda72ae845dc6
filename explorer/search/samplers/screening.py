"""Screening by features alone: a baseline that learns nothing from what it evaluates."""

from __future__ import annotations

import numpy as np
from optuna.trial import FrozenTrial

from explorer.graph import fingerprint
from explorer.search.samplers.frame import ATTEMPTS, GOLDEN
from explorer.search.samplers.grounded import GroundedSampler
from explorer.search.trials.stored import proposed
from explorer.space import Candidate


class ScreeningSampler(GroundedSampler):
    """For costs spread evenly, the new net whose features have the best mean rank.

    Of the nets of a pool that cost at most so much. Trial 0 is the space's default, as everywhere.
    What a model gains over it is what learning is worth.
    """

    needs_features = True

    def candidate(self, number: int, trials: list[FrozenTrial]) -> Candidate:
        """A candidate for trial ``number`` that fits the budget and was not tried before.

        Raises:
            ExhaustedError: none was found in a fair number of attempts.
        """
        others = [trial for trial in trials if trial.number != number]
        if number == 0:
            return super().candidate(number, trials)
        tried = {proposed(trial) for trial in others}
        share = (number * GOLDEN) % 1
        best = self._best_within(share, tried)
        rng = np.random.default_rng([self.seed, number])
        return best or next(self._fresh(share, [], tried, rng))

    def _best_within(self, share: float, tried: set[str | None]) -> Candidate | None:
        ground = self.ground
        fits = self.feasible.fits(self.within(share), ground.spread.codes)
        marks = ground.spread.values[:, ground.encoding.costs.stop :].mean(axis=1)
        order = np.argsort(np.where(fits, -marks, np.inf), kind="stable")
        for index in order[: min(int(fits.sum()), len(tried) + ATTEMPTS)]:
            candidate = ground.bound(ground.spread.codes[:, index])
            if fingerprint(candidate.graph) not in tried and self.is_fast(candidate):
                return candidate
        return None
