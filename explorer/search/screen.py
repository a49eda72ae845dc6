"""Screening: of a few proposals, train the one whose training-free scores are best.

Only where the study's own trials bear those scores out. On some spaces they rank nets well, on
others they say nothing or the opposite (docs/scores.md), and which kind a space is cannot be known
beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from explorer.errors import NetError
from explorer.graph import fingerprint
from explorer.score.free import DEFAULT, combine
from explorer.score.reliability import difference, interval
from explorer.search.records import Trial
from explorer.space import Candidate

FEWEST = 12  # trials with scores, before they can be trusted
POOL = 8  # proposals to choose from

FreeValues = Mapping[str, float | None]


@dataclass
class Screen:
    """Chooses among proposals by their training-free scores.

    Args:
        measure: the scores of a candidate as it would be trained.
    """

    measure: Callable[[Candidate], FreeValues]
    _known: dict[str, FreeValues] = field(default_factory=dict)

    def scores(self, candidate: Candidate) -> FreeValues:
        """The scores of a candidate, each None if it cannot be built; a net is measured once."""
        key = fingerprint(candidate.graph)
        if key not in self._known:
            try:
                self._known[key] = self.measure(candidate)
            except NetError:  # training it will say so, in the trial's reason
                self._known[key] = dict.fromkeys(DEFAULT)
        return self._known[key]

    def is_borne_out(self, trials: Sequence[Trial]) -> bool:
        """Whether the combined scores rank these trials, and better than their macs do.

        Both in Kendall's tau, with 95 % bootstrap intervals above zero.
        """
        scored = [trial for trial in trials if trial.free]
        if len(scored) < FEWEST:
            return False
        ranked = combine({name: [t.free.get(name) for t in scored] for name in DEFAULT})
        accuracy = np.array([trial.accuracy for trial in scored])
        macs = np.array([trial.cost.macs for trial in scored], float)
        return (
            interval("kendall", ranked, accuracy).low > 0
            and difference("kendall", ranked, macs, accuracy).low > 0
        )

    def best(self, pool: Sequence[Candidate]) -> Candidate:
        """The candidate with the best mean rank in the pool; of equal ones the first."""
        values = [self.scores(candidate) for candidate in pool]
        ranked = combine({name: [found[name] for found in values] for name in DEFAULT})
        return pool[int(np.argmax(ranked))]
