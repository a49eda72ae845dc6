"""How the costs of a space lie: what random draws cost, what is possible, and what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log, log10
from typing import Any

import numpy as np

from explorer.budget.bounds import Budget
from explorer.budget.draw import Codes
from explorer.budget.drivers import Driver, drivers
from explorer.budget.extremes import Extreme, descend, least, most
from explorer.budget.feasible import Feasible, overshoot, shortage
from explorer.budget.sample import Figures, Sample, sample, sample_fitting
from explorer.budget.share import Share
from explorer.budget.words import shortly
from explorer.cost.batch import LATENCY, Counts, decode, encode
from explorer.cost.latency import Predictor
from explorer.errors import ExplorerError, NetError
from explorer.space import Candidate, Space, bind

PROFILED = ("macs", "params", "activations", "memory")
LEVELS = (0.0, 0.05, 0.5, 0.95, 1.0)  # of the quantiles that are told

_DRAWN = 20_000
_FITTING = 2_000  # drawn within a budget, which takes longer
_ALIKE = 0.002  # the width of the bin when all cost the same
_LITTLE = 0.005  # of the variance
_OUTSIDE = 1e3  # added for what does not fit: more than any cost's logarithm


@dataclass(frozen=True, slots=True)
class Found:
    """A net of a space.

    Attributes:
        costs: by name; of everything that is profiled.
        words: what it chooses, in short.
    """

    costs: Mapping[str, int]
    candidate: Candidate
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """How the costs of a space lie.

    Attributes:
        names: of the costs; the first is the one that matters most, which the budget names first.
        drawn: assignments at random, or all of them.
        within: assignments at random among those that fit the budget, or all of them; None without
            a budget.
        fitting: the part of the space that fits the budget.
        least: the smallest of each cost, with what is proven of it.
        most: the greatest of each cost that was found.
        drivers: of each cost all open choices, the one that decides most of it first.
        defaults: what the defaults of the space cost; empty when they have no graph.
        cheapest: the net with the least of the first cost, within the budget if there is one.
        dearest: the net with the most of it, as far as that was found.
    """

    space: Space
    budget: Budget | None
    names: tuple[str, ...]
    drawn: Sample
    within: Sample | None
    fitting: Share | None
    least: Mapping[str, Extreme]
    most: Mapping[str, Extreme]
    drivers: Mapping[str, list[Driver]]
    defaults: Mapping[str, int]
    cheapest: Found
    dearest: Found

    @property
    def is_exact(self) -> bool:
        """Whether every assignment was looked at, so that nothing is estimated."""
        return self.drawn.is_every

    @property
    def power(self) -> float:
        """The decimal logarithm of the number of assignments, inactive choices included."""
        return log10(self.space.size)

    @property
    def open(self) -> int:
        """How many choices have more than one value."""
        return sum(len(choice.values) > 1 for choice in self.space.choices.values())

    def explained(self, name: str) -> float:
        """The part of a cost's variance that choices decide one by one; the rest is interaction.

        The sum of first-order indices: at most 1, but for what requirements tie together.
        """
        return min(max(sum(driver.share for driver in self.drivers[name]), 0.0), 1.0)

    def telling(self, name: str, most: int) -> list[Driver]:
        """The choices that decide most of a cost, and so much that it is worth a word."""
        return [driver for driver in self.drivers[name][:most] if driver.share >= _LITTLE]

    def edges(self, name: str, bins: int) -> Figures:
        """The edges of a histogram over all that was drawn, equally wide on a logarithmic scale.

        Args:
            name: of the cost. Where the budget bounds it, there are edges.
            bins: about how many, at most.
        """
        samples = [sample for sample in (self.drawn, self.within) if sample]
        ends = [cost for sample in samples for cost in sample.quantiles(name, (0.0, 1.0))]
        low, high = max(min(ends), 1), max(*ends, 1)
        floor, limit = self._bounds(name)
        start = limit + 1 if low <= limit < high else low
        step = log(high / low) / bins or _ALIKE
        band = log(start / floor) if low < floor < start else 0.0
        step = band / (band // step) if band > step else step
        below, above = ceil(log(start / low) / step), ceil(log(high / start) / step)
        edges: Figures = start * np.exp(step * np.arange(-below, max(above, 1) + 1))
        edges[0], edges[-1] = min(edges[0], *ends), max(edges[-1], *ends)
        return edges

    def _bounds(self, name: str) -> tuple[int, int]:
        """The floor and the limit of a cost; -1 for what is not there."""
        budget = self.budget or Budget({})
        return budget.floors.get(name, -1), budget.limits.get(name, -1)

    def to_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "space": self.space.name,
            "input": list(self.space.header.input.sizes),
            "choices": self.open,
            "log10_assignments": self.power,
            "exact": self.is_exact,
            "drawn": self.drawn.size,
            "valid": _share(self.drawn.valid),
            "costs": {name: self._cost(name) for name in self.names},
            "budget": None if self.budget is None else self.budget.to_json(),
            "fits": None if self.fitting is None else _share(self.fitting),
            "cheapest": _found(self.cheapest),
            "dearest": _found(self.dearest),
        }

    def _cost(self, name: str) -> dict[str, Any]:
        low, high = self.least[name], self.most[name]
        return {
            "least": low.cost,
            "least_is_exact": low.is_exact,
            "proven": low.proven,
            "most": high.cost,
            "most_is_exact": self.is_exact,
            "defaults": self.defaults.get(name),
            "quantiles": _quantiles(self.drawn, name),
            "within_budget": self.within and _quantiles(self.within, name),
            "explained": self.explained(name),
            "drivers": [
                {
                    "choice": driver.path,
                    "share": driver.share,
                    "ends": [[end.value, end.cost] for end in driver.ends],
                }
                for driver in self.drivers[name]
            ],
        }


def profile(
    space: Space,
    budget: Budget | None = None,
    predictor: Predictor | None = None,
    seed: int = 0,
) -> Profile:
    """How the costs of a space lie.

    Args:
        space: with knobs or levers.
        budget: what is looked for.
        predictor: of latency, which is profiled too when there is one.
        seed: of the draws.

    Raises:
        BudgetError: no net within the budget was found.
        ExplorerError: the space is a net, or has hardly any assignment with a graph.
    """
    if all(len(choice.values) == 1 for choice in space.choices.values()):
        what = "is a net: it has no knobs or levers" if space.is_net else "has no choice left open"
        raise ExplorerError(f"'{space.name}' {what}; see: explorer count {space.name}")
    feasible = Feasible(space, predictor)
    if budget is not None:
        feasible.check(budget)
    names = _names(budget, predictor)
    rng = np.random.default_rng(seed)
    drawn = sample(feasible, names, _DRAWN, rng)
    ends = {name: _ends(feasible, name) for name in names}
    low, high = (end.codes for end in ends[names[0]])
    within = fitting = None
    if budget is not None:
        fitting = drawn.fitting(budget)
        if drawn.is_every and fitting.hits:
            within = drawn.within(budget)
        else:
            within = sample_fitting(feasible, budget, names, _FITTING, rng)
        tried = np.concatenate([within.codes, low[:, None], high[:, None]], axis=1)
        low = _end_within(feasible, budget, names[0], 1, tried)
        high = _end_within(feasible, budget, names[0], -1, tried)
    return Profile(
        space=space,
        budget=budget,
        names=names,
        drawn=drawn,
        within=within,
        fitting=fitting,
        least={name: found for name, (found, _) in ends.items()},
        most={name: found for name, (_, found) in ends.items()},
        drivers={name: drivers(space, drawn, name) for name in names},
        defaults=_costs(feasible, encode(space, [{}]), names),
        cheapest=_net(feasible, low, names),
        dearest=_net(feasible, high, names),
    )


def cheapest(space: Space, budget: Budget, predictor: Predictor | None = None) -> Found:
    """The net with the least of the cost that a budget cannot be met by, or that it names first."""
    feasible = Feasible(space, predictor)
    found = [_ends(feasible, name)[0] for name in budget.names]
    short = [end for end in found if end.cost > budget.limits[end.name]]
    return _net(feasible, [*short, *found][0].codes, budget.names)


def _names(budget: Budget | None, predictor: Predictor | None) -> tuple[str, ...]:
    first = budget.names if budget else ()
    more = [LATENCY] if predictor else []
    return tuple(dict.fromkeys([*first[:1], *PROFILED, *first, *more]))


def _ends(feasible: Feasible, name: str) -> tuple[Extreme, Extreme]:
    low, high = least(feasible.counter, name), most(feasible.counter, name)
    if low is None or high is None:
        raise NetError(f"no assignment of the space '{feasible.space.name}' has a graph")
    return low, high


def _end_within(feasible: Feasible, budget: Budget, name: str, sign: int, others: Codes) -> Codes:
    """The least (sign 1) or the most (-1) of a cost in a budget, by descent or among others."""

    def goal(counts: Counts) -> Figures:
        beyond = overshoot(budget, counts) + shortage(budget, counts)
        logs = np.log(np.maximum(counts[name].astype(float), 1))
        return np.where(beyond > 0, _OUTSIDE + beyond, sign * logs)

    names = tuple(dict.fromkeys([name, *budget.names]))
    found = descend(feasible.counter, names, goal)
    if found is not None:
        others = np.concatenate([others, found[:, None]], axis=1)
    counts = feasible.counter.count(others, names)
    codes: Codes = others[:, np.argmin(np.where(counts.valid, goal(counts), np.inf))]
    return codes


def _net(feasible: Feasible, codes: Codes, names: tuple[str, ...]) -> Found:
    candidate = bind(feasible.space, decode(feasible.space, codes))
    words = shortly(feasible.space, candidate)
    return Found(_costs(feasible, codes[:, None], names), candidate, words)


def _costs(feasible: Feasible, codes: Codes, names: tuple[str, ...]) -> dict[str, int]:
    """What one assignment costs; empty when it has no graph."""
    counts = feasible.counter.count(codes, names)
    return {name: int(counts[name][0]) for name in names} if counts.valid[0] else {}


def _share(share: Share) -> dict[str, Any]:
    return {
        "share": share.value,
        "interval": [share.low, share.high],
        "hits": share.hits,
        "of": share.of,
    }


def _quantiles(drawn: Sample, name: str) -> dict[str, int]:
    levels = [f"{level:g}" for level in LEVELS]
    return dict(zip(levels, drawn.quantiles(name, LEVELS), strict=True))


def _found(found: Found) -> dict[str, Any]:
    return {**found.costs, "chooses": found.words, "assignment": found.candidate.written()}
