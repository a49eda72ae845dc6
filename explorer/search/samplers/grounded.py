"""What samplers have in common that look at a pool of assignments as rows of a model."""

from __future__ import annotations

from functools import cached_property

from explorer.search.samplers.frame import BudgetSampler
from explorer.search.samplers.ground import Ground
from explorer.search.samplers.pool import Pool

_CHEAPER = (0.75, 0.5, 0.25)  # of the way from the cheapest net to the budget


class GroundedSampler(BudgetSampler):
    """A sampler with a ground, which is laid when it is first asked for: that takes seconds."""

    uses_features = True

    @cached_property
    def ground(self) -> Ground:
        """Rows of assignments of all costs within the budget, with features where there are any."""
        cheaper = tuple(self.within(share) for share in _CHEAPER)
        return Ground(Pool(self.feasible, self.budget, cheaper, self.seed), self.features)
