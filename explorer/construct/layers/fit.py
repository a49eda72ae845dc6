"""The factor on all widths with which a net of given layers fills a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from explorer.budget import Budget, costs_of, show_cost
from explorer.construct.layers.plan import Named
from explorer.errors import BudgetError
from explorer.graph import Graph
from explorer.space import bind
from explorer.space.library import Text

FACTORS = (2.0**-8, 2.0**8)  # at the first, every convolution is as narrow as it may be
_HALVINGS = 40  # of the interval of factors


@dataclass
class Fitting:
    """Finds the factor on all widths that fills a budget."""

    budget: Budget
    written: Callable[[Sequence[Named], float], str]

    def factor(self, layers: Sequence[Named]) -> float:
        """The largest factor whose net fits; costs grow with it.

        Raises:
            BudgetError: the smallest does not fit.
        """
        low, high = FACTORS
        if not self.fits(layers, low):
            told = in_words(graph_of(self.written(layers, low)), self.budget)
            raise BudgetError(
                f"--budget: the narrowest net that the correlations lead to has {told}; "
                f"allowed is {self.budget.describe()}"
            )
        for _ in range(_HALVINGS):
            middle = sqrt(low * high)
            low, high = (middle, high) if self.fits(layers, middle) else (low, middle)
        return low

    def fits(self, layers: Sequence[Named], factor: float) -> bool:
        """Whether the net of these layers is within the budget at a factor."""
        graph = graph_of(self.written(layers, factor))
        return bool(self.budget.fits(costs_of(graph, self.budget)))


def in_words(graph: Graph, budget: Budget) -> str:
    """What it costs, in the budget's terms."""
    return ", ".join(show_cost(name, value) for name, value in costs_of(graph, budget).items())


def graph_of(text: str) -> Graph:
    """The graph of a closed text."""
    return bind(Text("constructed", text).space()).graph
