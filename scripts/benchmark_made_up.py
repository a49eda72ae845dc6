r"""How do samplers do where scores are not as they expect? On made-up scores of shipped spaces.

    python -m scripts.benchmark_made_up runs.jsonl --spaces mbconv:3e8 resnext:4e9 --seeds 4
    python -m scripts.benchmark_made_up runs.jsonl --report --draw made_up.svg

The scores are those of :mod:`scripts.made_up`, another landscape for every seed. Each search goes
the way of ``explorer search --score``, as in :mod:`scripts.benchmark_samplers`; a search is a line
of the output, and what is there already is not searched again. The measure is the area under the
front of what was tried, by scores without noise and above what a tenth of random nets (of those
that work) do not reach, over that of a front which many generations of relatives found for whom the
scores were known.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from explorer.budget import Codes
from explorer.cli.options import from_zero, positive
from explorer.cost.batch import encode
from explorer.errors import ExplorerError
from explorer.report.look import save as save_figure
from explorer.search.model.ehvi import Staircase
from explorer.search.samplers.known_cost import KnownCostSampler
from scripts.benchmark_samplers import Question, by_worker, sampler_name
from scripts.curves import figure_path, panels
from scripts.lines import append_json, in_a_line, read_json
from scripts.made_up import KINDS, Array, Landscape, landscape
from scripts.tables import line

SPACES = (("resnext", "4e9"), ("mbconv", "3e8"), ("inception", "1.5e9"))
_LOW = 0.1  # of random nets that work, who do not reach the reference score
_GENERATIONS, _CHILDREN, _NEAR = 60, 2_048, 4


@dataclass(frozen=True)
class Judge:
    """Measures what was found on a landscape."""

    made: Landscape

    @cached_property
    def reference(self) -> tuple[float, float]:
        """The score and the macs from which areas are measured."""
        truth = self.made.truth(self.made.typical)
        works = truth[~self.made.fails(self.made.typical)]
        return float(np.quantile(works, _LOW)), float(self.made.budget.limits["macs"])

    @cached_property
    def best(self) -> float:
        """The area of the best front that is known; of a small space, of the true one."""
        sampler = KnownCostSampler(self.made.space, self.made.budget, self.made.seed)
        pool, rng = sampler.ground.pool, np.random.default_rng(self.made.seed)
        front = self._front(pool.spread)
        for _ in range(0 if pool.is_whole else _GENERATIONS):
            relatives = [
                pool.mutants(front, _CHILDREN, rng),
                pool.children(front, _CHILDREN, rng),
                pool.neighbours(front, _NEAR, rng),
            ]
            front = self._front(np.concatenate([front, *relatives], axis=1))
        return self.area(front)

    def area(self, codes: Codes) -> float:
        """Under the front of assignments, choices x nets."""
        return Staircase.of(self.made.truth(codes), self.macs(codes), self.reference).area

    def shares(self, codes: Codes) -> list[float]:
        """Of the best area, what the first, the first two ... nets have."""
        ends = range(1, codes.shape[1] + 1)
        return [round(self.area(codes[:, :end]) / self.best, 4) for end in ends]

    def macs(self, codes: Codes) -> Array:
        """Multiply-adds of assignments, choices x nets."""
        return self.made.feasible.counter.count(codes, ("macs",))["macs"].astype(float)

    def _front(self, codes: Codes) -> Codes:
        """Those than which no other is cheaper and as good."""
        truth, macs = self.made.truth(codes), self.macs(codes)
        order = np.lexsort((-truth, macs))
        best = np.maximum.accumulate(np.append(-np.inf, truth[order]))
        return codes[:, order[np.diff(best) > 0]]


@dataclass(frozen=True, slots=True)
class Run:
    """One search, and which scores it is told."""

    space: str
    budget: str
    kind: str
    seed: int
    sampler: str
    trials: int

    def searched(self, judge: Judge) -> dict[str, Any]:
        """A line of what it found."""
        os.environ |= {
            "MADE_UP": self.kind, "MADE_UP_SEED": str(self.seed), "MADE_UP_BUDGET": self.budget
        }  # fmt: skip
        question = Question(
            self.space, self.budget, self.sampler, self.seed, self.trials, "scripts.made_up"
        )
        with tempfile.TemporaryDirectory() as folder:
            answer = by_worker(question, Path(folder, "made_up"))
        if not answer.trials:
            raise ExplorerError(f"{self.space}, {self.kind}, seed {self.seed}: no net was scored")
        codes = encode(judge.made.space, [trial.assignment for trial in answer.trials])
        return asdict(self) | {"shares": judge.shares(codes), "seconds": answer.seconds}


def read(path: Path) -> dict[Run, list[float]]:
    """The searches of a file, and their shares.

    Raises:
        ExplorerError: a line is none.
    """
    names = Run.__dataclass_fields__
    try:
        return {Run(**{n: each[n] for n in names}): each["shares"] for each in read_json(path)}
    except (KeyError, TypeError):
        raise ExplorerError(f"{path}: holds a line that is no search of this kind") from None


def wanted(arguments: argparse.Namespace) -> Iterator[tuple[Judge, list[Run]]]:
    """The searches of each landscape that are missing, seed by seed."""
    known = read(arguments.runs)
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for name, budget in arguments.spaces:
            for kind in arguments.kinds:
                runs = [
                    Run(name, budget, kind, seed, sampler, arguments.trials)
                    for sampler in arguments.samplers
                ]
                if left := [run for run in runs if run not in known]:
                    yield Judge(landscape(name, budget, kind, seed)), left


def report(known: dict[Run, list[float]], ends: Sequence[int]) -> Iterator[str]:
    """Lines of Markdown for every number of trials: by kind, by space, and of all landscapes."""
    samplers = _samplers(known)
    first, *others = samplers
    for end in ends:
        titles = [f"after {end}", "landscapes", *samplers]
        yield line([*titles, *(f"{first} - {name}" for name in others)])
        yield "|" + "---|" * (len(titles) + len(others))
        every = _landscapes(known, samplers, end)
        for title, found in _groups(every):
            if len(found) > 1:
                yield line([title, str(len(found)), *_cells(np.array(found))])
        for place, name in enumerate(others, start=1):
            ahead = sum(shares[0] > shares[place] for shares in every.values())
            yield f"\n{first} is ahead of {name} on {ahead} of {len(every)} landscapes"
        yield ""


class Place(NamedTuple):
    """A landscape, and how long it was searched."""

    space: str
    kind: str
    seed: int
    budget: str
    trials: int


def _landscapes(
    known: dict[Run, list[float]], samplers: Sequence[str], end: int
) -> dict[Place, list[float]]:
    """Shares after so many trials, of the landscapes that all samplers searched for as long."""
    found: dict[Place, dict[str, float]] = {}
    for run, shares in known.items():
        if run.trials >= end:  # of fewer shares, nothing new was left
            place = Place(run.space, run.kind, run.seed, run.budget, run.trials)
            found.setdefault(place, {})[run.sampler] = shares[min(end, len(shares)) - 1]
    return {
        place: [reached[sampler] for sampler in samplers]
        for place, reached in found.items()
        if len(reached) == len(samplers)
    }


def _groups(found: dict[Place, list[float]]) -> Iterator[tuple[str, list[list[float]]]]:
    """The same by kind, by space, and all of them."""
    for kind in dict.fromkeys(place.kind for place in found):
        yield kind, [shares for place, shares in found.items() if place.kind == kind]
    for space in dict.fromkeys(place.space for place in found):
        yield f"`{space}`", [shares for place, shares in found.items() if place.space == space]
    yield "all", list(found.values())


def picture(known: dict[Run, list[float]]) -> Figure:
    """Mean shares after every trial, a panel for each kind.

    Raises:
        ExplorerError: there is no landscape that all samplers have searched.
    """
    samplers, ends = _samplers(known), np.arange(1, min(run.trials for run in known) + 1)
    found: dict[str, dict[str, list[Array]]] = {}
    by_end = [_landscapes(known, samplers, int(end)) for end in ends]
    if not by_end[0]:
        raise ExplorerError(f"there is no landscape that {', '.join(samplers)} all have searched")
    for place in by_end[0]:
        columns = np.array([every[place] for every in by_end]).T
        for sampler, column in zip(samplers, columns, strict=True):
            found.setdefault(place.kind, {}).setdefault(sampler, []).append(column)
    return panels(found, ends, "nets tried", "share of the best area")


def _samplers(known: dict[Run, list[float]]) -> list[str]:
    return list(dict.fromkeys(run.sampler for run in known))


def _cells(found: Array) -> list[str]:
    """Means, and by how much the first sampler leads, with the standard error over landscapes."""
    leads = found[:, :1] - found[:, 1:]
    errors = leads.std(axis=0, ddof=1) / np.sqrt(len(leads))
    told = [f"{m:+.3f} ± {e:.3f}" for m, e in zip(leads.mean(axis=0), errors, strict=True)]
    return [*(f"{mean:.3f}" for mean in found.mean(axis=0)), *told]


def _space(text: str) -> tuple[str, str]:
    name, _, budget = text.partition(":")
    if not (name and budget):
        raise argparse.ArgumentTypeError(f"write SPACE:BUDGET, as in mbconv:3e8, got '{text}'")
    return name, budget


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("runs", type=Path, metavar="RUNS.jsonl")
    add("--spaces", nargs="+", type=_space, default=SPACES, metavar="SPACE:BUDGET")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    samplers = ["known_cost", "tpe", "random"]
    add("--samplers", nargs="+", type=sampler_name, default=samplers)
    add("--seeds", type=positive, default=3)
    add("--first", type=from_zero, default=0, help="the first seed")
    add("--trials", type=positive, default=40)
    add("--report", action="store_true", help="only say what is there")
    add("--draw", type=figure_path, metavar="FILE.svg", help="write a figure as well")
    add("--at", type=positive, nargs="+", default=[20, 40], help="trials")
    arguments = parser.parse_args()
    if not arguments.runs.parent.is_dir():
        parser.error(f"there is no folder {arguments.runs.parent}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with in_a_line():
        if not arguments.report:
            _search(arguments)
        known = read(arguments.runs)
        if not known:
            sys.exit(f"{arguments.runs}: holds no searches")
        if arguments.draw:
            save_figure(picture(known), arguments.draw)
        print("\n".join(report(known, arguments.at)))


def _search(arguments: argparse.Namespace) -> None:
    for judge, runs in wanted(arguments):
        for run in runs:
            found = run.searched(judge)
            append_json(arguments.runs, found)
            print(run.space, run.kind, run.seed, run.sampler, found["shares"][-1], flush=True)


if __name__ == "__main__":
    main()
