"""The sampler that learns accuracy alone, since what a net costs is known before it is trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
import numpy.typing as npt
from optuna.trial import FrozenTrial, TrialState

from explorer.graph import fingerprint
from explorer.score.free import DEFAULT
from explorer.search.model.blend import Blend, BlendedSurrogate
from explorer.search.model.ehvi import Staircase, expected_improvement
from explorer.search.model.encoding import Rows
from explorer.search.model.scores import normal_scores
from explorer.search.model.surrogate import Belief, Surrogate
from explorer.search.model.warp import improvement_unwarped, warped
from explorer.search.samplers.frame import GOLDEN
from explorer.search.samplers.grounded import GroundedSampler
from explorer.search.samplers.history import History, read_history
from explorer.search.samplers.view import Leaning, View, banded
from explorer.search.screen import FreeValues
from explorer.search.trials.stored import is_again, proposed
from explorer.space import Candidate

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int_]

_BEGIN = 5  # trials before the model is asked where there are no features, or one with scores
_FRESH, _MUTANTS, _CHILDREN = 256, 512, 256
_ROUNDS, _BEST, _NEIGHBOURS = 3, 8, 32  # of the local search
_MEASURED = 16  # nets from outside the pool whose features are measured for one trial
_SHORTLIST = 5  # nets whose scores are measured before one of them is trained
BEYOND = 1.1  # times the budget: the reference macs, so that nets just within it count
_TRIED = 400  # of the most promising, before the space counts as used up
_WORST = 0.01  # of random nets: what they reach is the front's reference accuracy ...
_DEEPEST = -3.0  # ... if it is no further down, as the model sees it: e^2 spreads from the median
_ALL_FROM, _ALL_EVERY = 16, 4  # from there on, in every so many trials, it is the worst net's


class KnownCostSampler(GroundedSampler):
    """Bayesian optimisation of the front of accuracy and macs, with macs known exactly.

    A Gaussian process is fitted to the accuracies of the trials. Of thousands of assignments that
    fit the budget, random ones and relatives of the front, the one is proposed that is expected to
    enlarge the area under the front most (:mod:`explorer.search.model.ehvi`).

    Where a function of the user's says features of nets, another process sees those of the whole
    pool; the two are blended by how well they predict, and are asked from the second trial on.
    Where training-free scores can be measured, the most promising few are scored as soon as enough
    trials have scores, and a further process with these as inputs decides among them.

    The area is that above what the worst 1 % of random nets are expected to reach, in the unit of
    the accuracies. In some trials it is all of it (:func:`counts_all`), so that the cheap end of
    the front is looked for as well, in the model's unit, in which that end does not outweigh the
    rest. Until a few different accuracies are known, their unit is no more than a guess.
    """

    shortlist = _SHORTLIST

    @cached_property
    def model(self) -> Surrogate | BlendedSurrogate:
        """What learns from all trials."""
        ground = self.ground
        if ground.features:
            return BlendedSurrogate(ground.encoding, ground.features)
        return Surrogate(ground.encoding)

    @cached_property
    def scored(self) -> Surrogate:
        """What learns from the trials that have training-free scores."""
        return Surrogate(self.ground.encoding, len(DEFAULT), self.ground.features)

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
        if self.features is not None or _finished(others) >= _BEGIN:
            found = self._learned(read_history(others, self.ground, self.rungs), number, tried, rng)
            if found is not None:
                return found
        return next(self._fresh((number * GOLDEN) % 1, [], tried, rng))

    def _learned(
        self, history: History, number: int, tried: set[str | None], rng: np.random.Generator
    ) -> Candidate | None:
        """The new net that is expected to enlarge the front most; None where there is none."""
        targets = warped(history.accuracies)
        belief = self.model.learn(history.rows.values, targets)
        view = self._view(belief, history, is_all=counts_all(number))
        rows, gains = self._promising(view, history, rng)
        size = self.shortlist if self._may_measure(history) else 1
        new = list(islice(self._new(rows, banded(gains, rows.macs, size), tried), size))
        chosen = [candidate for _, candidate in new]
        if len(new) < 2:
            return chosen[0] if new else None
        free = self.measured(chosen)
        again = self._gains_with_scores(
            history, targets, rows.of(np.array([i for i, _ in new])), free, view
        )
        return chosen[int(np.argmax(again))]

    # ---- what a net is worth

    def _view(self, belief: Belief | Blend, history: History, is_all: bool) -> View:
        """A belief, and the reference point from which the front is looked at.

        Args:
            belief: from finished trials.
            history: whose waiting nets are believed to reach what is expected of them.
            is_all: whether the reference accuracy is the least that any net may have.
        """
        believing = belief.believing(history.waiting.values)
        rows = self.ground.cheap if is_all else self.ground.typical
        means, _ = believing.predict(rows.values)
        worst = reference_accuracy(means, is_all)
        dearest = self.budget.limits.get("macs", int(self.ground.spread.macs.max()))
        leaning = Leaning.after(self.prior, self.feasible.counter, len(history.tried))
        improvement = expected_improvement if is_all else improvement_unwarped
        return View(believing, (worst, dearest * BEYOND), improvement, leaning)

    def _promising(
        self, view: View, history: History, rng: np.random.Generator
    ) -> tuple[Rows, Array]:
        """Assignments that fit, and by how much each is expected to enlarge the front."""
        ground, tried = self.ground, history.tried
        stairs = view.staircase(tried)
        if ground.pool.is_whole:
            return ground.spread, view.gains(stairs, ground.spread)
        made = self._relatives(view, tried, rng)
        rows = Rows.joined([ground.spread, made]).distinct()
        gains = view.gains(stairs, rows)
        for _ in range(_ROUNDS):
            best = rows.codes[:, np.argsort(-gains, kind="stable")[:_BEST]]
            near = ground.guessed(ground.pool.neighbours(best, _NEIGHBOURS, rng))
            gains = np.append(gains, view.gains(stairs, near))
            rows = Rows.joined([rows, near])
        if not ground.features:
            return rows, gains
        known = len(ground.spread)  # distinct() keeps them in front
        promising = known + np.argsort(-gains[known:], kind="stable")[:_MEASURED]
        measured = ground.rows(rows.codes[:, promising])
        gains = np.append(gains[:known], view.gains(stairs, measured))
        return Rows.joined([ground.spread, measured]), gains

    def _relatives(self, view: View, tried: Rows, rng: np.random.Generator) -> Rows:
        """Random assignments, and relatives of the front of those that fit."""
        pool = self.ground.pool
        fits = self.feasible.fits(self.budget, tried.codes)
        parents = view.front(tried.of(np.flatnonzero(fits)))
        codes = [pool.fresh(_FRESH, rng)]
        if parents.shape[1]:
            codes.append(pool.mutants(parents, _MUTANTS, rng))
            codes.append(pool.children(parents, _CHILDREN, rng))
        return self.ground.guessed(np.concatenate(codes, axis=1))

    def _new(
        self, rows: Rows, order: Indices, tried: set[str | None]
    ) -> Iterator[tuple[int, Candidate]]:
        """The indices of nets that were not tried, in the order given, and the nets."""
        met = set(tried)
        for index in order[: max(_TRIED, 4 * self.shortlist)]:
            candidate = self.ground.bound(rows.codes[:, index])
            mark = fingerprint(candidate.graph)
            if mark not in met and self.is_fast(candidate):
                met.add(mark)
                yield int(index), candidate

    # ---- with training-free scores

    def _may_measure(self, history: History) -> bool:
        """Whether enough trials have scores, so that it can be learned what these are worth."""
        return self.screen is not None and sum(map(bool, history.free)) >= _BEGIN

    def measured(self, candidates: Sequence[Candidate]) -> list[FreeValues]:
        """Their training-free scores."""
        assert self.screen is not None
        return [self.screen.scores(candidate) for candidate in candidates]

    def _gains_with_scores(
        self, history: History, targets: Array, rows: Rows, free: list[FreeValues], view: View
    ) -> Array:
        """What a model that sees scores expects of a few.

        Nets that are being trained stand in the front as the plain model sees them.
        """
        scored = np.flatnonzero([bool(values) for values in history.free])
        tried = history.tried
        columns = normal_scores([history.free[i] for i in scored] + free, DEFAULT)
        seen = np.concatenate([history.rows.values[scored], columns[: len(scored)]], axis=1)
        asked = np.concatenate([rows.values, columns[len(scored) :]], axis=1)
        belief = self.scored.learn(seen, targets[scored])
        reached, _ = view.belief.predict(tried.values)
        reached[scored], _ = belief.predict(seen)
        stairs = Staircase.of(reached, tried.macs, view.reference)
        return view.weighed(stairs, rows, *belief.predict(asked))


def counts_all(number: int) -> bool:
    """Whether a trial, by its number, is proposed for the whole area under the front."""
    return number >= _ALL_FROM and number % _ALL_EVERY == 0


def reference_accuracy(means: Array, is_all: bool, deepest: float = _DEEPEST) -> float:
    """From where the area under the front counts, in the unit of the model.

    Bounded from below, since an expected disaster is exponentially far away in accuracies: the net
    that costs least would count for more than all others.

    Args:
        means: of typical nets, or of the cheapest ones where all of the area counts.
        is_all: whether it does.
        deepest: the bound, where not all of it does.
    """
    return float(means.min()) if is_all else max(float(np.quantile(means, _WORST)), deepest)


def _finished(trials: Sequence[FrozenTrial]) -> int:
    return sum(trial.state is TrialState.COMPLETE and not is_again(trial) for trial in trials)
