"""Bounds on cost: what ``--budget`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.errors import BudgetError, ExplorerError
from explorer.ops import Cost
from explorer.units import format_count, parse_count, scientific


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper bounds by cost: ``macs``, ``params``, ``activations``."""

    limits: Mapping[str, int]

    def fits(self, cost: Cost) -> bool:
        return all(getattr(cost, name) <= limit for name, limit in self.limits.items())

    def excess(self, cost: Cost) -> float:
        """How far the worst bound is exceeded, as a factor; at most 1 when the cost fits."""
        factors: list[float] = [getattr(cost, name) / limit for name, limit in self.limits.items()]
        return max(factors)

    @property
    def macs(self) -> int | None:
        return self.limits.get("macs")

    def __str__(self) -> str:
        if set(self.limits) == {"macs"}:
            return scientific(self.limits["macs"])
        return ",".join(f"{name}={scientific(limit)}" for name, limit in self.limits.items())

    def describe(self) -> str:
        """For people: ``1.5G macs and 7M params``."""
        return " and ".join(f"{format_count(limit)} {name}" for name, limit in self.limits.items())


def parse_budget(text: str) -> Budget:
    """The budget that a text says: ``1.5e9`` bounds macs; ``macs=1.5e9,params=7e6`` says which.

    Raises:
        BudgetError: an unknown cost, a malformed or a zero bound.
    """
    limits: dict[str, int] = {}
    for part in text.split(","):
        name, _, value = part.strip().rpartition("=")
        name = name.strip() or "macs"
        if name not in Cost._fields:
            allowed = ", ".join(Cost._fields)
            raise BudgetError(f"--budget: no cost is called '{name}'; allowed: {allowed}")
        if name in limits:
            raise BudgetError(f"--budget: {name} is bounded twice")
        try:
            limits[name] = parse_count(value)
        except ExplorerError as error:
            raise BudgetError(f"--budget: {error}") from None
        if limits[name] == 0:
            raise BudgetError(f"--budget: a bound on {name} is positive, got '{value}'")
    return Budget(limits)
