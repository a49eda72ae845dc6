"""The two ways to choose thresholds: the paper's constants, or what the samples say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf

import numpy as np

from explorer.construct.samples import Array
from explorer.errors import ExplorerError


@dataclass(frozen=True, slots=True)
class Paper:
    """The constants of arXiv 1310.6343, which suppose that the model's numbers are known.

    They are those of the paper's analysis, for n beyond all bounds; at a thousand units they find
    fewer edges than ``Adaptive`` does.

    Attributes:
        density: rho, the share of hidden units that are on.
        degree: d, expected edges of a hidden unit; half of them are positive.
    """

    density: float
    degree: float

    def __post_init__(self) -> None:
        if not 0 < self.density < 1:
            raise ExplorerError(f"density is {self.density}, must be between 0 and 1")
        if not 2 <= self.degree < inf:
            raise ExplorerError(f"degree is {self.degree}, must be at least 2")

    def beneath(self, layers: int) -> Paper:
        """The same so many layers further down: each is d / 2 times as dense as the one above."""
        return Paper(min(self.density * (self.degree / 2) ** layers, 0.5), self.degree)

    def of_halves(self) -> Paper:
        """The same where negative edges are positive ones of other units, as over a real bottom."""
        return Paper(self.density, 2 * self.degree)

    @property
    def both(self) -> float:
        """Units are linked if they are on together so often: 2 rho / 3."""
        return 2 * self.density / 3

    @property
    def few(self) -> float:
        """Fewer common neighbours than so many have one parent: 1.3 k, where k = d / 2."""
        return 1.3 * self.degree / 2

    @property
    def inside(self) -> float:
        """Children of one parent know so many of each other: 0.8 k - 1."""
        return 0.8 * self.degree / 2 - 1

    @property
    def active(self) -> float:
        """A hidden unit is on if so many of its positive children are: 0.3 d."""
        return 0.3 * self.degree


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Thresholds that are estimated from the samples; nothing of the model is known beforehand.

    A lift is P(unit on | hidden unit on) - P(unit on). The level of a hidden unit is the mean lift
    of its children, weighted by itself. All cuts are shares of the level.

    Attributes:
        first: cut when two units are extended to a set, from few and mixed samples.
        cut: cut of the fixed point. Under half, children of a sibling that shares two of four
            parents would enter; near one, noise would throw children out.
        alone: cut of the lift among samples that the other children choose. A set that lives on
            its own choice of samples falls under it.
        purity: least mean lift of a set, as a share of the median of all sets.
        purity_large: the same of a set that is larger than the median. The children of two hidden
            units together have half the lift; a few children are told from chance less clearly.
        support: least share of a hidden unit's children's ones that nothing else explains.
        support_last: the same, once edges are checked and no hidden unit is to come.
        double: two sets are one hidden unit if they have so much of the larger in common.
    """

    first: float = 0.5
    cut: float = 0.7
    alone: float = 0.5
    purity: float = 0.5
    purity_large: float = 0.7
    support: float = 0.2
    support_last: float = 0.5
    double: float = 0.6

    def __post_init__(self) -> None:
        for name, share in asdict(self).items():
            if not 0 <= share <= 1:
                raise ExplorerError(f"{name} is {share}, must be between 0 and 1")


ADAPTIVE = Adaptive()
Thresholds = Paper | Adaptive


def deviations(units: int) -> float:
    """Standard deviations that the largest of all pairs' excesses exceeds by chance: about."""
    return float(np.sqrt(2 * np.log(max(units, 2) ** 2 / 2)))


def bayes_threshold(sizes: Array, noise: Array, signal: Array, rates: Array) -> Array:
    """How many children must be on for a hidden unit to be more likely on than off.

    Children are taken to be on independently, each with probability ``signal`` under a hidden unit
    that is on and ``noise`` under one that is off. Then the log odds are linear in their number.

    Args:
        sizes: children; at least 1.
        noise: P(child on | hidden unit off), a mean over the children.
        signal: P(child on | hidden unit on), likewise.
        rates: of hidden units, how often they are on.

    Returns:
        whole numbers between 2 (or the size) and the size.
    """
    noise = np.clip(noise, 1e-6, 0.5)
    signal = np.clip(signal, noise + 0.05, 0.98)
    rates = np.clip(rates, 1e-6, 0.5)
    needed = np.log((1 - rates) / rates) + sizes * np.log((1 - noise) / (1 - signal))
    each = np.log(signal * (1 - noise) / (noise * (1 - signal)))
    found: Array = np.clip(np.ceil(needed / each), np.minimum(2, sizes), sizes)
    return found
