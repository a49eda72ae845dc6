r"""What keeps a search with features from the true front? Searches over random halves of a table.

    python -m scripts.search_limits nasbench_macro nets.csv --scores scores.csv \
        --budget 9e7 --reference 80

Every half is a table of its own, with a front of its own, and is searched once with each column of
--seen as scores, so that what is found is not the luck of one table. A search is that of the
sampler ``known_cost`` over a listed pool: the model, and what it expects to enlarge the front, are
the sampler's own. Changes are made one at a time, and compared on the same halves and columns.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.budget import parse_budget
from explorer.cost.batch import decode
from explorer.errors import ExplorerError
from explorer.search.blend import BlendedSurrogate
from explorer.search.ehvi import Staircase, expected_improvement
from explorer.search.encoding import Rows
from explorer.search.features import Features
from explorer.search.gp import Kernel
from explorer.search.ground import Ground
from explorer.search.known_cost import (
    BEYOND,
    KnownCostSampler,
    counts_all,
    reference_accuracy,
)
from explorer.search.surrogate import Surrogate
from explorer.search.terms import Linear, Matern, Prior
from explorer.search.warp import improvement_unwarped, warped
from explorer.space.library import find_text
from scripts.benchmark_table import SCORES, arch_of, features, table
from scripts.lines import in_a_line
from scripts.tables import line

Array = NDArray[np.float64]

_MANY = 99  # times every score is repeated, so that one more moves neither median nor spread
_CHEAP = 64  # nets, among which the worst is looked for, as in the sampler's ground


@dataclass(frozen=True, slots=True)
class Change:
    """How a search differs from the sampler's.

    Attributes:
        title: in the table.
        by_truth: the truth decides, not the model.
        known: scores of so many other nets are known beforehand.
        reference: the area counts from the judge's reference accuracy.
        counts_all: in which trials the area counts from the worst net.
        bounded: the area counts from no expected disaster.
        unwarped: the area counts in the unit of the scores, not in the model's.
        best_first: trial 0 is the net of the best features, not a random one.
        amplitudes: factor on the amplitudes of what features leave to explain.
        choices: factor on the amplitude of the effects of choices that add up.
        noise: factor on the noise that is expected.
    """

    title: str
    by_truth: bool = False
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
CHANGES = (
    AS_IS,
    Change("the truth decides: always the net that enlarges the front most", by_truth=True),
    Change("the model knows the scores of 300 other random nets", known=300),
    Change("the model knows those of 100", known=100),
    Change("the area counts from the point that is judged by", reference=True),
    Change("the area counts in the unit of the model", unwarped=False),
    Change("the area counts from wherever the worst 1 % are expected", bounded=False),
    Change("no trial counts the area from the worst net", counts_all=lambda number: False),
    Change(
        "every fourth trial counts it from the worst net, from the first on",
        counts_all=lambda number: number % 4 == 0,
    ),
    Change("trial 0 is the net of the best features", best_first=True),
    Change("half of the amplitudes", amplitudes=0.5),
    Change("twice the amplitudes", amplitudes=2),
    Change("three times the amplitude of effects of choices that add up", choices=3),
    Change("twice the noise", noise=2),
    Change("four times the noise", noise=4),
)


class Half(NamedTuple):
    """A part of a table, as a table of its own.

    Attributes:
        rows: its nets as the model sees them, each function once.
        seen: the scores that the search sees.
        truth: those that it is judged by.
        reference: an accuracy and macs, from which areas are measured.
        seed: of what is random in a search of it.
    """

    rows: Rows
    seen: Array
    truth: Array
    reference: tuple[float, float]
    seed: int

    def area(self, nets: list[int]) -> float:
        """The share of the half's own area that some of its nets have."""
        whole = Staircase.of(self.truth, self.rows.macs, self.reference).area
        found = Staircase.of(self.truth[nets], self.rows.macs[nets], self.reference).area
        return found / whole


def search(half: Half, model: BlendedSurrogate, change: Change, trials: int) -> float:
    """The share of the area that one search has found in the end."""
    order = np.random.default_rng([half.seed, 1]).permutation(len(half.truth))
    typical, others = order[: len(order) // 4], order[len(order) - change.known :]
    trend = model.featured.trend(half.rows.values)
    tried = [int(np.argmax(trend)) if change.best_first else int(order[0])]
    for number in range(1, trials):
        if change.by_truth:
            gains = _true_gains(half, tried)
        else:
            is_all = change.counts_all(number)
            gains = _gains(half, model, change, tried, others, None if is_all else typical)
        gains[tried] = -np.inf
        tried.append(int(np.argmax(gains)))
    return half.area(tried)


def _true_gains(half: Half, tried: list[int]) -> Array:
    macs = half.rows.macs
    stairs = Staircase.of(half.truth[tried], macs[tried], half.reference)
    return stairs.expected_gain(half.truth, np.full(len(macs), 1e-9), macs)


def _gains(
    half: Half,
    model: BlendedSurrogate,
    change: Change,
    tried: list[int],
    others: NDArray[np.int_],
    typical: NDArray[np.int_] | None,
) -> Array:
    """What the model expects; without typical nets the area counts from the worst cheap one."""
    rows, learned = half.rows, [*others, *tried]
    scores = half.seen[learned]
    belief = model.learn(rows.values[learned], warped(scores))
    means, deviations = belief.predict(rows.values)
    if change.reference:
        worst = float(warped(np.append(np.repeat(scores, _MANY), half.reference[0]))[-1])
    else:
        cheap = np.argsort(rows.macs, kind="stable")[:_CHEAP]
        asked = means[cheap if typical is None else typical]
        bound = {} if change.bounded else {"deepest": -np.inf}
        worst = reference_accuracy(asked, typical is None, **bound)
    stairs = Staircase.of(means[tried], rows.macs[tried], (worst, half.reference[1] * BEYOND))
    is_unwarped = change.unwarped and (change.reference or typical is not None)
    improvement = improvement_unwarped if is_unwarped else expected_improvement
    return stairs.expected_gain(means, deviations, rows.macs, improvement)


def modelled(ground: Ground, change: Change) -> BlendedSurrogate:
    """The sampler's model, with other priors where the change has them."""
    model = BlendedSurrogate(ground.encoding, ground.features)
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


def halves(ground: Ground, arguments: argparse.Namespace) -> Iterator[Half]:
    """Halves of the table, each with every column of scores."""
    space = ground.space
    archs = [arch_of(space, decode(space, codes)) for codes in ground.spread.codes.T]
    names = np.array([table().canonical(arch) for arch in archs])
    _, nets = np.unique(names, return_index=True)
    macs = parse_budget(arguments.budget).macs
    assert macs is not None  # which was looked at before
    reference = (arguments.reference, float(macs))
    for number in range(arguments.halves):
        chosen = np.random.default_rng(number).permutation(nets)[: len(nets) // 2]
        truth = np.array([table().number(name, arguments.truth) for name in names[chosen]])
        for column in arguments.seen:
            seen = np.array([table().number(name, column) for name in names[chosen]])
            yield Half(ground.spread.of(chosen), seen, truth, reference, number)


def changes_with(words: list[str]) -> list[Change]:
    """The changes whose titles hold one of some words, behind the search as it is.

    Raises:
        ExplorerError: no title holds one of the words.
    """
    for word in words:
        if not any(word in change.title for change in CHANGES[1:]):
            titles = "; ".join(change.title for change in CHANGES[1:])
            raise ExplorerError(f"--only: no change is called '{word}'; there are: {titles}")
    return [AS_IS] + [c for c in CHANGES[1:] if any(word in c.title for word in words)]


def report(ground: Ground, arguments: argparse.Namespace) -> Iterator[str]:
    """Lines of Markdown: means, and differences from the search as it is, by half and column."""
    yield line(("changed", "searches", f"share after {arguments.trials}", "difference"))
    yield "|---|---|---|---|"
    parts = list(halves(ground, arguments))
    base = np.zeros(len(parts))
    for change in changes_with(arguments.only):
        searches = (search(h, modelled(ground, change), change, arguments.trials) for h in parts)
        shares = np.fromiter(searches, float)
        base = shares if change is AS_IS else base
        away = shares - base
        error = away.std(ddof=1) / np.sqrt(len(away))
        told = "" if change is AS_IS else f"{away.mean():+.4f} ± {error:.4f}"
        yield line((change.title, str(len(shares)), f"{shares.mean():.4f}", told))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("space", help="a space whose levers an arch has a digit for; all of it is the pool")
    add("table", type=Path, metavar="NETS.csv")
    add("--scores", type=Path, required=True, metavar="SCORES.csv", help="features, by arch")
    add("--budget", required=True, help="macs, which are the reference as well")
    add("--reference", type=float, required=True, help="accuracy, in the unit of the table")
    add("--seen", nargs="+", default=["acc_run2", "acc_run3"], help="what searches see")
    add("--truth", default="mean_acc", help="what they are judged by")
    add("--halves", type=int, default=24)
    add("--only", nargs="+", default=[""], metavar="WORDS", help="parts of titles of changes")
    add("--trials", type=int, default=20)
    arguments = parser.parse_args()
    if arguments.halves < 1 or arguments.trials < 2:
        parser.error("--halves is at least 1, and --trials at least 2")
    for path in (arguments.table, arguments.scores):
        if not path.is_file():
            parser.error(f"{path}: there is no such file")
    with in_a_line():
        _print(arguments)


def _print(arguments: argparse.Namespace) -> None:
    changes_with(arguments.only)  # before minutes are spent on others
    budget = parse_budget(arguments.budget)
    if budget.macs is None:
        raise ExplorerError(f"--budget: bounds no macs, got {arguments.budget}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["BENCHMARK_TABLE"] = str(arguments.table.resolve())
    os.environ["BENCHMARK_SCORES"] = str(arguments.scores.resolve())
    os.environ["BENCHMARK_FEATURES"] = ",".join(SCORES)
    space = find_text(arguments.space, "space").space()
    sampler = KnownCostSampler(space, budget, 0, features=Features(space, features))
    for text in report(sampler.ground, arguments):
        print(text, flush=True)


if __name__ == "__main__":
    main()
