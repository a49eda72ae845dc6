"""The frame of samplers: every one proposes only what fits the budget, and nothing twice.

Optuna sees one fixed set of distributions, all choices of the space; inactive choices are pinned to
their default. Repair happens in here, so what Optuna stores is what is trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, pairwise
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial

from explorer.budget import LATENCY, Budget, Feasible, Prior
from explorer.errors import BudgetError, ExplorerError
from explorer.graph import fingerprint
from explorer.score.rungs import WHOLE, Rungs
from explorer.search.gauge import Gauge
from explorer.search.model.features import Features
from explorer.search.records import Trial, standing
from explorer.search.samplers.level import levelled
from explorer.search.screen import POOL, Screen
from explorer.search.trials.queue import LostError
from explorer.search.trials.stored import FINGERPRINT, PROPOSAL, proposed, read_trial
from explorer.space import Candidate, Choice, Knob, Space, write_value

ATTEMPTS = 200  # proposals before the space counts as used up
_STARTUP = 8  # trials before a sampler that learns begins to
GOLDEN = (5**0.5 - 1) / 2  # multiples of it, modulo 1, cover an interval evenly at every length


class ExhaustedError(ExplorerError):
    """Nothing new that fits could be found any more."""


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """What Optuna is told of a space: the same for every trial."""
    return {path: _distribution(choice) for path, choice in space.choices.items()}


def _distribution(choice: Choice) -> BaseDistribution:
    values = choice.values
    if isinstance(choice, Knob) and all(isinstance(value, int) for value in values):
        steps = {int(b) - int(a) for a, b in pairwise(values)} or {1}
        if len(steps) == 1:
            return IntDistribution(int(values[0]), int(values[-1]), step=steps.pop())
    return CategoricalDistribution([write_value(value) for value in values])


class BudgetSampler(optuna.samplers.BaseSampler):
    """The frame of all samplers: seeded by trial number, within budget, without repeats.

    A subclass says only how to propose an assignment; the frame repairs it into the budget. Trial
    0 is the space's default.

    Attributes:
        uses_features: whether features of nets can be of use to it.
        needs_features: whether it can do nothing without.
        startup: finished trials before :meth:`propose` is asked.
    """

    uses_features = False
    needs_features = False
    startup = _STARTUP

    def __init__(
        self,
        space: Space,
        budget: Budget,
        seed: int,
        gauge: Gauge | None = None,
        screen: Screen | None = None,
        features: Features | None = None,
        rungs: Rungs = WHOLE,
        prior: Prior | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.seed = seed
        self.gauge = gauge
        self.screen = screen
        self.features = features
        self.rungs = rungs
        self.prior = prior
        self._feasible: Feasible | None = None

    @property
    def feasible(self) -> Feasible:
        if self._feasible is None:
            predictor = self.gauge.predictor if self.gauge else None
            self._feasible = Feasible(self.space, predictor, self.prior)
        return self._feasible

    # ---- what Optuna asks

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return distributions(self.space)

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """The proposal for a trial, made once: a trial that is asked for again keeps its own.

        It is on record, fingerprint and all, before this returns: whoever is asked next knows it,
        even if the worker dies here.

        Raises:
            ExhaustedError: nothing new was found.
            LostError: another worker has taken the trial meanwhile.
        """
        # As it is now: ``trial`` is as it was asked for, before it was told what to go on with.
        before = study._storage.get_trial(trial._trial_id)
        stored = before.system_attrs.get(PROPOSAL)
        if stored is None:
            candidate = self.candidate(trial.number, study.get_trials(deepcopy=False))
            stored = candidate.written()
            now = study._storage.get_trial(trial._trial_id)
            if PROPOSAL in now.system_attrs or now.user_attrs != before.user_attrs:
                raise LostError(f"trial {trial.number}: another worker has it by now")
            for name, value in (FINGERPRINT, fingerprint(candidate.graph)), (PROPOSAL, stored):
                study._storage.set_trial_system_attr(trial._trial_id, name, value)
        return dict(stored)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        raise ExplorerError(f"the space has no knob or lever '{name}'")

    # ---- what we answer

    def candidate(self, number: int, trials: list[FrozenTrial]) -> Candidate:
        """A candidate for trial ``number`` that fits the budget and was not tried before.

        Raises:
            ExhaustedError: none was found in a fair number of attempts.
        """
        rng = np.random.default_rng([self.seed, number])
        tried = {proposed(trial) for trial in trials if trial.number != number}
        finished = levelled(self.rungs, standing(read_trial(trial) for trial in trials))
        if number == 0:
            first = self.feasible.candidate(self.budget, rng, start={})
            if first is not None and self.is_fast(first):
                return first
        share = (number * GOLDEN) % 1
        fresh = self._fresh(share, finished, tried, rng)
        if self.screen is None or not self.screen.is_borne_out(finished):
            return next(fresh)
        return self._best(fresh, self.screen)

    def _best(self, fresh: Iterator[Candidate], screen: Screen) -> Candidate:
        """The best of a few by their training-free scores; of fewer, where no more are left."""
        pool = [next(fresh)]
        with suppress(ExhaustedError):
            for candidate in islice(fresh, POOL - 1):
                pool.append(candidate)
        return screen.best(pool)

    def _fresh(
        self,
        share: float,
        finished: Sequence[Trial],
        tried: set[str | None],
        rng: np.random.Generator,
    ) -> Iterator[Candidate]:
        """Candidates that fit and are new, no two of them the same.

        Args:
            share: of the way from the cheapest net to the budget: what they may cost.
            finished: trials to learn from.
            tried: fingerprints of what is not new.
            rng: decides.

        Raises:
            ExhaustedError: no other was found in a fair number of attempts.
        """
        for attempt in range(ATTEMPTS):
            # Where costs are already covered, insisting on one cost would find nothing new.
            aim = share if attempt < ATTEMPTS // 10 else rng.random()
            if attempt < ATTEMPTS // 2 and len(finished) >= self.startup:
                candidate = self.propose(aim, finished, rng)
            else:
                candidate = self.explore(aim, rng)
            if candidate is None or fingerprint(candidate.graph) in tried:
                continue
            if self.is_fast(candidate):
                tried.add(fingerprint(candidate.graph))
                yield candidate
        raise ExhaustedError("nothing new was found: every candidate met was tried before")

    def is_fast(self, candidate: Candidate) -> bool:
        """Whether a candidate meets a bound on latency when it is measured."""
        limit = self.budget.limits.get(LATENCY)
        return limit is None or self.gauge is None or self.gauge.measure(candidate.graph) <= limit

    def explore(self, share: float, rng: np.random.Generator) -> Candidate | None:
        """A random candidate that costs at most this share of the way to the budget."""
        return self.costing(share, rng)

    def costing(
        self, share: float, rng: np.random.Generator, start: Mapping[str, Any] | None = None
    ) -> Candidate | None:
        """A candidate that costs at most this share of the way to the budget, near ``start``.

        Of several bounds, those between may exclude each other; then the budget itself holds.
        """
        try:
            return self.feasible.candidate(self.within(share), rng, start=start)
        except BudgetError:
            return self.feasible.candidate(self.budget, rng, start=start)

    def within(self, share: float) -> Budget:
        """The budget shrunk towards the cheapest net: 0 is just above it, 1 the budget itself."""
        cheapest = self.feasible.cheapest(self.budget)
        limits = {}
        for name, limit in self.budget.limits.items():
            least = self.budget.floors.get(name, int(cheapest[name][0])) * 1.05
            limits[name] = round(min(least, limit) ** (1 - share) * float(limit) ** share)
        return Budget(limits, self.budget.floors)

    def propose(
        self, share: float, finished: Sequence[Trial], rng: np.random.Generator
    ) -> Candidate | None:
        """A candidate that learns from the finished trials; random unless overridden."""
        return self.explore(share, rng)
