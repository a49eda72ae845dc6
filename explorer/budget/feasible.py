"""The part of a space that a budget allows: random assignments from it, and ways into it.

Assignments are arrays of codes (choices x assignments), a thousand of them at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.budget.bounds import Budget, show_cost
from explorer.budget.draw import Codes, Draws
from explorer.budget.extremes import Extreme, as_least, descend, every, is_small, least
from explorer.budget.prior import Prior
from explorer.budget.way import Way
from explorer.budget.words import shortly
from explorer.cost.batch import LATENCY, BatchCounter, Counts, decode, encode
from explorer.cost.latency import Predictor
from explorer.errors import BudgetError, NetError
from explorer.space import Assignment, Candidate, Knob, Space, bind, broken_requirements

Mask = npt.NDArray[np.bool_]
Figures = npt.NDArray[np.float64]

_SHOWN = 200  # assignments drawn to see which requirements they break
_WAYS = 48  # that one assignment is repaired on
_NUDGES = 150  # moves of single choices towards the band, at most
_ENOUGH = 0.97  # of a batch of draws; what is hard to bring into a band may be dropped
_BATCH = 4_096  # assignments drawn at a time
_TRIES = 250  # draws for each that is wanted, before others are repaired
_FEWEST = 64  # repaired at a time
_WALK = 1.0  # moves after a repair, for every choice of the space
_LEAST_WALK = 96
_STEPS = 0.7  # of the moves
_ALSO_MOVED = (1.0, 0.8, 0.6, 0.4, 0.4, 0.2)  # how often a move is of a first, a second ... choice
_ROUNDS = 20  # of draws in which nothing new fitted, before giving up


@dataclass(slots=True)
class Feasible:
    """Draws from the assignments of a space that a budget allows, and repairs others.

    Args:
        space: whose assignments they are.
        predictor: of latency, for budgets that bound it.
        prior: from which it draws; None for even draws.
    """

    space: Space
    predictor: Predictor | None = None
    prior: Prior | None = None
    counter: BatchCounter = field(init=False)
    draws: Draws = field(init=False)
    _knobs: Mask = field(init=False)
    _small: dict[str, tuple[Codes, Figures]] = field(init=False, default_factory=dict)
    _ends: dict[tuple[str, bool], Codes] = field(init=False, default_factory=dict)
    _lowest: dict[tuple[str, bool], Codes] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.counter = BatchCounter(self.space, self.predictor)
        self.draws = Draws.of(self.space, self.prior)
        self._knobs = np.array([isinstance(c, Knob) for c in self.space.choices.values()], bool)

    # ---- what is possible

    def check(self, budget: Budget) -> None:
        """Refuse a budget that no assignment was found to meet.

        Raises:
            BudgetError: it says how far down the space goes, how that is known, and by which
                assignment.
        """
        self._end(budget)
        if budget.floors:
            self.draw(budget, 1, np.random.default_rng(0))

    def _end(self, budget: Budget, floors: bool = False) -> Codes:
        """An assignment within the limits of a budget, or within its floors alone."""
        key = (str(budget), floors)
        if key not in self._ends:
            found = self._descended(budget, floors)
            if not self._within(budget, found[:, None], floors)[0]:
                raise self._refusal(budget, None if floors else found)
            self._ends[key] = found
        return self._ends[key]

    def _descended(self, budget: Budget, floors: bool) -> Codes:
        """The assignment that misses the limits of a budget, or its floors, least.

        Of a single limit less is always better, whatever the limit is: one search serves all.
        """
        is_single = len(budget.limits) == 1 and not floors
        key = (",".join(budget.names) if is_single else str(budget), floors)
        if key not in self._lowest:
            beyond = shortage if floors else overshoot
            found = descend(
                self.counter, budget.names, lambda c: beyond(budget, c) + _TIE * _size(budget, c)
            )
            if found is None:
                raise self._contradiction()
            self._lowest[key] = found
        return self._lowest[key]

    def _contradiction(self) -> NetError:
        """That nothing was found that has a graph, with the requirements that draws break."""
        drawn = self.draws.codes(_SHOWN, np.random.default_rng(0))
        broken = {
            requirement.text
            for column in drawn.T
            for requirement in broken_requirements(self.space, decode(self.space, column))
        }
        said = [each.text for each in self.space.requirements if each.text in broken]
        why = f"; these requirements contradict each other: {' and '.join(said)}" if said else ""
        return NetError(f"no assignment of the space '{self.space.name}' has a graph{why}")

    def _within(self, budget: Budget, codes: Codes, floors: bool) -> Mask:
        counts = self.counter.count(codes, budget.names)
        beyond = shortage if floors else overshoot
        inside: Mask = counts.valid & (beyond(budget, counts) <= 0)
        return inside

    def _refusal(self, budget: Budget, over: Codes | None = None) -> BudgetError:
        """Why nothing meets a budget: the cost that cannot be, or all of them together.

        Args:
            budget: what is not met.
            over: the assignment that exceeds its limits least; of one limit, it has the least cost.
        """
        who = f"the space '{self.space.name}'"
        if over is not None:
            for name, limit in budget.limits.items():
                alone = len(budget.limits) == 1
                found = as_least(self.counter, name, over) if alone else least(self.counter, name)
                if found is not None and found.cost > limit:
                    return BudgetError(
                        f"{who} has no net within {show_cost(name, limit)}: "
                        f"{self._least_in_words(found)}"
                    )
        return BudgetError(
            f"no net of {who} was found within {budget.describe()}; "
            f"see: explorer profile {self.space.name}"
        )

    def _least_in_words(self, found: Extreme) -> str:
        exactly = f"{found.cost:,}" + (" us" if found.name == LATENCY else "")
        words = f"the least is {show_cost(found.name, found.cost)} ({exactly})"
        if not found.is_exact:
            words = f"the least found is {show_cost(found.name, found.cost)} ({exactly})"
            if found.proven is not None:
                words += f", and none lies below {found.proven:,} (proven)"
        candidate = bind(self.space, decode(self.space, found.codes))
        return f"{words}, with {shortly(self.space, candidate)}"

    def cheapest(self, budget: Budget) -> Counts:
        """What the cheapest assignment found costs, as figures of one assignment.

        Raises:
            BudgetError: it does not meet the limits.
        """
        return self.counter.count(self._end(budget)[:, None], budget.names)

    # ---- one candidate

    def candidate(
        self, budget: Budget, rng: np.random.Generator, start: Assignment | None = None
    ) -> Candidate | None:
        """A candidate that fits: drawn at random, or an assignment repaired by changing little.

        None: the assignment could not be brought into the band.

        Raises:
            BudgetError: nothing was found that fits.
        """
        if start is None:
            return bind(self.space, decode(self.space, self.draw(budget, 1, rng)[:, 0]))
        given = encode(self.space, [start])
        codes, inside = self.repair(budget, np.repeat(given, _WAYS, axis=1), rng)
        if not inside.any():
            return None
        # A few ways take no longer than one; the one that changes least is taken.
        moved = np.abs(codes - given) / self.draws.sizes[:, None]
        changed = np.where(self._knobs[:, None], moved, codes != given).sum(axis=0)
        nearest = int(np.argmin(np.where(inside, changed, np.inf)))
        return bind(self.space, decode(self.space, codes[:, nearest]))

    # ---- drawing

    def draw(self, budget: Budget, count: int, rng: np.random.Generator) -> Codes:
        """Assignments that fit, as if all were drawn until they do: exactly so in a small space.

        In a large one, draws that fit are kept as they are. Where too few of many do, the others
        are repaired, and then moved at random within the budget until they have forgotten where
        they came in. How near that comes is measured in docs/budgets.md.

        Raises:
            BudgetError: nothing fits, or almost nothing is found.
        """
        if is_small(self.space):
            codes, shares = self._every(budget)
            return codes[:, rng.choice(codes.shape[1], size=count, p=shares)]
        found, left = self._kept(budget, count, rng)
        missing, idle = count - sum(codes.shape[1] for codes in found), 0
        while missing > 0:
            starts = left[:, : max(missing, _FEWEST)]
            repaired, inside = self.repair(budget, starts, rng, enough=_ENOUGH)
            kept = repaired[:, inside][:, :missing]
            found.append(self.walk(budget, kept, rng))
            missing -= kept.shape[1]
            idle = 0 if kept.shape[1] else idle + 1
            if idle >= _ROUNDS:
                raise BudgetError(
                    f"hardly any net of the space '{self.space.name}' lies within "
                    f"{budget.describe()}: none was found on {_ROUNDS * starts.shape[1]:,} ways"
                )
            left = self.draws.codes(_BATCH, rng)
        return np.concatenate(found, axis=1)

    def _kept(
        self, budget: Budget, count: int, rng: np.random.Generator
    ) -> tuple[list[Codes], Codes]:
        """Draws that fit, at most so many, and some that do not."""
        found: list[Codes] = []
        for drawn in range(0, max(count * _TRIES, 1), _BATCH):
            codes = self.draws.codes(_BATCH, rng)
            fits = self.fits(budget, codes)
            found.append(codes[:, fits][:, :count])
            count -= found[-1].shape[1]
            if not count:
                break
            # So few that the rest of the draws would hardly help.
            if drawn >= 4 * _BATCH and sum(each.shape[1] for each in found) * _TRIES < drawn / 4:
                break
        return found, codes[:, ~fits]

    def _every(self, budget: Budget) -> tuple[Codes, Figures]:
        """All assignments of a small space that fit, and how likely each is drawn."""
        key = str(budget)
        if key not in self._small:
            self._end(budget)
            codes = every(self.space)
            codes = codes[:, self.fits(budget, codes)]
            if not codes.size:
                raise self._refusal(budget)
            chances = self.draws.chances(codes)
            self._small[key] = (codes, chances / chances.sum())
        return self._small[key]

    def fits(self, budget: Budget, codes: Codes) -> Mask:
        """Which assignments have a graph and lie within all bounds."""
        inside: Mask = np.ones(codes.shape[1], bool)
        # What is quickly counted first: bytes are asked of what has passed that alone.
        for part in budget.by_effort():
            counts = self.counter.count(codes[:, inside], part.names)
            inside[inside] = counts.valid & part.fits(counts.costs)
        return inside

    def walk(self, budget: Budget, codes: Codes, rng: np.random.Generator) -> Codes:
        """Assignments after many random moves that stay within the budget.

        Each move changes one to six choices, mostly by steps and sometimes by new draws, and is
        taken when the result fits (Metropolis et al. 1953): such a walk tends to what a draw of
        all choices is under the condition that it fits, as far as such moves connect it.
        """
        codes = codes.copy()
        for _ in range(max(_LEAST_WALK, round(_WALK * len(codes))) if codes.size else 0):
            tried = self._moved(codes, rng)
            taken = self.fits(budget, tried)
            codes[:, taken] = tried[:, taken]
        return codes

    def _moved(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Assignments after one move each."""
        tried = codes.copy()
        is_step: Mask = np.less(rng.random(codes.shape[1]), _STEPS)
        for also in _ALSO_MOVED:
            columns = np.flatnonzero(rng.random(codes.shape[1]) < also)
            moved: Any = rng.integers(len(codes), size=len(columns))
            steps = self.draws.steps(tried[moved, columns], moved, rng)
            drawn = self.draws.values(moved, rng)
            tried[moved, columns] = np.where(is_step[columns], steps, drawn)
        return tried

    # ---- repairing

    def repair(
        self, budget: Budget, codes: Codes, rng: np.random.Generator, enough: float = 1
    ) -> tuple[Codes, Mask]:
        """Assignments brought within a budget, and which of them are.

        One that fits stays. Any other goes part of a random way to an assignment that fits: knobs
        first, each at a pace of its own, then levers, in random order. Where a step leads across
        the band, single choices are moved until the result lies in it.

        Args:
            budget: what to bring them into.
            codes: choices x assignments.
            rng: of the ways.
            enough: the share of the assignments after which the rest is given up.

        Raises:
            BudgetError: nothing was found that fits.
        """
        codes = codes.copy()
        self._into_limits(budget, codes, rng)
        if budget.floors:
            self._up_to_floors(budget, codes, rng)
            self._nudged(budget, codes, rng, (1 - enough) * codes.shape[1])
        return codes, self.fits(budget, codes)

    def _into_limits(self, budget: Budget, codes: Codes, rng: np.random.Generator) -> None:
        over = np.flatnonzero(~self._within(budget, codes, floors=False))
        if len(over):
            way = Way.random(codes[:, over], self._end(budget), self._knobs, rng)
            codes[:, over] = way.first(lambda tried: self._within(budget, tried, floors=False))

    def _up_to_floors(self, budget: Budget, codes: Codes, rng: np.random.Generator) -> None:
        under = np.flatnonzero(~self._within(budget, codes, floors=True))
        if len(under):
            end = self._end(budget, floors=True)
            way = Way.random(codes[:, under], end, self._knobs, rng)
            codes[:, under] = way.first(lambda tried: self._within(budget, tried, floors=True))

    def _nudged(
        self, budget: Budget, codes: Codes, rng: np.random.Generator, given_up: float
    ) -> None:
        """Move single choices of what misses the band, as long as it comes nearer."""
        missed = self._violation(budget, codes)
        for _ in range(_NUDGES):
            left = np.flatnonzero(missed > 0)
            if len(left) <= given_up:
                return
            tried = codes[:, left]
            moved = rng.integers(len(codes), size=len(left))
            tried[moved, np.arange(len(left))] = self.draws.values(moved, rng)
            now = self._violation(budget, tried)
            nearer = now < missed[left]
            codes[:, left[nearer]] = tried[:, nearer]
            missed[left[nearer]] = now[nearer]

    def _violation(self, budget: Budget, codes: Codes) -> Figures:
        """How far assignments are from a budget, in logarithms; infinite without a graph."""
        counts = self.counter.count(codes, budget.names)
        beyond = overshoot(budget, counts) + shortage(budget, counts)
        return np.where(counts.valid, beyond, np.inf)


_TIE = 1e-6  # among assignments that fit, the cheaper one


def overshoot(budget: Budget, counts: Counts) -> Figures:
    """By how much limits are exceeded: the sum of the logarithms of the factors."""
    total: Figures = np.zeros(len(counts.valid))
    for name, limit in budget.limits.items():
        total += np.log(np.maximum(counts[name].astype(float) / limit, 1))
    return total


def shortage(budget: Budget, counts: Counts) -> Figures:
    """By how much floors are missed."""
    total: Figures = np.zeros(len(counts.valid))
    for name, floor in budget.floors.items():
        total += np.log(np.maximum(floor / np.maximum(counts[name].astype(float), 1e-9), 1))
    return total


def _size(budget: Budget, counts: Counts) -> Figures:
    """The costs that are bounded, in logarithms."""
    total: Figures = np.zeros(len(counts.valid))
    for name in budget.limits:
        total += np.log(np.maximum(counts[name].astype(float), 1))
    return total
