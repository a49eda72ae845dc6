"""How fast do samplers find the front of a table of trained nets? No net is trained for it.

    python -m scripts.benchmark_samplers nasbench_macro nets.csv --budget 9e7 --reference 80

The table has the columns ``arch``, a digit for each lever of the space, an accuracy that the search
sees, one that it is judged by, and macs (``flops`` in NAS-Bench-Macro). Nets that share a
``canonical_arch`` are the same function. The measure is the hypervolume of what was evaluated over
that of the whole table, from the reference accuracy and the budget. With --scores, training-free
scores of nets by ``arch`` are shown to samplers, and what is not scored is no part of the table.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from explorer.budget import Budget
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.search.ehvi import Staircase
from explorer.search.known_cost import KnownCostSampler
from explorer.search.samplers import SAMPLERS, make_sampler
from explorer.search.screen import Screen
from explorer.space import Candidate, Space
from explorer.space.library import find_text

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Nets and what is known of them, by their canonical name.

    Attributes:
        canonical: the name of the function that an arch is.
        seen: accuracies that a search sees.
        truth: those that it is judged by.
        macs: of each net.
        scores: training-free scores of each net; empty where none are used.
    """

    canonical: Mapping[str, str]
    seen: Mapping[str, float]
    truth: Mapping[str, float]
    macs: Mapping[str, float]
    scores: Mapping[str, Mapping[str, float]]

    def hypervolume(self, names: Sequence[str], reference: tuple[float, float]) -> float:
        truth = np.array([self.truth[name] for name in names])
        macs = np.array([self.macs[name] for name in names])
        return Staircase.of(truth, macs, reference).area


def read(arguments: argparse.Namespace) -> Table:
    """The table, of scored nets alone where there are scores."""
    with arguments.table.open(newline="", encoding="utf-8") as file:
        rows = {row["arch"]: row for row in csv.DictReader(file)}
    canonical = {arch: row.get("canonical_arch") or arch for arch, row in rows.items()}
    scores: dict[str, dict[str, float]] = {}
    if arguments.scores:
        with arguments.scores.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                values = {name: float(row[name]) for name in arguments.names if row[name]}
                scores[canonical[row["arch"]]] = values
    kept = [name for name in dict.fromkeys(canonical.values()) if not scores or name in scores]
    columns = (arguments.seen, arguments.truth, arguments.macs)
    seen, truth, macs = ({name: float(rows[name][c]) for name in kept} for c in columns)
    return Table(canonical, seen, truth, macs, scores)


@dataclass
class Search:
    """One search of a table by one sampler."""

    table: Table
    space: Space
    budget: Budget
    name: str
    seed: int
    shortlist: int | None = None

    def __post_init__(self) -> None:
        screen = Screen(self.free) if self.table.scores else None
        self.sampler = make_sampler(self.name, self.space, self.budget, self.seed, screen=screen)
        # A net that is not in the table is passed over, as one that turns out too slow is.
        self.sampler.is_fast = self.is_known  # type: ignore[method-assign]
        if self.shortlist and isinstance(self.sampler, KnownCostSampler):
            self.sampler.shortlist = self.shortlist
        self.trials: list[FrozenTrial] = []

    def is_known(self, candidate: Candidate) -> bool:
        return self.arch(candidate) in self.table.seen

    def arch(self, candidate: Candidate) -> str:
        choices = self.space.choices.items()
        digits = (choice.values.index(candidate.assignment[path]) for path, choice in choices)
        return self.table.canonical["".join(map(str, digits))]

    def free(self, candidate: Candidate) -> Mapping[str, float]:
        return self.table.scores.get(self.arch(candidate), {})

    def run(self, evaluations: int) -> list[str]:
        """The names of the nets that were evaluated, in that order."""
        found: list[str] = []
        for _ in range(evaluations):
            candidate = self.sampler.candidate(len(self.trials), self.trials)
            found.append(self.arch(candidate))
            self.trials.append(self.trial(candidate, self.table.seen[found[-1]]))
        return found

    def trial(self, candidate: Candidate, accuracy: float) -> FrozenTrial:
        """A finished trial as a study keeps it."""
        cost = count(candidate.graph)
        attributes: dict[str, Any] = {
            "assignment": candidate.written(),
            "fingerprint": fingerprint(candidate.graph),
            "curve": [accuracy],
            "free": dict(self.free(candidate)),
            **cost._asdict(),
        }
        number = len(self.trials)
        return FrozenTrial(
            number, TrialState.COMPLETE, None, None, None, {}, {}, attributes, {}, {}, number,
            values=[accuracy, cost.macs],
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("space", help="a space whose levers an arch has a digit for")
    add("table", type=Path, metavar="NETS.csv")
    add("--budget", type=float, required=True, help="macs, which are the reference as well")
    add("--reference", type=float, required=True, help="accuracy, in the unit of the table")
    add("--samplers", nargs="+", choices=SAMPLERS, default=list(SAMPLERS))
    add("--seeds", type=int, default=8)
    add("--first", type=int, default=0, help="the first seed")
    add("--at", type=int, nargs="+", default=[20, 50, 100], help="evaluations")
    add("--seen", default="acc_run1")
    add("--truth", default="mean_acc")
    add("--macs", default="flops")
    add("--scores", type=Path, metavar="SCORES.csv")
    add("--names", nargs="+", default=["swap", "naswot", "expressivity"], help="of the scores")
    add("--shortlist", type=int, help="nets of which scores are looked at, for one trial")
    add("-o", "--output", type=Path, help="a line of JSON for each search is added to it")
    arguments = parser.parse_args()
    table, space = read(arguments), find_text(arguments.space, "space").space()
    budget = Budget({"macs": int(arguments.budget)})
    reference = (arguments.reference, arguments.budget)
    best = table.hypervolume(list(table.seen), reference)
    for name in arguments.samplers:
        results: list[list[float]] = []
        begun = time.process_time()
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            search = Search(table, space, budget, name, seed, arguments.shortlist)
            nets = search.run(max(arguments.at))
            shares = [table.hypervolume(nets[:at], reference) / best for at in arguments.at]
            results.append(shares)
            if arguments.output:
                line = {"sampler": name, "seed": seed, "at": arguments.at, "shares": shares}
                with arguments.output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
        spent = (time.process_time() - begun) / len(results) / max(arguments.at)
        means = np.mean(results, axis=0)
        errors = np.std(results, axis=0, ddof=min(1, len(results) - 1)) / len(results) ** 0.5
        cells = [f"{m:.3f} ± {e:.3f}" for m, e in zip(means, errors, strict=True)]
        print(f"| {name} | {' | '.join(cells)} | {spent:.3f} s a trial |", flush=True)


if __name__ == "__main__":
    main()
