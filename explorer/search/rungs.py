"""Rungs: candidates are trained for a few epochs first, and only the most promising go on.

Successive halving without waiting (Li et al. 2020), for a front of accuracy and macs instead of one
number (Schmucker et al. 2021): as soon as a rung has enough candidates, its best go on to the next,
from where they stopped. A candidate that goes all the way ends with the score that it would have
had without any rungs, since the schedule of its training is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from explorer.errors import ExplorerError
from explorer.search.ehvi import Staircase
from explorer.search.records import Trial, ranks

# The reference point lies so far beyond the worst, so that the ends of a front count as well.
_BELOW = 0.25  # of the range of accuracies
_BEYOND = 1.1  # times the dearest candidate's macs


@dataclass(frozen=True, slots=True)
class Rungs:
    """After how many epochs candidates wait, and what share of those that wait goes on.

    Attributes:
        epochs: ascending; the last is the whole training. One alone means that nobody waits.
        share: between 0 and 1.
    """

    epochs: tuple[int, ...]
    share: Fraction = Fraction(1, 3)

    @property
    def top(self) -> int:
        """The number of the last rung; the first is 0."""
        return len(self.epochs) - 1

    def check(self, whole: int, where: str) -> None:
        """Refuse what cannot be climbed; ``whole`` is the number of epochs of a whole training.

        Raises:
            ExplorerError: not ascending, another end than the whole training, no share.
        """
        steps = [after - before for before, after in pairwise((0, *self.epochs))]
        if min(steps, default=0) < 1 or self.epochs[-1] != whole:
            raise ExplorerError(
                f"{where}: rungs are ascending numbers of epochs of which the last is all {whole} "
                f"of a training, got {', '.join(map(str, self.epochs)) or 'none'}"
            )
        if not 0 < self.share <= 1:
            raise ExplorerError(
                f"{where}: the share that goes on lies above 0 and is at most 1, got {self.share}"
            )


def promotion(rungs: Rungs, trials: Sequence[Trial]) -> Trial | None:
    """The candidate that should go on next, as it stands at its rung; None where none should.

    Those near the top come first. Of a rung, as many go on as the share of its finished candidates,
    rounded down; a candidate that is on its way up, or has failed there, has gone on.
    """
    for rung in reversed(range(rungs.top)):
        waiting = [t for t in trials if t.rung == rung and t.is_complete]
        gone = {t.fingerprint for t in trials if t.rung > rung}
        allowed = int(len(waiting) * rungs.share)
        for trial in by_promise(waiting)[:allowed]:
            if trial.fingerprint not in gone:
                return trial
    return None


def by_promise(trials: Sequence[Trial]) -> list[Trial]:
    """Candidates of one rung, the most promising first.

    In the order of their fronts (Deb et al. 2002); within a front the next is the one that adds
    most to the area under those before it, so that what goes on is spread over the costs. The area
    is that of accuracy above the worst over the logarithm of macs.
    """
    if not trials:
        return []
    rank = ranks(trials)
    found: list[Trial] = []
    accuracies = [trial.accuracy for trial in trials]
    worst, best = min(accuracies), max(accuracies)
    least = min(trial.cost.macs for trial in trials)
    dearest = max(trial.cost.macs for trial in trials)
    below = _BELOW * (best - worst) or 1.0
    reference = (worst - below, float(np.log(_BEYOND * dearest / least)))
    for layer in range(max(rank.values()) + 1):
        left = sorted((t for t in trials if rank[t.number] == layer), key=lambda t: t.number)
        chosen: list[Trial] = []
        while left:
            areas = [_area([*chosen, trial], least, reference) for trial in left]
            chosen.append(left.pop(int(np.argmax(areas))))
        found += chosen
    return found


def _area(trials: Sequence[Trial], least: int, reference: tuple[float, float]) -> float:
    accuracies = np.array([trial.accuracy for trial in trials])
    macs = np.log(np.array([trial.cost.macs for trial in trials], float) / least)
    return Staircase.of(accuracies, macs, reference).area
