"""The largest net on the line of equation 3 that a budget allows."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.budget import LATENCY, Budget, costs_of, show_cost
from explorer.errors import BudgetError, NetError
from explorer.scale.baseline import Baseline
from explorer.scale.coefficients import LARGEST_PHI, Coefficients
from explorer.scale.scaled import ScaledNet

GRAIN = 1000  # steps of phi from one whole number to the next
_STRIDE = GRAIN // 2  # on the way to the first phi that does not fit
_AHEAD, _LOOK = 400, 20  # how far beyond it others are looked for, and in what steps
_LIMIT = round(LARGEST_PHI * GRAIN)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The net of a budget, and where on the line of equation 3 it lies."""

    phi: float
    net: ScaledNet


def fit(base: Baseline, coefficients: Coefficients, budget: Budget) -> Fitted:
    """The net with the largest phi, in steps of 1/1000, that fits a budget.

    Whole modules, channels and pixels make the cost a staircase over phi, and where a phi makes no
    net the nearest side is taken, so that the stairs may go down. Phi is bisected to where the
    first net does not fit, and then looked for beyond.

    Raises:
        BudgetError: it bounds what cannot be counted here, or no net that was found fits.
    """
    if coefficients.product == 1:
        raise BudgetError("--budget: with alpha, beta and gamma at 1, nothing is scaled")
    if LATENCY in budget.limits:
        raise BudgetError("--budget: scaling counts; it bounds no latency")
    line = _Line(base, coefficients, Budget(budget.limits))
    low = line.foot()
    high = low + _STRIDE
    while line.fits(high) and high < _LIMIT:
        low, high = high, high + _STRIDE
    best = line.edge(low, high)
    while (more := line.beyond(best)) is not None:
        best = line.edge(more, more + _LOOK)
    net = line.net(best)
    assert net is not None
    if not budget.fits(costs_of(net.graph, budget)):
        raise BudgetError(
            f"--budget: no net scaled from {base.name} lies in {budget.describe()}; the largest "
            f"that is not above it has {_told(net, budget)}"
        )
    return Fitted(best / GRAIN, net)


def _told(net: ScaledNet, budget: Budget) -> str:
    return ", ".join(show_cost(name, value) for name, value in costs_of(net.graph, budget).items())


@dataclass
class _Line:
    """The nets over phi, counted in steps."""

    base: Baseline
    coefficients: Coefficients
    budget: Budget
    known: dict[int, ScaledNet | None] = field(default_factory=dict)

    def net(self, step: int) -> ScaledNet | None:
        """The net at a step; None where the text makes none, or beyond what is looked at."""
        if abs(step) > _LIMIT:
            return None
        if step not in self.known:
            try:
                self.known[step] = self.base.scaled(self.coefficients.factors(step / GRAIN))
            except NetError:
                self.known[step] = None
        return self.known[step]

    def fits(self, step: int) -> bool:
        net = self.net(step)
        return net is not None and bool(self.budget.fits(costs_of(net.graph, self.budget)))

    def foot(self) -> int:
        """A step that fits: phi = 0, or the first below it.

        Raises:
            BudgetError: there is none above the smallest net that the text makes.
        """
        for step in range(0, -_LIMIT, -_STRIDE):
            if self.fits(step):
                return step
            if step and self.net(step) is None:
                break
        nets = (net for net in self.known.values() if net is not None)
        smallest = min(nets, key=lambda net: net.cost.macs)
        raise BudgetError(
            f"--budget: no net scaled from {self.base.name} meets {self.budget.describe()}; the "
            f"smallest that was found has {_told(smallest, self.budget)}"
        )

    def edge(self, low: int, high: int) -> int:
        """The last step that fits between one that does and one that does not."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(middle) else (low, middle)
        return low

    def beyond(self, best: int) -> int | None:
        """A step further on that fits again; the furthest that is looked at."""
        ahead = range(best + _LOOK, best + _AHEAD + 1, _LOOK)
        return max((step for step in ahead if self.fits(step)), default=None)
