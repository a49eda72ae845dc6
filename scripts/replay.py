"""Searches of nets whose scores are known, with the model of the sampler ``known_cost``.

A part of a table of nets is a table of its own, with a front of its own. A search of it asks the
sampler's own model for the net that is expected to enlarge the front most, without studies and
workers, so that many searches are quick. Changes are made to it one at a time.

Two things are simpler than in the sampler: without features the first five nets are drawn evenly,
where the sampler's are spread over macs, and typical nets are a quarter of the part (the sampler's
are 1,024 draws: about a quarter of NAS-Bench-Macro, but all of a small part).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ExplorerError
from explorer.search.model.blend import BlendedSurrogate
from explorer.search.model.ehvi import Staircase, expected_improvement
from explorer.search.model.encoding import Encoding, Rows
from explorer.search.model.gp import Kernel
from explorer.search.model.surrogate import Surrogate
from explorer.search.model.terms import Linear, Matern, Prior
from explorer.search.model.warp import improvement_unwarped, warped
from explorer.search.samplers.known_cost import BEYOND, counts_all, reference_accuracy
from scripts.tables import line

Array = NDArray[np.float64]
Indices = NDArray[np.int_]

_MANY = 99  # times every score is repeated, so that one more moves neither median nor spread
_CHEAP = 64  # nets, among which the worst is looked for, as in the sampler's ground
_OPENING = 5  # random nets without features; as many as in the sampler


@dataclass(frozen=True, slots=True)
class Change:
    """How a search differs from the sampler's with features.

    Attributes:
        title: in the table.
        by_truth: the truth decides, not the model.
        at_random: nothing does.
        plain: there are no features.
        shuffled: the features of every net are those of another one.
        known: scores of so many other nets are known beforehand.
        reference: the area counts from the judge's reference accuracy.
        counts_all: in which trials the area counts from the worst net.
        bounded: the area counts from no expected disaster.
        unwarped: the area counts in the unit of the scores, not in the model's.
        best_first: trial 0 is the net of the best features.
        amplitudes: factor on the amplitudes of what features leave to explain.
        choices: factor on the amplitude of the effects of choices that add up.
        noise: factor on the noise that is expected.
    """

    title: str
    by_truth: bool = False
    at_random: bool = False
    plain: bool = False
    shuffled: bool = False
    known: int = 0
    reference: bool = False
    counts_all: Callable[[int], bool] = counts_all
    bounded: bool = True
    unwarped: bool = True
    best_first: bool = False
    amplitudes: float = 1.0
    choices: float = 1.0
    noise: float = 1.0


AS_IS = Change("the search as it is")


class Part(NamedTuple):
    """A part of a table, as a table of its own.

    Attributes:
        encoding: of the rows; columns of features follow its own.
        rows: its nets as the model sees them, each function once.
        seen: the scores that the search sees.
        truth: those that it is judged by.
        reference: an accuracy and macs, from which areas are measured.
        seed: of what is random in a search of it.
        first: the net of trial 0; None for a random one.
    """

    encoding: Encoding
    rows: Rows
    seen: Array
    truth: Array
    reference: tuple[float, float]
    seed: int
    first: int | None = None

    def share(self, nets: Sequence[int]) -> float:
        """The share of the part's own area that some of its nets have.

        Raises:
            ExplorerError: no net is above the reference accuracy.
        """
        whole = Staircase.of(self.truth, self.rows.macs, self.reference).area
        if not whole:
            raise ExplorerError(f"no net of a part is above the accuracy {self.reference[0]:g}")
        chosen = list(nets)
        found = Staircase.of(self.truth[chosen], self.rows.macs[chosen], self.reference).area
        return found / whole

    def seen_with(self, change: Change) -> Part:
        """The same as a search with a change sees it."""
        return self.plain() if change.plain else self.shuffled() if change.shuffled else self

    def shuffled(self) -> Part:
        """The same, where the features of every net are those of another one."""
        values = self.rows.values.copy()
        order = np.random.default_rng([self.seed, 2]).permutation(len(values))
        features = slice(self.encoding.costs.stop, None)
        values[:, features] = values[order, features]
        return self._replace(rows=replace(self.rows, values=values))

    def plain(self) -> Part:
        """The same without features."""
        own = replace(self.rows, values=self.rows.values[:, : self.encoding.costs.stop])
        return self._replace(rows=own)


def searched(part: Part, change: Change, trials: int) -> list[int]:
    """The nets that one search tries, in their order."""
    order = np.random.default_rng([part.seed, 1]).permutation(len(part.truth))
    tried = [_first(part, change, int(order[0]))]
    seen = part.seen_with(change)
    search = _Search(seen, change, order, modelled(seen, change))
    opening = trials if change.at_random else _OPENING if change.plain else 1
    tried += [int(net) for net in order if net != tried[0]][: opening - 1]
    while len(tried) < trials:
        gains = search.gains(tried)
        gains[tried] = -np.inf
        tried.append(int(np.argmax(gains)))
    return tried[:trials]


def _first(part: Part, change: Change, at_random: int) -> int:
    if change.best_first:
        features = part.rows.values[:, part.encoding.costs.stop :]
        return int(np.argmax(features.mean(axis=1)))
    return at_random if part.first is None else part.first


def modelled(part: Part, change: Change) -> BlendedSurrogate | Surrogate:
    """The sampler's model, with other priors where the change has them."""
    features = part.rows.values.shape[1] - part.encoding.costs.stop
    if not features:
        return Surrogate(part.encoding)
    model = BlendedSurrogate(part.encoding, features)
    surrogate: Surrogate = model.featured
    # The first term is that of choices, whose effects add up.
    first, *others = (_scaled(term, change.amplitudes) for term in surrogate.kernel.terms)
    terms = (_scaled(first, change.choices), *others)
    surrogate.kernel = Kernel(terms, _times(surrogate.kernel.noise, change.noise))
    return model


def _scaled(term: Linear | Matern, factor: float) -> Linear | Matern:
    return replace(term, amplitude=_times(term.amplitude, factor))


def _times(prior: Prior, factor: float) -> Prior:
    return Prior(prior.median * factor, prior.spread)


@dataclass(frozen=True, slots=True)
class _Search:
    """What nets are expected to be worth, after some were tried.

    Attributes:
        order: a random one, whose first quarter are typical nets.
    """

    part: Part
    change: Change
    order: Indices
    model: BlendedSurrogate | Surrogate

    def gains(self, tried: list[int]) -> Array:
        """By how much each net is expected to enlarge the area."""
        if self.change.by_truth:
            return self._true_gains(tried)
        rows, change = self.part.rows, self.change
        learned = [*self.order[len(self.order) - change.known :], *tried]
        scores = self.part.seen[learned]
        belief = self.model.learn(rows.values[learned], warped(scores))
        means, deviations = belief.predict(rows.values)
        is_all = change.counts_all(len(tried)) and not change.reference
        worst = self._worst(means, scores, is_all)
        reference = (worst, self.part.reference[1] * BEYOND)
        stairs = Staircase.of(means[tried], rows.macs[tried], reference)
        is_unwarped = change.unwarped and not is_all
        improvement = improvement_unwarped if is_unwarped else expected_improvement
        return stairs.expected_gain(means, deviations, rows.macs, improvement)

    def _worst(self, means: Array, scores: Array, is_all: bool) -> float:
        """The accuracy from which the area counts, as the model sees it."""
        if self.change.reference:
            judged = np.append(np.repeat(scores, _MANY), self.part.reference[0])
            return float(warped(judged)[-1])
        cheap = np.argsort(self.part.rows.macs, kind="stable")[:_CHEAP]
        asked = means[cheap if is_all else self.order[: len(self.order) // 4]]
        bound = {} if self.change.bounded else {"deepest": -np.inf}
        return reference_accuracy(asked, is_all, **bound)

    def _true_gains(self, tried: list[int]) -> Array:
        part, macs = self.part, self.part.rows.macs
        stairs = Staircase.of(part.truth[tried], macs[tried], part.reference)
        return stairs.expected_gain(part.truth, np.full(len(macs), 1e-9), macs)


def compared(parts: Sequence[Part], changes: Sequence[Change], trials: int) -> Iterator[str]:
    """Lines of Markdown: means, and differences from the first change, part by part."""
    yield line(("changed", "searches", f"share after {trials}", "difference"))
    yield "|---|---|---|---|"
    base = np.zeros(len(parts))
    for change in changes:
        shares = np.array([part.share(searched(part, change, trials)) for part in parts])
        base = shares if change is changes[0] else base
        away = shares - base
        error = away.std(ddof=1) / np.sqrt(len(away))
        told = "" if change is changes[0] else f"{away.mean():+.4f} ± {error:.4f}"
        yield line((change.title, str(len(shares)), f"{shares.mean():.4f}", told))
