r"""How fast do samplers find the front of a table of trained nets? No net is trained for it.

    python -m scripts.benchmark_samplers nasbench_macro nets.csv --budget 9e7 --reference 80 \
        --scores scores.csv --samplers known_cost known_cost+features random -o runs.jsonl
    python -m scripts.benchmark_report runs.jsonl

Each search goes the way of ``explorer search --score``: a study in a folder, and the worker's own
loop, in this process; with ``--through command`` the command itself, in a process of its own. The
table is described in :mod:`scripts.benchmark_table`. A search is a line of the output; what is
there already is not searched again. The measure is the hypervolume of what was evaluated over that
of the whole table, from the reference accuracy and the budget, by accuracies that the search did
not see.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.budget import parse_budget
from explorer.score import Protocol
from explorer.search import Orders, Settings, create_study, load_study
from explorer.search.model.ehvi import Staircase
from explorer.search.records import Trial
from explorer.search.samplers.named import SAMPLERS
from explorer.search.workers.worker import Worker
from explorer.space.library import find_text
from scripts.benchmark_table import SCORES, Table, arch_of
from scripts.lines import append_json, read_json

_ROOT = Path(__file__).resolve().parent.parent
_WITH = "+features"


@dataclass(frozen=True, slots=True)
class Question:
    """One search: a sampler, with ``+features`` where it may look at features, and a seed.

    Attributes:
        module: whose functions ``score`` and ``features`` are asked.
    """

    space: str
    budget: str
    sampler: str
    seed: int
    trials: int
    module: str = "scripts.benchmark_table"

    @property
    def name(self) -> str:
        return self.sampler.removesuffix(_WITH)

    @property
    def score(self) -> str:
        return f"{self.module}:score"

    @property
    def features(self) -> str:
        looks = self.sampler.endswith(_WITH) or self.name == "screening"
        return f"{self.module}:features" if looks else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search evaluated, in that order, and the CPU seconds of each proposal."""

    trials: Sequence[Trial]
    seconds: float | None = None


def by_worker(question: Question, folder: Path) -> Answer:
    """A search by the worker's loop in this process."""
    settings = Settings(
        text=find_text(question.space, "space").alone(),
        budget=parse_budget(question.budget),
        protocol=Protocol(),  # not looked at
        data_fingerprint="",
        sampler=question.name,
        seed=question.seed,
        score=question.score,
        features=question.features,
    )
    create_study(folder, settings, command=" ".join(sys.argv))
    worker = Worker.open(Orders(folder, question.trials))
    begun = time.process_time()
    while worker.next_trial():
        pass
    spent = time.process_time() - begun
    return Answer(worker.study.record().complete, spent / question.trials)


def by_command(question: Question, folder: Path) -> Answer:
    """A search by ``explorer search`` with one worker, in the folder's parent."""
    words = [sys.executable, "-m", "explorer", "search", question.space, "--study", folder.name]
    words += ["--budget", question.budget, "--sampler", question.name, "--score", question.score]
    words += ["--features", question.features] if question.features else []
    words += ["--seed", str(question.seed), "--trials", str(question.trials), "--workers", "1"]
    paths = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        words,
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return Answer(load_study(folder.parent / "studies" / folder.name).record().complete)


THROUGH = {"worker": by_worker, "command": by_command}


@dataclass(frozen=True, slots=True)
class Judge:
    """Measures what was found.

    Attributes:
        truth: the column of the table that it is judged by.
        macs: the column of multiply-adds.
        reference: an accuracy and macs, from which areas are measured.
    """

    table: Table
    truth: str
    macs: str
    reference: tuple[float, float]

    def area(self, archs: Sequence[str]) -> float:
        truth = np.array([self.table.number(arch, self.truth) for arch in archs])
        macs = np.array([self.table.number(arch, self.macs) for arch in archs])
        return Staircase.of(truth, macs, self.reference).area

    def shares(self, archs: Sequence[str]) -> list[float]:
        """Of the whole table's area, what the first, the first two ... nets have."""
        best = self.area(list(self.table.rows))
        return [round(self.area(archs[:n]) / best, 5) for n in range(1, len(archs) + 1)]


def keys(path: Path) -> set[tuple[Any, ...]]:
    """The searches that a file has lines of."""
    return {_key(line) for line in read_json(path)}


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("space", "budget", "seen", "sampler", "seed", "trials"))


def sampler_name(text: str) -> str:
    known = {*SAMPLERS, *(name + _WITH for name, kind in SAMPLERS.items() if kind.uses_features)}
    if text not in known:
        raise argparse.ArgumentTypeError(f"'{text}' is none of {', '.join(sorted(known))}")
    return text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("space", help="a space whose levers an arch has a digit for")
    add("table", type=Path, metavar="NETS.csv")
    add("--budget", required=True, help="macs, which are the reference as well")
    add("--reference", type=float, required=True, help="accuracy, in the unit of the table")
    add("--samplers", nargs="+", type=sampler_name, default=["known_cost", "random"])
    add("--seeds", type=int, default=32)
    add("--first", type=int, default=0, help="the first seed")
    add("--trials", type=int, default=100)
    add("--seen", default="acc_run1", help="the accuracy that the search sees")
    add("--truth", default="mean_acc", help="the accuracy that it is judged by")
    add("--macs", default="flops")
    add("--scores", type=Path, metavar="SCORES.csv", help="features, by arch")
    add("--names", nargs="+", default=list(SCORES), help="columns of the scores")
    add("--through", choices=THROUGH, default="worker")
    add("-o", "--output", type=Path, required=True, metavar="RUNS.jsonl")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    os.environ["BENCHMARK_TABLE"] = str(arguments.table.resolve())
    os.environ["BENCHMARK_SCORES"] = str(arguments.scores.resolve()) if arguments.scores else ""
    os.environ["BENCHMARK_SEEN"] = arguments.seen
    os.environ["BENCHMARK_FEATURES"] = ",".join(arguments.names)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    space = find_text(arguments.space, "space").space()
    reference = (arguments.reference, float(arguments.budget))
    judge = Judge(Table.read(arguments.table), arguments.truth, arguments.macs, reference)
    done = keys(arguments.output)
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for sampler in arguments.samplers:  # seed by seed, so that what is there can be compared
            question = Question(arguments.space, arguments.budget, sampler, seed, arguments.trials)
            line: dict[str, Any] = {
                "space": question.space, "budget": question.budget, "seen": arguments.seen,
                "sampler": sampler, "seed": seed, "trials": question.trials,
            }  # fmt: skip
            if _key(line) in done:
                continue
            with tempfile.TemporaryDirectory() as folder:
                answer = THROUGH[arguments.through](question, Path(folder) / "benchmark")
            archs = [arch_of(space, trial.assignment) for trial in answer.trials]
            line |= {"through": arguments.through, "truth": arguments.truth, "archs": archs}
            line |= {"shares": judge.shares(archs), "seconds": answer.seconds}
            append_json(arguments.output, line)
            ends = [n for n in (20, 50, 100) if n <= len(archs)]
            found = ", ".join(f"{line['shares'][n - 1]:.3f} at {n}" for n in ends)
            print(f"{sampler}, seed {seed}: {found}", flush=True)


if __name__ == "__main__":
    main()
