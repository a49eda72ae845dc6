"""Bring an assignment into the budget by changing it as little as it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from explorer.budget.bounds import Budget
from explorer.budget.draw import Values
from explorer.cost import Cost, count
from explorer.errors import BudgetError, NetError
from explorer.space import Assignment, Candidate, Knob, Space, bind, broken_requirements
from explorer.space.expression import knob_paths
from explorer.units import format_count

_HALVINGS = 7  # of the way to the cheap end: a 128th of it is finer than any knob's grid matters
_MAX_COMBINATIONS = 100_000  # of the knobs of one requirement


@dataclass(slots=True)
class Repairer:
    """Repairs assignments of one space; finds once which end of every choice is the cheap one."""

    space: Space
    cheap: Values = field(init=False)
    floor: Cost = field(init=False)

    def __post_init__(self) -> None:
        self.cheap = satisfy(self.space, _cheap_ends(self.space))
        self.floor = _cost(self.space, self.cheap)

    def check(self, budget: Budget) -> None:
        """Refuse a budget that the cheapest assignment found does not meet.

        Raises:
            BudgetError: it names the smallest cost that was found.
        """
        if not budget.fits(self.floor):
            least = ", ".join(
                f"{format_count(getattr(self.floor, name))} {name} ({getattr(self.floor, name):,})"
                for name in budget.limits
            )
            raise BudgetError(
                f"nothing found in the space '{self.space.name}' meets a budget of "
                f"{budget.describe()}; its cheapest net has {least}"
            )

    def repair(
        self, budget: Budget, start: Assignment, rng: np.random.Generator | None = None
    ) -> Candidate:
        """The candidate nearest to ``start``, on the way to the cheap ends, that fits.

        Knobs move first, all by the same share of their way. When that is not enough, levers turn
        to their cheap alternatives one after another, in the order of ``rng``.

        Raises:
            BudgetError: not even the cheapest assignment fits.
        """
        values = satisfy(self.space, dict(start))
        if (candidate := self._fitting(budget, values)) is not None:
            return candidate
        self.check(budget)
        levers = [p for p, c in self.space.choices.items() if not isinstance(c, Knob)]
        levers = [path for path in levers if values[path] != self.cheap[path]]
        if rng is not None:
            rng.shuffle(levers)
        while self._fitting(budget, self._moved(values, 1.0)) is None and levers:
            path = levers.pop(0)
            values[path] = self.cheap[path]
        return self._nearest(budget, values)

    def _nearest(self, budget: Budget, values: Values) -> Candidate:
        """Halve the way to the cheap end until the largest values that fit are found."""
        best = self._fitting(budget, self._moved(values, 1.0))
        best = best or bind(self.space, self.cheap)
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            found = self._fitting(budget, self._moved(values, middle))
            if found is None:
                low = middle
            else:
                best, high = found, middle
        return best

    def _moved(self, values: Values, share: float) -> Values:
        """Every knob moved by a share of its way to the cheap end, levers as they are."""
        moved = dict(values)
        for path, choice in self.space.choices.items():
            if isinstance(choice, Knob):
                here = choice.values.index(values[path])
                there = choice.values.index(self.cheap[path])
                moved[path] = choice.values[here + round((there - here) * share)]
        return satisfy(self.space, moved)

    def _fitting(self, budget: Budget, values: Values) -> Candidate | None:
        candidate = bind(self.space, values)
        return candidate if budget.fits(count(candidate.graph)) else None


def satisfy(space: Space, values: Values) -> Values:
    """The values with the knobs of every broken requirement moved to the nearest that hold it.

    Raises:
        NetError: a requirement that no values of its knobs hold.
    """
    for _ in range(len(space.requirements) + 1):
        broken = broken_requirements(space, values)
        if not broken:
            return values
        values = _hold(space, values, broken[0])
    names = "; ".join(requirement.text for requirement in broken)
    raise NetError(f"these requirements contradict each other: {names}")


def _hold(space: Space, values: Values, requirement: Any) -> Values:
    paths = sorted(knob_paths(requirement.test) - {"classes"})
    domains = [space.choices[path].values for path in paths]
    if np.prod([len(domain) for domain in domains]) > _MAX_COMBINATIONS:
        raise NetError(f"too many knobs in one requirement: {requirement.text}")
    here = [domain.index(values[p]) for p, domain in zip(paths, domains, strict=True)]

    def distance(indices: tuple[int, ...]) -> int:
        return sum(abs(mine - start) for mine, start in zip(indices, here, strict=True))

    for indices in sorted(product(*(range(len(d)) for d in domains)), key=distance):
        chosen = {p: d[i] for p, d, i in zip(paths, domains, indices, strict=True)}
        trial = {**values, **chosen}
        if requirement not in broken_requirements(space, trial):
            return trial
    raise NetError(
        f"nothing holds the requirement: {requirement.text}",
        requirement.site.place,
        requirement.site.calls,
    )


def _cheap_ends(space: Space) -> Values:
    """For every choice the value with the fewest macs, one choice at a time, twice over.

    The second round sees the alternatives that the first one opened.
    """
    values: Values = {path: choice.default for path, choice in space.choices.items()}
    for _ in range(2):
        for path, choice in space.choices.items():
            ends = {choice.values[0], choice.values[-1], values[path]}
            tried = ends if isinstance(choice, Knob) else set(choice.values)
            if len(tried) > 1:
                values[path] = min(
                    sorted(tried, key=str), key=lambda value: _macs(space, {**values, path: value})
                )
    return values


def _macs(space: Space, values: Values) -> tuple[int, int]:
    cost = _cost(space, satisfy(space, values))
    return cost.macs, cost.params


def _cost(space: Space, values: Values) -> Cost:
    return count(bind(space, values).graph)
