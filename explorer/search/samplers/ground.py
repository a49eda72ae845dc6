"""The assignments of a space as rows of a model: those of the pool, and any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.budget import Codes
from explorer.cost.batch import decode, encode
from explorer.search.model.encoding import Encoding, Rows
from explorer.search.model.features import Features, Panel
from explorer.search.samplers.pool import Pool
from explorer.space import Candidate, bind, complete

Array = npt.NDArray[np.float64]

_CHEAP = 64  # nets, among which the worst one is looked for
_KEPT = 4_096  # nets in memory


class Ground:
    """What a sampler that learns looks at: rows of a pool, with features where there are any.

    Args:
        pool: assignments within the budget.
        features: of the user's own; None without.

    Attributes:
        encoding: of assignments as rows; columns of features follow its own.
        typical: rows of even draws from what fits the budget.
        spread: rows of the whole pool, cheap nets as well.
        cheap: the cheapest of them.
    """

    def __init__(self, pool: Pool, features: Features | None = None) -> None:
        self.pool = pool
        self.space = pool.feasible.space
        self.encoding = Encoding(pool.feasible, pool.typical)
        spread = self.encoding.rows(pool.spread)
        spread = spread if pool.is_whole else spread.distinct()
        self._panel: Panel | None = None
        if features is not None:
            self._panel = Panel(features, spread.codes, spread.values)
            spread = _with(spread, self._panel.pool)
        self.spread = spread
        self.typical = self.rows(pool.typical)
        self.cheap = spread.of(np.argsort(spread.macs, kind="stable")[:_CHEAP])
        self._bounds: dict[bytes, Candidate] = {}
        self._codes: dict[tuple[tuple[str, Any], ...], Codes] = {}

    @property
    def features(self) -> int:
        """How many columns of features the rows have."""
        return 0 if self._panel is None else self._panel.pool.shape[1]

    def rows(self, codes: Codes) -> Rows:
        """Assignments as rows; the features of each are measured once."""
        rows = self.encoding.rows(codes)
        return rows if self._panel is None else _with(rows, self._panel.columns(codes))

    def guessed(self, codes: Codes) -> Rows:
        """The same of assignments too many to measure: features as the pool leads to expect."""
        rows = self.encoding.rows(codes)
        return rows if self._panel is None else _with(rows, self._panel.guessed(rows.values))

    def assigned(self, assignments: Sequence[Mapping[str, Any]]) -> Rows:
        """The same of assignments as trials have them; each is encoded once."""
        if not assignments:
            return self.spread.of(np.zeros(0, int))
        marks = [tuple(given.items()) for given in assignments]
        new = [i for i, mark in enumerate(marks) if mark not in self._codes]
        if new:
            full = [complete(self.space.choices, assignments[i]) for i in new]
            encoded = encode(self.space, full)
            self._codes.update((marks[i], encoded[:, n]) for n, i in enumerate(new))
        return self.rows(np.stack([self._codes[mark] for mark in marks], axis=1))

    def bound(self, codes: Codes) -> Candidate:
        """The net of an assignment; what was met is kept, since others look at it again."""
        key = codes.tobytes()
        if key not in self._bounds:
            if len(self._bounds) > _KEPT:
                self._bounds.clear()
            self._bounds[key] = bind(self.space, decode(self.space, codes))
        return self._bounds[key]


def _with(rows: Rows, columns: Array) -> Rows:
    return replace(rows, values=np.concatenate([rows.values, columns], axis=1))
