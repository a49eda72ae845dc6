r"""What keeps a search with features from the true front? Many searches over parts of a table.

    python -m scripts.search_limits nasbench_macro nets.csv --scores scores.csv \
        --budget 9e7 --reference 80

Every part, a random half unless --share says otherwise, is a table of its own, with a front of its
own, and is searched once with each column of --seen as scores, so that what is found is not the
luck of one table. With --redrawn the scores are those columns' mean with so much noise, another for
each part, that they are as noisy as one of the columns, and a search begins with the space's
default net, as the sampler does. A search is that of the sampler ``known_cost`` over a listed pool
(:mod:`scripts.replay`). Changes are made one at a time, and compared on the same parts and scores.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.budget import parse_budget
from explorer.cost.batch import decode
from explorer.errors import ExplorerError
from explorer.search.model.features import Features
from explorer.search.samplers.ground import Ground
from explorer.search.samplers.known_cost import KnownCostSampler
from explorer.space import bind
from explorer.space.library import find_text
from scripts.benchmark_table import SCORES, arch_of, features, table
from scripts.lines import in_a_line
from scripts.replay import AS_IS, Array, Change, Part, compared

_FEWEST = 4  # nets of a part, of which a quarter is typical
_ALIKE = 101  # nets alike in score, among which noise is taken to be of one size

CHANGES = (
    AS_IS,
    Change("the truth decides: always the net that enlarges the front most", by_truth=True),
    Change("the model knows the scores of 300 other random nets", known=300),
    Change("the model knows those of 100", known=100),
    Change("there are no features", plain=True),
    Change("the features are those of other nets", shuffled=True),
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


class Whole(NamedTuple):
    """A table of which parts are taken, each function once.

    Attributes:
        nets: which rows of the ground's pool they are.
        names: canonical ones.
        columns: what searches may see, columns x nets.
    """

    ground: Ground
    nets: NDArray[np.int_]
    names: list[str]
    columns: Array
    truth: Array
    reference: tuple[float, float]

    def part(self, number: int, chosen: NDArray[np.int_], seen: Array) -> Part:
        """Some of the nets, by their places in the table."""
        ground, truth = self.ground, self.truth[chosen]
        rows = ground.spread.of(self.nets[chosen])
        return Part(ground.encoding, rows, seen[chosen], truth, self.reference, number)

    def default(self) -> int:
        """The place of the space's default net.

        Raises:
            ExplorerError: it does not fit the budget.
        """
        arch = arch_of(self.ground.space, bind(self.ground.space).assignment)
        name = table().canonical(arch)
        if name not in self.names:
            raise ExplorerError("--redrawn: the space's default net is over the budget")
        return self.names.index(name)


def whole(ground: Ground, arguments: argparse.Namespace) -> Whole:
    """The table within the budget, each function once.

    Raises:
        ExplorerError: a column is not there, or parts of it would be too small.
    """
    space = ground.space
    archs = [arch_of(space, decode(space, codes)) for codes in ground.spread.codes.T]
    found, nets = np.unique([table().canonical(arch) for arch in archs], return_index=True)
    names = [str(name) for name in found]
    macs = parse_budget(arguments.budget).macs
    assert macs is not None  # which was looked at before
    _look_at(arguments, names)
    columns = np.array([[table().number(n, column) for n in names] for column in arguments.seen])
    truth = np.array([table().number(name, arguments.truth) for name in names])
    return Whole(ground, nets, names, columns, truth, (arguments.reference, float(macs)))


def _look_at(arguments: argparse.Namespace, names: list[str]) -> None:
    """Refuses columns that the table does not have, and parts of too few of these nets."""
    there = table().rows[names[0]]
    for option, given in (("--seen", arguments.seen), ("--truth", [arguments.truth])):
        for column in given:
            if column not in there:
                raise ExplorerError(
                    f"{option}: no column is called '{column}'; there are: {', '.join(there)}"
                )
    size, fewest = int(arguments.share * len(names)), max(arguments.trials, _FEWEST)
    if size < fewest:
        raise ExplorerError(
            f"--share: a part would have {size} of {len(names)} nets; at least {fewest} are needed"
        )


def parts(every: Whole, arguments: argparse.Namespace) -> Iterator[Part]:
    """Parts of the table, each with every column of scores, or with redrawn ones."""
    count = len(every.names)
    for number in range(arguments.parts):
        rng = np.random.default_rng(number)
        chosen = rng.permutation(count)[: int(arguments.share * count)]
        if not arguments.redrawn:
            for seen in every.columns:
                yield every.part(number, chosen, seen)
            continue
        default = every.default()
        chosen = np.append(default, chosen[chosen != default])
        yield every.part(number, chosen, redrawn(every.columns, rng))._replace(first=0)


def redrawn(columns: Array, rng: np.random.Generator) -> Array:
    """The mean of columns with so much noise that it is as noisy as one of them.

    The mean keeps a part of their noise, 1/columns of its variance, and the rest is added, by how
    columns differ among nets alike in their mean. So of two columns half of the noise is the same
    whatever is drawn.

    Args:
        columns: scores of the same nets, columns x nets; at least two.
        rng: of the noise.
    """
    means = columns.mean(axis=0)
    order = np.argsort(means, kind="stable")
    window = np.ones(min(_ALIKE, len(means)))
    inside = np.convolve(np.ones(len(means)), window, "same")
    variances = np.convolve(columns.var(axis=0, ddof=1)[order], window, "same") / inside
    noise = np.empty(len(means))
    noise[order] = np.sqrt(variances / len(columns))
    return np.asarray(means + noise * rng.normal(size=len(means)))


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
    add("--parts", type=int, default=24)
    add("--share", type=float, default=0.5, help="of the nets, in a part")
    add("--redrawn", action="store_true", help="scores with noise of their own, in every part")
    add("--only", nargs="+", default=[""], metavar="WORDS", help="parts of titles of changes")
    add("--trials", type=int, default=20)
    arguments = parser.parse_args()
    if arguments.parts < 1 or arguments.trials < 2:
        parser.error("--parts is at least 1, and --trials at least 2")
    if not 0 < arguments.share <= 1:
        parser.error("--share is above 0 and at most 1")
    if arguments.redrawn and len(arguments.seen) < 2:
        parser.error("--redrawn needs two columns of --seen, to know how far they differ")
    if arguments.parts * (1 if arguments.redrawn else len(arguments.seen)) < 2:
        parser.error("one search has no standard error: give more --parts or columns of --seen")
    for path in (arguments.table, arguments.scores):
        if not path.is_file():
            parser.error(f"{path}: there is no such file")
    with in_a_line():
        _print(arguments)


def _print(arguments: argparse.Namespace) -> None:
    changes = changes_with(arguments.only)  # before minutes are spent on others
    budget = parse_budget(arguments.budget)
    if budget.macs is None:
        raise ExplorerError(f"--budget: bounds no macs, got {arguments.budget}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["BENCHMARK_TABLE"] = str(arguments.table.resolve())
    os.environ["BENCHMARK_SCORES"] = str(arguments.scores.resolve())
    os.environ["BENCHMARK_FEATURES"] = ",".join(SCORES)
    space = find_text(arguments.space, "space").space()
    sampler = KnownCostSampler(space, budget, 0, features=Features(space, features))
    searches = list(parts(whole(sampler.ground, arguments), arguments))
    for text in compared(searches, changes, arguments.trials):
        print(text, flush=True)


if __name__ == "__main__":
    main()
