"""Assignments within a budget among which a sampler chooses: random ones and relatives of good."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.budget import Budget, Codes, Feasible
from explorer.budget.extremes import every, is_small
from explorer.errors import BudgetError

_ALL = 8_192  # a space with at most so many assignments that fit is looked at as a whole
_RANDOM = 1_024  # random assignments within the budget
_CHEAPER = 160  # within each of the smaller budgets
_RARITY = 48  # choices of a space for every move that a relative makes beyond the first
_STEPS = 0.5  # of the moves; the others draw a value anew


@dataclass
class Pool:
    """Assignments of one space within one budget.

    Args:
        feasible: of the space.
        budget: that all of them fit.
        cheaper: smaller budgets, so that cheap nets are among the random ones as well.
        seed: decides the random ones.
    """

    feasible: Feasible
    budget: Budget
    cheaper: tuple[Budget, ...]
    seed: int
    is_whole: bool = field(init=False, default=False)
    typical: Codes = field(init=False)
    spread: Codes = field(init=False)

    def __post_init__(self) -> None:
        """Draw once: ``typical`` are even draws from what fits, ``spread`` has cheap ones too.

        Where not much fits at all, ``spread`` is all of it.
        """
        rng = np.random.default_rng([self.seed, 2**31])
        if is_small(self.feasible.space):
            codes = every(self.feasible.space)
            codes = codes[:, self.feasible.fits(self.budget, codes)]
            if 0 < codes.shape[1] <= _ALL:
                self.spread, self.is_whole = codes, True
                some = rng.permutation(codes.shape[1])[:_RANDOM]
                self.typical = codes[:, np.sort(some)]
                return
        self.typical = self.feasible.draw(self.budget, _RANDOM, rng)
        parts = [self.typical]
        for budget in self.cheaper:
            with suppress(BudgetError):  # of several bounds, those between may exclude each other
                parts.append(self.feasible.draw(budget, _CHEAPER, rng))
        self.spread = np.concatenate(parts, axis=1)
        modules = [path.partition(".")[0] for path in self.feasible.space.choices]
        self._modules = np.unique(modules, return_inverse=True)[1]

    def fresh(self, count: int, rng: np.random.Generator) -> Codes:
        """Random assignments that are not among the others; none where those are all."""
        if self.is_whole:
            return self.spread[:, :0]
        return self.feasible.draw(self.budget, count, rng)

    def mutants(self, parents: Codes, count: int, rng: np.random.Generator) -> Codes:
        """Random parents after a few moves each; what does not fit then is left out."""
        chosen = parents[:, rng.integers(parents.shape[1], size=count)]
        moves = 1 + rng.poisson(len(parents) / _RARITY, size=count)
        return self._fitting(self.moved(chosen, moves, rng))

    def neighbours(self, parents: Codes, count: int, rng: np.random.Generator) -> Codes:
        """So many of each parent, after one move each; what does not fit then is left out."""
        chosen = np.repeat(parents, count, axis=1)
        return self._fitting(self.moved(chosen, np.ones(chosen.shape[1], int), rng))

    def children(self, parents: Codes, count: int, rng: np.random.Generator) -> Codes:
        """Modules of two random parents each; what does not fit then is left out."""
        first, second = (parents[:, rng.integers(parents.shape[1], size=count)] for _ in "12")
        takes = rng.random((int(self._modules.max()) + 1, count)) < 0.5
        return self._fitting(np.where(takes[self._modules], first, second))

    def moved(self, codes: Codes, moves: npt.NDArray[np.int_], rng: np.random.Generator) -> Codes:
        """Assignments of which random choices take other values, one for each move."""
        codes, draws = codes.copy(), self.feasible.draws
        for move in range(int(moves.max(initial=0))):
            columns = np.flatnonzero(moves > move)
            choices = rng.integers(len(codes), size=len(columns))
            steps = draws.steps(codes[choices, columns], choices, rng)
            is_step = rng.random(len(columns)) < _STEPS
            codes[choices, columns] = np.where(is_step, steps, draws.values(choices, rng))
        return codes

    def _fitting(self, codes: Codes) -> Codes:
        return codes[:, self.feasible.fits(self.budget, codes)]
