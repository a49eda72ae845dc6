"""The sampler that learns accuracy alone, since what a net costs is known before it is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from optuna.trial import FrozenTrial, TrialState

from explorer.budget import Codes
from explorer.cost.batch import decode, encode
from explorer.graph import fingerprint
from explorer.score.free import DEFAULT
from explorer.search.ehvi import Staircase
from explorer.search.encoding import Encoding, Rows
from explorer.search.frame import GOLDEN, BudgetSampler, proposed
from explorer.search.pool import Pool
from explorer.search.records import Trial
from explorer.search.scores import normal_scores
from explorer.search.screen import FreeValues
from explorer.search.stored import PROPOSAL, read_trial
from explorer.search.surrogate import Belief, Surrogate, warped
from explorer.search.view import View, banded
from explorer.space import Candidate, bind, complete

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int_]

_BEGIN = 5  # trials before the model is asked
_CHEAPER = (0.75, 0.5, 0.25)  # of the way from the cheapest net to the budget
_FRESH, _MUTANTS, _CHILDREN = 256, 512, 256
_ROUNDS, _BEST, _NEIGHBOURS = 3, 8, 32  # of the local search
_SHORTLIST = 16  # nets whose scores are measured before one of them is trained
_KEPT = 4_096  # nets in memory
_BEYOND = 1.1  # times the budget: the reference macs, so that nets just within it count
_TRIED = 400  # of the most promising, before the space counts as used up
_CHEAP = 64  # nets, among which the worst one is looked for
_WORST = 0.01  # of random nets: what they reach is the front's reference accuracy ...
_ALL_TURN = 4  # ... but for every so many trials, in which the worst net's is
_FAILED = 0.05  # a failed trial counts as one of the worst of those that did not


class History(NamedTuple):
    """What was tried: rows of finished trials, in the order of their numbers, and of others.

    Attributes:
        accuracies: of the finished; of a failed one, what the worst reached.
        free: training-free scores of the finished, empty where unknown.
        waiting: nets that were proposed and are not finished.
    """

    rows: Rows
    accuracies: Array
    free: list[FreeValues]
    waiting: Rows


class KnownCostSampler(BudgetSampler):
    """Bayesian optimisation of the front of accuracy and macs, with macs known exactly.

    A Gaussian process is fitted to the accuracies of the trials. Of thousands of assignments that
    fit the budget, random ones and relatives of the front, the one is proposed that is expected to
    enlarge the area under the front most (:mod:`explorer.search.ehvi`). Where training-free scores
    can be measured, the most promising few are scored, and a second process with these scores
    as inputs decides among them.

    The area is that above what the worst 1 % of random nets are expected to reach; in every fourth
    trial it is all of it, so that the cheap end of the front is looked for as well.
    """

    shortlist = _SHORTLIST

    # ---- what is set up once

    @property
    def pool(self) -> Pool:
        if self._pool is None:
            cheaper = tuple(self.within(share) for share in _CHEAPER)
            self._pool = Pool(self.feasible, self.budget, cheaper, self.seed)
            self._encoding = Encoding(self.feasible, self._pool.typical)
            self._typical = self._encoding.rows(self._pool.typical)
            self._spread = self._encoding.rows(self._pool.spread)
            order = np.argsort(self._spread.macs, kind="stable")
            self._cheap = self._spread.of(order[:_CHEAP])
            self._plain = Surrogate(self._encoding)
            self._scored = Surrogate(self._encoding, len(DEFAULT))
            self._bounds: dict[bytes, Candidate] = {}
        return self._pool

    _pool: Pool | None = None

    # ---- proposing

    def candidate(self, number: int, trials: list[FrozenTrial]) -> Candidate:
        """A candidate for trial ``number`` that fits the budget and was not tried before.

        Raises:
            ExhaustedError: none was found in a fair number of attempts.
        """
        others = [trial for trial in trials if trial.number != number]
        if number == 0:
            return super().candidate(number, trials)
        rng = np.random.default_rng([self.seed, number])
        tried = {proposed(trial) for trial in others}
        if sum(trial.state is TrialState.COMPLETE for trial in others) >= _BEGIN:
            found = self._learned(self.history(others), number, tried, rng)
            if found is not None:
                return found
        fresh = self._fresh((number * GOLDEN) % 1, [], tried, rng)
        return next(fresh) if self.screen is None else self._best(fresh, self.screen)

    def _learned(
        self, history: History, number: int, tried: set[str | None], rng: np.random.Generator
    ) -> Candidate | None:
        """The new net that is expected to enlarge the front most; None where there is none."""
        targets = warped(history.accuracies)
        belief = self._plain.learn(history.rows.values, targets)
        view = self._view(belief, history, is_all=number % _ALL_TURN == 0)
        rows, gains = self._promising(view, history, rng)
        size = 1 if self.screen is None else self.shortlist
        new = list(islice(self._new(rows, banded(gains, rows.macs, size), tried), size))
        chosen = [candidate for _, candidate in new]
        if self.screen is None or len(new) < 2:
            return chosen[0] if new else None
        free = self.measured(chosen)
        again = self._gains_with_scores(
            history, targets, rows.of(np.array([i for i, _ in new])), free, view
        )
        return chosen[int(np.argmax(again))]

    def history(self, trials: Sequence[FrozenTrial]) -> History:
        """What was tried, as the model sees it."""
        _ = self.pool
        records = [read_trial(trial) for trial in trials]
        done = [trial for trial in records if trial.state == "complete"]
        floor = float(np.quantile([_accuracy(trial) for trial in done], _FAILED))
        ended = [t for t in records if t.state in ("complete", "failed") and t.assignment]
        finished = {trial.number for trial in ended}
        waiting = [
            trial.system_attrs[PROPOSAL]
            for trial in trials
            if trial.number not in finished and PROPOSAL in trial.system_attrs
        ]
        return History(
            self._rows([trial.assignment for trial in ended]),
            np.array([_accuracy(t) if t.is_complete else floor for t in ended]),
            [trial.free for trial in ended],
            self._rows(waiting),
        )

    def _rows(self, assignments: Sequence[Mapping[str, Any]]) -> Rows:
        if not assignments:
            return self._spread.of(np.zeros(0, int))
        choices = self.space.choices
        codes = encode(self.space, [complete(choices, given) for given in assignments])
        return self._encoding.rows(codes)

    # ---- what a net is worth

    def _view(self, belief: Belief, history: History, is_all: bool) -> View:
        """A belief, and the reference point from which the front is looked at.

        Args:
            belief: from finished trials.
            history: whose waiting nets are believed to reach what is expected of them.
            is_all: whether the reference accuracy is the least that any net may have.
        """
        believing = belief.believing(history.waiting.values)
        rows = self._cheap if is_all else self._typical
        means, _ = believing.predict(rows.values)
        worst = float(np.quantile(means, 0 if is_all else _WORST))
        dearest = self.budget.limits.get("macs", int(self._spread.macs.max()))
        return View(believing, (worst, dearest * _BEYOND))

    def _promising(
        self, view: View, history: History, rng: np.random.Generator
    ) -> tuple[Rows, Array]:
        """Assignments that fit, and by how much each is expected to enlarge the front."""
        tried = Rows.joined([history.rows, history.waiting])
        stairs = view.staircase(tried)
        if self.pool.is_whole:
            return self._spread, view.gains(stairs, self._spread)
        fits = self.feasible.fits(self.budget, tried.codes)
        parents = view.front(tried.of(np.flatnonzero(fits)))
        codes = [self.pool.fresh(_FRESH, rng)]
        if parents.shape[1]:
            codes.append(self.pool.mutants(parents, _MUTANTS, rng))
            codes.append(self.pool.children(parents, _CHILDREN, rng))
        made = self._encoding.rows(np.concatenate(codes, axis=1))
        rows = Rows.joined([self._spread, made]).distinct()
        gains = view.gains(stairs, rows)
        for _ in range(_ROUNDS):
            best = rows.codes[:, np.argsort(-gains, kind="stable")[:_BEST]]
            near = self._encoding.rows(self.pool.neighbours(best, _NEIGHBOURS, rng))
            gains = np.append(gains, view.gains(stairs, near))
            rows = Rows.joined([rows, near])
        return rows, gains

    def _new(
        self, rows: Rows, order: Indices, tried: set[str | None]
    ) -> Iterator[tuple[int, Candidate]]:
        """The indices of nets that were not tried, in the order given, and the nets."""
        met = set(tried)
        for index in order[: max(_TRIED, 4 * self.shortlist)]:
            candidate = self._bound(rows.codes[:, index])
            mark = fingerprint(candidate.graph)
            if mark not in met and self.is_fast(candidate):
                met.add(mark)
                yield int(index), candidate

    def _bound(self, codes: Codes) -> Candidate:
        """The net of an assignment; what was met is kept, since others look at it again."""
        key = codes.tobytes()
        if key not in self._bounds:
            if len(self._bounds) > _KEPT:
                self._bounds.clear()
            self._bounds[key] = bind(self.space, decode(self.space, codes))
        return self._bounds[key]

    # ---- with training-free scores

    def measured(self, candidates: Sequence[Candidate]) -> list[FreeValues]:
        """Their training-free scores."""
        assert self.screen is not None
        return [self.screen.scores(candidate) for candidate in candidates]

    def _gains_with_scores(
        self, history: History, targets: Array, rows: Rows, free: list[FreeValues], view: View
    ) -> Array:
        """What a model that sees scores expects of a few; without, where too few trials have any.

        Nets that are being trained stand in the front as the plain model sees them.
        """
        scored = np.flatnonzero([bool(values) for values in history.free])
        tried = Rows.joined([history.rows, history.waiting])
        if len(scored) < _BEGIN:
            return view.gains(view.staircase(tried), rows)
        columns = normal_scores([history.free[i] for i in scored] + free, DEFAULT)
        seen = np.concatenate([history.rows.values[scored], columns[: len(scored)]], axis=1)
        asked = np.concatenate([rows.values, columns[len(scored) :]], axis=1)
        belief = self._scored.learn(seen, targets[scored])
        reached, _ = view.belief.predict(tried.values)
        reached[scored], _ = belief.predict(seen)
        stairs = Staircase.of(reached, tried.macs, view.reference)
        means, deviations = belief.predict(asked)
        return stairs.expected_gain(means, deviations, rows.macs)


def _accuracy(trial: Trial) -> float:
    """What a trial reached, with other seeds as well where it was trained again."""
    return float(np.mean([trial.accuracy, *trial.repeats]))
