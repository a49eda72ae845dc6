"""Optuna's samplers in our frame: what they propose is repaired into the budget.

They see what a study holds: the repaired assignments, accuracy, and macs as the second objective,
so nothing is kept from them. What they leave to independent sampling, which is their first trials,
is drawn evenly from what fits. A sampler of theirs is made anew for every proposal, with a seed of
the trial's number, so that any process proposes the same after the same trials.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers._ga import BaseGASampler
from optuna.trial import FrozenTrial

from explorer.budget import mutate
from explorer.search.records import Trial
from explorer.search.samplers.frame import BudgetSampler
from explorer.search.trials.stored import is_again
from explorer.space import Candidate, complete

_ASKED = 3  # times for one trial; then moves away from what was proposed take over
_POPULATION = 20


@contextmanager
def _experiments() -> Iterator[None]:
    """Without Optuna's warnings that some of its samplers are experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


class OptunaSampler(BudgetSampler):
    """One of Optuna's samplers, within budget and without repeats.

    A study asks it through :meth:`sample_relative`; what its sampler has to remember of a trial is
    in the study's storage.
    """

    startup = 0  # Optuna's sampler knows itself when it begins to learn

    def inner(self, seed: int) -> optuna.samplers.BaseSampler:
        """Optuna's sampler."""
        raise NotImplementedError

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        self._asked_by = study, trial
        self._answers: list[dict[str, Any]] = []
        self._open = {path: d for path, d in search_space.items() if not d.single()}
        if not is_again(study._storage.get_trial(trial._trial_id)):
            self._enroll(study, trial)
        return super().sample_relative(study, trial, search_space)

    def _enroll(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Have the trial counted in its generation, also where nothing will be asked of Optuna."""

    def propose(
        self, share: float, finished: Sequence[Trial], rng: np.random.Generator
    ) -> Candidate | None:
        if len(self._answers) < _ASKED:
            answer = self._ask(int(rng.integers(2**31)))
            if not answer:
                return self.explore(share, rng)
            self._answers.append(answer)
            return self.feasible.candidate(self.budget, rng, start=self._start(answer))
        answer = self._answers[int(rng.integers(len(self._answers)))]
        moves = 1 + int(rng.poisson(1))
        child = mutate(self.space.choices, self._start(answer), moves, rng)
        return self.feasible.candidate(self.budget, rng, start=child)

    def _ask(self, seed: int) -> dict[str, Any]:
        with _experiments():
            return self.inner(seed).sample_relative(*self._asked_by, self._open)

    def _start(self, answer: dict[str, Any]) -> dict[str, Any]:
        return dict(complete(self.space.choices, answer))


class TPESampler(OptunaSampler):
    """Tree-structured Parzen estimators, of all choices together (Watanabe 2023)."""

    def inner(self, seed: int) -> optuna.samplers.BaseSampler:
        return optuna.samplers.TPESampler(multivariate=True, seed=seed)


class NSGAIISampler(OptunaSampler):
    """The genetic algorithm NSGA-II (Deb et al. 2002) with 20 nets a generation."""

    def inner(self, seed: int) -> BaseGASampler:
        return optuna.samplers.NSGAIISampler(population_size=_POPULATION, seed=seed)

    def _enroll(self, study: optuna.Study, trial: FrozenTrial) -> None:
        with _experiments():
            self.inner(self.seed).get_trial_generation(study, trial)


class NSGAIIISampler(NSGAIISampler):
    """The genetic algorithm NSGA-III (Deb and Jain 2014) with 20 nets a generation."""

    def inner(self, seed: int) -> BaseGASampler:
        return optuna.samplers.NSGAIIISampler(population_size=_POPULATION, seed=seed)


class GPSampler(OptunaSampler):
    """Gaussian processes of both objectives, and the logarithm of the expected hypervolume."""

    def inner(self, seed: int) -> optuna.samplers.BaseSampler:
        return optuna.samplers.GPSampler(seed=seed)
