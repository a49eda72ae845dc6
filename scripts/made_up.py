"""Made-up scores of nets of a shipped space, whose truth is known: for ``--score``, ``--features``.

    export MADE_UP=failing MADE_UP_SEED=0 MADE_UP_BUDGET=1.5e9
    explorer search inception --budget 1.5e9 --score scripts.made_up:score

A landscape gives every assignment a logit, effects of its choices beside the doublings of its macs,
which becomes a score between 0 and 1. What a search sees has the noise of a training besides. Each
kind differs from the first in one thing:

========== ================================================================================
additive   effects of choices add up, and scores grow with macs
pairwise   three quarters of the effects' variance are of pairs of choices
rugged     effects are waves over all choices together: only nets that are near are alike
unrelated  macs say nothing
falling    scores fall as macs leave a quarter of the budget
failing    a tenth to a third of the nets, by values of two choices, have next to no score
noisy      a training has as much noise as effects are apart
coarse     scores are rounded to twentieths
========== ================================================================================

Where several assignments are the same net, they have scores of their own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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
Half = tuple[int, npt.NDArray[np.int_]]  # a choice, by its place, and some of its codes

KINDS = (
    "additive", "pairwise", "rugged", "unrelated", "falling", "failing", "noisy", "coarse"
)  # fmt: skip
FEATURES = ("first", "second", "third")

_MIDDLE = 1.0  # logit of a net of the whole budget without effects: a score of .73
_GROWTH = 0.8  # of the logit, for each doubling of macs
_EFFECTS = 0.5  # spread of the logit over typical nets, apart from its growth
_OF_PAIRS = 0.75  # of the variance of effects, where most of them are of pairs
_PEAK = -2.0  # doublings of macs from the budget, where scores fall on either side
_NOISE, _LOUD = 0.05, 0.5  # of a training, in the logit
_STEPS = 20  # of coarse scores
_FAILED = (0.1, 1 / 3)  # the share of nets that fail, and of its score what such a net keeps
_KEPT = 0.01
_KNOWN, _OWN = 0.6, 0.3  # of effects, what features know of them, and what each has for itself
_WAVES, _STEEP = 64, 3.0
_TYPICAL = 1_024
_PAIRS = 10_000  # of choices, before there are none whose nets may fail


@dataclass(frozen=True)
class Landscape:
    """Scores of one space. Codes are choices x nets, what is said of them one number for each net.

    Attributes:
        space: a shipped one, with the params that it has.
        budget: on macs; effects are standardised over nets that fit it.
        kind: one of :data:`KINDS`.
        seed: of everything that is random.
    """

    space: Space
    budget: Budget
    kind: str
    seed: int
    _known: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def feasible(self) -> Feasible:
        """Draws, costs and active choices of the space."""
        return Feasible(self.space)

    @cached_property
    def typical(self) -> Codes:
        """Even draws from what fits the budget: choices x 1,024."""
        return self.feasible.draw(self.budget, _TYPICAL, self._rng("typical"))

    def truth(self, codes: Codes) -> Array:
        """Scores without noise, 0 to 1."""
        return self._failed(codes, _share(self._logits(codes)))

    def seen(self, codes: Codes) -> Array:
        """Scores of one training each, 0 to 1; an assignment has the same whenever it is asked."""
        noise = _LOUD if self.kind == "noisy" else _NOISE
        inner = np.where(self.feasible.counter.active(codes), codes, 0)
        drawn = [self._rng(" ".join(map(str, column))).normal() for column in inner.T]
        shares = _share(self._logits(codes) + noise * np.array(drawn))
        if self.kind == "coarse":
            shares = np.round(shares * _STEPS) / _STEPS
        return self._failed(codes, shares)

    def fails(self, codes: Codes) -> npt.NDArray[np.bool_]:
        """Which nets have next to no score."""
        if self.kind != "failing":
            return np.zeros(codes.shape[1], bool)
        return self._meets(codes, *self._fatal)

    def features(self, codes: Codes) -> Array:
        """What proxies say that know macs and a part of the effects: nets x :data:`FEATURES`.

        What they do not know is replaced by effects that are not there, most of them the same for
        all three.
        """
        wrong = self._standard("wrong", codes, self._added)
        known = _KNOWN * self._effects(codes) + np.sqrt(1 - _KNOWN**2) * wrong
        own = np.stack([self._standard(name, codes, self._added) for name in FEATURES], axis=1)
        logits = _GROWTH * self.doublings(codes) + _EFFECTS * known
        return np.asarray(logits[:, None] + _EFFECTS * _OWN * own)

    def doublings(self, codes: Codes) -> Array:
        """The logarithm of macs to base 2, from that of the budget: below 0 where a net fits."""
        macs = self.feasible.counter.count(codes, ("macs",))["macs"].astype(float)
        return np.log2(macs / float(self.budget.limits["macs"]))

    # ---- what a logit is made of

    def _logits(self, codes: Codes) -> Array:
        growth = self.doublings(codes)
        if self.kind == "unrelated":
            growth = np.zeros(len(growth))
        if self.kind == "falling":
            growth = -np.abs(growth - _PEAK)
        return _MIDDLE + _GROWTH * growth + _EFFECTS * self._effects(codes)

    def _effects(self, codes: Codes) -> Array:
        if self.kind == "rugged":
            return self._standard("waves", codes, self._waved)
        alone = self._standard("effects", codes, self._added)
        if self.kind != "pairwise":
            return alone
        pairs = self._standard("pairs", codes, self._paired)
        return np.sqrt(1 - _OF_PAIRS) * alone + np.sqrt(_OF_PAIRS) * pairs

    def _standard(self, name: str, codes: Codes, function: Callable[[str, Codes], Array]) -> Array:
        """A random function of choices, with mean 0 and variance 1 over typical nets."""
        if name not in self._known:
            values = function(name, self.typical)
            self._known[name] = float(values.mean()), float(values.std())
        middle, spread = self._known[name]
        return np.asarray((function(name, codes) - middle) / spread)

    def _added(self, name: str, codes: Codes) -> Array:
        """A sum over choices, a few of which matter more than others."""
        weights = np.exp(self._rng(f"weights of {name}").normal(size=len(codes)))
        return np.asarray(weights @ self._columns(name, codes))

    def _paired(self, name: str, codes: Codes) -> Array:
        """A sum of products, twice as many as there are choices, each of two different ones."""
        rng, size = self._rng(f"partners in {name}"), len(codes)
        first = rng.integers(size, size=2 * size)
        second = (first + rng.integers(1, size, size=2 * size)) % size
        # Centred, so that a product has next to no part that is one choice's alone.
        columns = self._columns(name, codes)
        columns -= self._columns(name, self.typical).mean(axis=1, keepdims=True)
        columns *= self.feasible.counter.active(codes)
        return np.asarray((columns[first] * columns[second]).sum(axis=0))

    def _waved(self, name: str, codes: Codes) -> Array:
        """A sum of cosines over all choices, in random directions."""
        rng = self._rng(f"directions of {name}")
        directions = rng.normal(size=(_WAVES, len(codes))) * _STEEP / np.sqrt(len(codes))
        turns = rng.uniform(0, 2 * np.pi, size=(_WAVES, 1))
        return np.asarray(np.cos(directions @ self._columns(name, codes) + turns).sum(axis=0))

    def _columns(self, name: str, codes: Codes) -> Array:
        """A random number for every value of a choice, 0 where it has no part in the net.

        Those of a knob lie on a parabola, those of a lever have nothing to do with each other.
        """
        rng, columns = self._rng(name), np.zeros(codes.shape)
        for row, choice in enumerate(self.space.choices.values()):
            if isinstance(choice, Knob):
                places = np.linspace(-1, 1, len(choice.values))
                values = rng.normal(size=2) @ np.stack([places, places**2 - 1 / 3])
            else:
                values = rng.normal(size=len(choice.values))
            columns[row] = values[codes[row]]
        return np.where(self.feasible.counter.active(codes), columns, 0.0)

    # ---- what fails

    def _failed(self, codes: Codes, shares: Array) -> Array:
        return np.where(self.fails(codes), _KEPT * shares, shares)

    @cached_property
    def _fatal(self) -> tuple[Half, Half]:
        """Two choices, and halves of their values that do not go together."""
        rng, sizes = self._rng("fatal"), [len(c.values) for c in self.space.choices.values()]
        low, high = _FAILED
        for _ in range(_PAIRS):
            chosen = [int(choice) for choice in rng.choice(len(sizes), size=2, replace=False)]
            first, second = ((i, rng.permutation(sizes[i])[: sizes[i] // 2]) for i in chosen)
            if low <= self._meets(self.typical, first, second).mean() <= high:
                return first, second
        raise ExplorerError(f"{self.space.name}: no halves of two choices meet in so many nets")

    def _meets(self, codes: Codes, *halves: Half) -> npt.NDArray[np.bool_]:
        """Where choices that have a part in the net have these values."""
        active = self.feasible.counter.active(codes)
        found = [active[choice] & np.isin(codes[choice], values) for choice, values in halves]
        return np.asarray(np.all(found, axis=0))

    def _rng(self, name: str) -> np.random.Generator:
        """A generator of its own for everything that has a name."""
        return np.random.default_rng([self.seed, *self.kind.encode(), *name.encode()])


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
    kind, budget, seed = (os.environ.get(f"MADE_UP{name}", "") for name in ("", "_BUDGET", "_SEED"))
    if not (kind and budget and seed.isdecimal()):
        raise ExplorerError(
            "made-up scores need MADE_UP, MADE_UP_BUDGET and a whole MADE_UP_SEED, got "
            f"'{kind}', '{budget}' and '{seed}'"
        )
    made = landscape(candidate.graph.name, budget, kind, int(seed))
    return made, encode(made.space, [candidate.assignment])


def score(candidate: explorer.Candidate, seed: int) -> float:
    """What a training of the net would reach, 0 to 1."""
    made, codes = _asked(candidate)
    return float(made.seen(codes)[0])


def features(candidate: explorer.Candidate) -> Mapping[str, float]:
    """What three proxies say of the net, each a logit."""
    made, codes = _asked(candidate)
    return dict(zip(FEATURES, map(float, made.features(codes)[0]), strict=True))
