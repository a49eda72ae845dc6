"""Made-up scores of nets of any space, whose truth is known: for ``--score`` and ``--features``.

    export MADE_UP=failing MADE_UP_SEED=0 MADE_UP_BUDGET=1.5e9
    explorer search inception --budget 1.5e9 --score scripts.made_up:score

A landscape is a logit, standardised effects of choices beside the doublings of macs, as a share
between 0 and 1. What a search sees has the noise of a training besides. Landscapes of different
kinds hold what a sampler may take for granted, and what it may not:

========== ================================================================================
additive   effects of choices add up, and scores grow with macs
pairwise   most of the effects are of pairs of choices
rugged     effects are cosines over all choices together: nets must be near to be alike
unrelated  effects add up, and macs say nothing
falling    effects add up, and scores fall as macs leave a quarter of the budget
failing    as additive, and a tenth to a third of the nets have a score of nearly nothing
noisy      as additive, and a training has as much noise as effects are apart
coarse     as additive, and scores are counted on twenty objects
========== ================================================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

import explorer
from explorer.budget import Budget, Codes, Feasible, parse_budget
from explorer.cost.batch import encode
from explorer.errors import ExplorerError
from explorer.space import Knob, Space

Array = npt.NDArray[np.float64]

KINDS = (
    "additive", "pairwise", "rugged", "unrelated", "falling", "failing", "noisy", "coarse"
)  # fmt: skip
FEATURES = ("first", "second", "third")

_MIDDLE = 1.0  # logit of a net of the whole budget without effects: a score of .73
_GROWTH = 0.8  # of the logit, for each doubling of macs
_EFFECTS = 0.5  # spread of the logit over nets of the same macs
_NOISE, _LOUD = 0.05, 0.5  # of a training, in the logit
_OBJECTS = 20
_FAILED = (0.1, 1 / 3)  # the share of nets that fail
_KNOWN, _OWN = 0.6, 0.3  # of effects, what features know of them, and what each has for itself
_TYPICAL = 1_024


@dataclass(frozen=True)
class Landscape:
    """Scores of one space.

    Attributes:
        budget: macs at which nets are compared with one another.
        kind: one of :data:`KINDS`.
        seed: of everything that is random.
    """

    space: Space
    budget: Budget
    kind: str
    seed: int
    _known: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    @cached_property
    def feasible(self) -> Feasible:
        return Feasible(self.space)

    @cached_property
    def typical(self) -> Codes:
        """Even draws from what fits the budget: choices x nets."""
        return self.feasible.draw(self.budget, _TYPICAL, self._rng("typical"))

    def truth(self, codes: Codes) -> Array:
        """Scores without noise, 0 to 1."""
        shares = _share(self._logits(codes))
        return np.where(self.fails(codes), shares / 100, shares)

    def seen(self, codes: Codes) -> Array:
        """Scores of one training each; those of a net are the same whenever it is asked for."""
        noise = _LOUD if self.kind == "noisy" else _NOISE
        drawn = np.array([self._rng(column.tobytes().hex()).normal() for column in codes.T])
        shares = _share(self._logits(codes) + noise * drawn)
        if self.kind == "coarse":
            shares = np.round(shares * _OBJECTS) / _OBJECTS
        return np.where(self.fails(codes), shares / 100, shares)

    def features(self, codes: Codes) -> Array:
        """What proxies say that know macs and a part of the effects, nets x :data:`FEATURES`.

        What they do not know is replaced by effects of choices that are not there, most of them
        the same for all.
        """
        wrong = self._standard("wrong", codes)
        known = _KNOWN * self._effects(codes) + np.sqrt(1 - _KNOWN**2) * wrong
        own = np.stack([self._standard(name, codes) for name in FEATURES], axis=1)
        logits = _GROWTH * self.doublings(codes) + _EFFECTS * known
        return np.asarray(logits[:, None] + _EFFECTS * _OWN * own)

    def doublings(self, codes: Codes) -> Array:
        """How often macs would have to double to reach the budget, below 0."""
        macs = self.feasible.counter.count(codes, ("macs",))["macs"].astype(float)
        return np.log2(macs / float(self.budget.limits["macs"]))

    # ---- what the logit is made of

    def _logits(self, codes: Codes) -> Array:
        growth = self.doublings(codes)
        if self.kind == "unrelated":
            growth = np.zeros(len(growth))
        if self.kind == "falling":
            growth = -np.abs(growth + 2)
        return _MIDDLE + _GROWTH * growth + _EFFECTS * self._effects(codes)

    def _effects(self, codes: Codes) -> Array:
        """Standardised over typical nets."""
        if self.kind == "pairwise":
            pairs = self._standard("pairs", codes)
            return 0.5 * self._standard("effects", codes) + np.sqrt(0.75) * pairs
        return self._standard("rugged" if self.kind == "rugged" else "effects", codes)

    def _standard(self, name: str, codes: Codes) -> Array:
        function = _FUNCTIONS.get(name, Landscape._added)
        middle, spread = self._moments(name)
        return np.asarray((function(self, name, codes) - middle) / spread)

    def _moments(self, name: str) -> tuple[float, float]:
        if name not in self._known:
            values = _FUNCTIONS.get(name, Landscape._added)(self, name, self.typical)
            self._known[name] = float(values.mean()), float(values.std())
        return self._known[name]

    def _columns(self, name: str, codes: Codes) -> Array:
        """Every choice by a random curve of its values, 0 where it has no part in the net."""
        rng = self._rng(name)
        columns = np.zeros(codes.shape)
        for row, choice in enumerate(self.space.choices.values()):
            size = len(choice.values)
            places = np.linspace(-1, 1, size)
            values = rng.normal(size=2) @ np.stack([places, places**2 - 1 / 3])
            if not isinstance(choice, Knob):
                values = rng.normal(size=size)
            columns[row] = values[codes[row]]
        return np.where(self.feasible.counter.active(codes), columns, 0.0)

    def _added(self, name: str, codes: Codes) -> Array:
        """A sum over choices, a few of which matter more than others."""
        weights = np.exp(self._rng(f"weights of {name}").normal(size=len(codes)))
        return np.asarray(weights @ self._columns(name, codes))

    def _paired(self, name: str, codes: Codes) -> Array:
        """A sum of products, twice as many as there are choices."""
        columns, rng = self._columns(name, codes), self._rng(f"partners in {name}")
        first, second = (rng.integers(len(codes), size=2 * len(codes)) for _ in "12")
        return np.asarray((columns[first] * columns[second]).sum(axis=0))

    def _rugged(self, name: str, codes: Codes) -> Array:
        columns, rng = self._columns(name, codes), self._rng(f"waves of {name}")
        waves = rng.normal(size=(64, len(codes))) * 3 / np.sqrt(len(codes))
        turns = rng.uniform(0, 2 * np.pi, size=(64, 1))
        return np.asarray(np.cos(waves @ columns + turns).sum(axis=0))

    def fails(self, codes: Codes) -> npt.NDArray[np.bool_]:
        if self.kind != "failing":
            return np.zeros(codes.shape[1], bool)
        return self._meets(codes, *self._fatal)

    def _meets(self, codes: Codes, *pairs: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """Where choices that have a part in the net have these values."""
        active = self.feasible.counter.active(codes)
        found = [active[choice] & (codes[choice] == code) for choice, code in pairs]
        return np.asarray(np.all(found, axis=0))

    @cached_property
    def _fatal(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Two choices and their values that do not go together."""
        rng, sizes = self._rng("fatal"), [len(c.values) for c in self.space.choices.values()]
        low, high = _FAILED
        for _ in range(100_000):
            first, second = rng.choice(len(sizes), size=2, replace=False)
            pair = [(int(i), int(rng.integers(sizes[i]))) for i in (first, second)]
            if low <= self._meets(self.typical, *pair).mean() <= high:
                return pair[0], pair[1]
        raise ExplorerError(f"{self.space.name}: no two values meet in so many nets")

    def _rng(self, name: str) -> np.random.Generator:
        """A generator of its own for everything that has a name."""
        return np.random.default_rng([self.seed, *self.kind.encode(), *name.encode()])


_FUNCTIONS = {"pairs": Landscape._paired, "rugged": Landscape._rugged}


def _share(logits: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logits)))


@cache
def landscape(name: str, budget: str, kind: str, seed: int) -> Landscape:
    """The scores of a shipped space.

    Raises:
        ExplorerError: no such kind, no such space, a budget that does not bound macs.
    """
    if kind not in KINDS:
        raise ExplorerError(f"made-up scores are one of {', '.join(KINDS)}, not '{kind}'")
    bounds = parse_budget(budget)
    if bounds.macs is None:
        raise ExplorerError(f"made-up scores need a budget of macs, got '{budget}'")
    return Landscape(explorer.open_space(name), bounds, kind, seed)


def _asked(candidate: explorer.Candidate) -> tuple[Landscape, Codes]:
    given = {name: os.environ.get(name, "") for name in ("MADE_UP", "MADE_UP_BUDGET")}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ExplorerError(f"the variable {missing[0]} says nothing")
    seed = int(os.environ.get("MADE_UP_SEED", "0"))
    asked = landscape(candidate.graph.name, given["MADE_UP_BUDGET"], given["MADE_UP"], seed)
    return asked, encode(asked.space, [candidate.assignment])


def score(candidate: explorer.Candidate, seed: int) -> float:
    """What a training of the net would reach."""
    made, codes = _asked(candidate)
    return float(made.seen(codes)[0])


def features(candidate: explorer.Candidate) -> Mapping[str, float]:
    """What three proxies say of the net."""
    made, codes = _asked(candidate)
    return dict(zip(FEATURES, map(float, made.features(codes)[0]), strict=True))
