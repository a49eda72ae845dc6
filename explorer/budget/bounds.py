"""Bounds on cost: what ``--budget`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from explorer.cost.batch import COSTS, LATENCY, cost_of
from explorer.cost.latency import Predictor
from explorer.errors import BudgetError, ExplorerError
from explorer.graph import Graph
from explorer.ops import Cost
from explorer.units import format_count, parse_count, scientific

Costs = Mapping[str, Any]  # figures by name: whole numbers, or arrays of them

BOUNDED = (*COSTS, LATENCY)
_BYTES = ("memory", "training_memory")
_SHOWN_IN_MIB = 2**14  # bytes; fewer are shown as bytes
_SECONDS = {"us": 1, "ms": 10**3, "s": 10**6}  # in microseconds


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds by the name of a cost: counts, bytes, or microseconds of latency.

    Attributes:
        limits: what must not be exceeded.
        floors: what must be reached, of costs that have a limit.
    """

    limits: Mapping[str, int]
    floors: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.limits)

    @property
    def macs(self) -> int | None:
        return self.limits.get("macs")

    def fits(self, costs: Costs) -> Any:
        """Whether figures lie within all bounds; of arrays, an array."""
        inside = [costs[name] <= limit for name, limit in self.limits.items()]
        inside += [costs[name] >= floor for name, floor in self.floors.items()]
        result = inside[0]
        for each in inside[1:]:
            result = result & each
        return result

    def by_effort(self) -> list[Budget]:
        """The bounds in parts, those that are quickly counted first."""
        quick = [name for name in self.limits if name in Cost._fields]
        parts = (quick, [name for name in self.limits if name not in quick])
        return [self._only(names) for names in parts if names]

    def _only(self, names: Sequence[str]) -> Budget:
        floors = {name: floor for name, floor in self.floors.items() if name in names}
        return Budget({name: self.limits[name] for name in names}, floors)

    def excess(self, costs: Costs) -> float:
        """How far the worst limit is exceeded, as a factor; at most 1 when the cost fits."""
        factors: list[float] = [costs[name] / limit for name, limit in self.limits.items()]
        return max(factors)

    def __str__(self) -> str:
        """What :func:`parse_budget` reads back."""
        if set(self.limits) == {"macs"}:
            return self._span("macs")
        return ",".join(f"{name}={self._span(name)}" for name in self.limits)

    def _span(self, name: str) -> str:
        high = write_cost(name, self.limits[name])
        return f"{write_cost(name, self.floors[name])}..{high}" if name in self.floors else high

    def describe(self) -> str:
        """For people: ``1.5G macs and 7M params``."""
        return " and ".join(self._words(name) for name in self.limits)

    def _words(self, name: str) -> str:
        high = show_cost(name, self.limits[name])
        if name not in self.floors:
            return high
        low = show_cost(name, self.floors[name]).partition(" ")[0]
        return f"{low} to {high}"

    def to_json(self) -> dict[str, Any]:
        """A limit, or a pair of floor and limit, by name."""
        return {
            name: [self.floors[name], limit] if name in self.floors else limit
            for name, limit in self.limits.items()
        }


def budget_from_json(values: Mapping[str, Any]) -> Budget:
    """The budget that :meth:`Budget.to_json` wrote."""
    pairs = {name: v if isinstance(v, list) else [None, v] for name, v in values.items()}
    floors = {name: int(low) for name, (low, _) in pairs.items() if low is not None}
    return Budget({name: int(high) for name, (_, high) in pairs.items()}, floors)


def costs_of(graph: Graph, budget: Budget, predictor: Predictor | None = None) -> dict[str, int]:
    """What a budget bounds of one graph; its latency as a predictor bounds it."""
    return {name: cost_of(graph, name, predictor) for name in budget.limits}


def without_latency(budget: Budget) -> Budget:
    """The bounds that are counted rather than measured."""
    limits = {name: limit for name, limit in budget.limits.items() if name != LATENCY}
    floors = {name: floor for name, floor in budget.floors.items() if name != LATENCY}
    return replace(budget, limits=limits, floors=floors)


def write_cost(name: str, value: int) -> str:
    """A bound as ``--budget`` takes it."""
    if name == LATENCY:
        return f"{Fraction(value, 1000)}ms" if value % 1000 == 0 else f"{value}us"
    if name in _BYTES and value % 2**20 == 0:
        return f"{value >> 20}MiB"
    return scientific(value)


def show_cost(name: str, value: float) -> str:
    """A figure with what it is: ``1.5G macs``, ``64 MiB memory``, ``8 ms latency``."""
    if name == LATENCY:
        return f"{value / 1000:.3g} ms latency"
    if name in _BYTES:
        amount = f"{value / 2**20:.4g} MiB" if value >= _SHOWN_IN_MIB else f"{int(value):,} bytes"
        return f"{amount} {name.replace('_', ' ')}"
    return f"{format_count(int(value))} {name}"


def parse_budget(text: str) -> Budget:
    """The budget that a text says.

    ``1.5e9`` bounds macs, ``macs=1.5e9,params=7e6,memory=64MiB,latency=8ms`` says which, and
    ``1.2e9..1.5e9`` is a band.

    Raises:
        BudgetError: an unknown cost, a malformed or a zero bound, a band upside down.
    """
    limits: dict[str, int] = {}
    floors: dict[str, int] = {}
    for part in text.split(","):
        name, _, value = part.strip().rpartition("=")
        name = name.strip() or "macs"
        if name not in BOUNDED:
            allowed = ", ".join(BOUNDED)
            raise BudgetError(f"--budget: no cost is called '{name}'; allowed: {allowed}")
        if name in limits:
            raise BudgetError(f"--budget: {name} is bounded twice")
        low, is_band, high = value.rpartition("..")
        limits[name] = _bound(name, high)
        if is_band:
            floors[name] = _bound(name, low)
            if floors[name] > limits[name]:
                raise BudgetError(f"--budget: the lower end of a band stands first, got '{value}'")
    return Budget(limits, floors)


def _bound(name: str, text: str) -> int:
    try:
        value = _microseconds(text) if name == LATENCY else parse_count(text)
    except ExplorerError as error:
        raise BudgetError(f"--budget: {error}") from None
    if value == 0:
        raise BudgetError(f"--budget: a bound on {name} is positive, got '{text}'")
    return value


def _microseconds(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(us|ms|s)", text.strip())
    if match is None:
        raise ExplorerError(f"'{text}' is not a time; write 8ms, 800us or 0.1s")
    return int(Fraction(match[1]) * _SECONDS[match[2]])
