"""What a search gains by starting from a net, and by a prior around it.

    explorer construct --data fashion --budget 5e6 -o built.net
    python -m scripts.start_gain reports/start --start built.net --data fashion --trials 40

Three arms with the same protocol, budget and number of trials, by turns: ``start`` is ``explorer
search --start``, ``prior`` is that with ``--prior``, ``inception`` is the shipped space at the size
of the data, an eighth as wide. FOLDER keeps their recipes and studies; the same command goes on
where it stopped. It gets ``trials.csv``, from which ``--trials 0`` reports again, ``report.md``
and ``area.svg``: the area under the front over trials, from the budget and the lowest score of any
search, as a share of the area that all searches reach together.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.data import Dataset
from explorer.errors import ExplorerError
from explorer.language import print_syntax, syntax
from explorer.report.look import save as save_figure
from explorer.score import Protocol
from explorer.search import load_study
from explorer.search.model.ehvi import Staircase
from explorer.search.starting import own_budget
from explorer.space.library import find_text
from scripts.curves import curves
from scripts.lines import in_a_line, read, write
from scripts.tables import line, with_each

Array = NDArray[np.float64]
TRIALS = "trials.csv"
ARMS = ("start", "prior", "inception")
_WIDTH = "1/8"  # of inception, as in the default study
_PARAMS = {"stride1": "1", "stride2": "2", "stride3": "1", "drop": "0"}  # grids of 16, 8 and 4
RECIPE = """{space}
budget = "{budget}"
sampler = "known_cost"
seed = {seed}
trials = {trials}
workers = {workers}
[protocol]
data = "{data}"
resolution = {resolution}
width = "{width}"
[protocol.recipe]
images = {images}
epochs = {epochs}
batch = 32
rate = {rate}
shift = 0
mirror = {mirror}
"""


HEAD = """# What does a search gain by starting from a net?

![Area under the front over trials](area.svg)

`start` is `explorer search --start`, `prior` is that with `--prior`, `inception` is the shipped
space, an eighth as wide, without a start: the same data, protocol, budget and number of trials.
Means over seeds, and every seed in brackets; areas are shares of what all searches reach together.
Made by `python -m scripts.start_gain`; `--trials 0` makes this page again from `trials.csv`.
"""


class Scored(NamedTuple):
    """A trial: what it costs and what it reached."""

    macs: int
    accuracy: float


class Run(NamedTuple):
    """One search."""

    arm: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.arm}-{self.seed}"


# ---- the searches


def inception_at(data: Dataset) -> str:
    """The space ``inception`` as it is counted at the size of some images, with narrow nets.

    Raises:
        ExplorerError: the data are signals, which its kernels do not fit.
    """
    if data.kind != "images":
        raise ExplorerError(f"'{data.name}' holds {data.kind}, and inception is made for images")
    file = find_text("inception", "space").syntax()
    kept = (s for s in file.statements if not isinstance(s, syntax.Expect))
    statements = tuple(_at(statement, data) for statement in kept)
    return print_syntax(replace(file, statements=statements))


def _at(statement: syntax.Statement, data: Dataset) -> syntax.Statement:
    match statement:
        case syntax.Input():
            shape = syntax.Dims((data.channels, *data.size))
            classes = syntax.Number(str(len(data.classes)))
            width = syntax.Number("0.125")
            return replace(statement, shape=shape, classes=classes, width=width)
        case syntax.Param(name=name) if name in _PARAMS:
            return replace(statement, value=syntax.Number(_PARAMS[name]))
    return statement


def recipe(run: Run, arguments: argparse.Namespace) -> str:
    """The recipe of a search; protocols differ in the width that each space is made for."""
    if run.arm == "inception":
        space = 'space = "inception_small.space"'
    else:
        prior = str(run.arm == "prior").lower()
        space = f'start = "{Path(arguments.start).resolve()}"\nprior = {prior}'
    return RECIPE.format(
        space=space,
        width=_WIDTH if run.arm == "inception" else "1",
        seed=run.seed,
        mirror=str(arguments.mirror).lower(),
        **{name: getattr(arguments, name) for name in _SHARED},
    )


_SHARED = ("budget", "data", "trials", "workers", "resolution", "images", "epochs", "rate")


def search(run: Run, folder: Path, arguments: argparse.Namespace) -> None:
    """Search, or go on with it, by the command."""
    (folder / "studies").mkdir(parents=True, exist_ok=True)
    (folder / "studies" / f"{run.name}.toml").write_text(recipe(run, arguments), "utf-8")
    command = [sys.executable, "-m", "explorer", "search", "--study", run.name]
    if code := subprocess.run(command, cwd=folder, check=False).returncode:
        sys.exit(code)  # it has said why, or was interrupted


def search_all(arguments: argparse.Namespace) -> None:
    """Every search that is asked for, by turns of arms, and the table of their trials.

    Raises:
        ExplorerError: there is no such net or no such data.
    """
    folder: Path = arguments.folder
    if Path(arguments.data).exists():
        arguments.data = str(Path(arguments.data).resolve())
    arguments.budget = arguments.budget or str(own_budget(arguments.start).limits["macs"])
    data = Protocol(data=arguments.data, resolution=arguments.resolution).open_data()
    text = inception_at(data)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inception_small.space").write_text(text, "utf-8")
    for seed in range(arguments.seeds):
        for arm in ARMS:  # by turns, so that a slow hour is slow for all
            search(Run(arm, seed), folder, arguments)
    write(folder / TRIALS, scored(folder, arguments.seeds, arguments.budget))


# ---- what they found


class Table:
    """The scored trials of all searches, and the point from which their fronts are looked at."""

    def __init__(self, runs: Mapping[Run, Sequence[Scored]], budget: float) -> None:
        self.runs = runs
        trials = [trial for found in runs.values() for trial in found]
        self.reference = (min(trial.accuracy for trial in trials), budget)
        self.whole = self._area(trials) or 1.0
        self.longest = max(map(len, runs.values()))

    @property
    def arms(self) -> list[str]:
        return [arm for arm in ARMS if any(run.arm == arm for run in self.runs)]

    def of(self, arm: str) -> list[Sequence[Scored]]:
        return [found for run, found in self.runs.items() if run.arm == arm]

    def shares(self, trials: Sequence[Scored]) -> Array:
        """Of the joint front's area, what a search had after each trial, up to the longest's."""
        areas = [self._area(trials[:end]) for end in range(1, self.longest + 1)]
        return np.array(areas) / self.whole

    def _area(self, trials: Sequence[Scored]) -> float:
        scores = np.array([trial.accuracy for trial in trials])
        macs = np.array([float(trial.macs) for trial in trials])
        return Staircase.of(scores, macs, self.reference).area


def scored(folder: Path, seeds: int, budget: str) -> Iterator[dict[str, object]]:
    """The scored trials of the searches in a folder, in the order of their numbers."""
    for run in (Run(arm, seed) for seed in range(seeds) for arm in ARMS):
        for trial in load_study(folder / "studies" / run.name).record().complete:
            yield {
                **run._asdict(),
                "budget": budget,
                "number": trial.number,
                "macs": trial.cost.macs,
                "accuracy": f"{trial.accuracy:.5f}",
                "fingerprint": trial.fingerprint,
            }


def found_in(rows: Sequence[Mapping[str, str]]) -> dict[Run, list[Scored]]:
    """The trials of each search, from the rows of a table."""
    found: dict[Run, list[Scored]] = {}
    for row in rows:
        own = found.setdefault(Run(row["arm"], int(row["seed"])), [])
        own.append(Scored(int(row["macs"]), float(row["accuracy"])))
    return found


def report(table: Table) -> Iterator[str]:
    """Lines of Markdown: means over seeds, and every seed in brackets."""
    ends = sorted({max(1, table.longest // part) for part in (4, 2, 1)})
    yield line(["arm", *(f"area after {end}" for end in ends), "best score"])
    yield line(["---"] * (len(ends) + 2))
    for arm in table.arms:
        shares = np.array([table.shares(trials) for trials in table.of(arm)])
        best = [max(trial.accuracy for trial in trials) for trials in table.of(arm)]
        yield line([f"`{arm}`", *(with_each(shares[:, end - 1]) for end in ends), with_each(best)])


def picture(table: Table) -> Figure:
    """The area under the front over trials."""
    found = {arm: [table.shares(trials) for trials in table.of(arm)] for arm in ARMS}
    numbers = np.arange(1, table.longest + 1)
    return curves(found, numbers, "trials", "area under the front, of all searches'")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--start", metavar="NET")
    add("--data", help="a shipped name, or the path of an .npz of images")
    add("--budget", help="multiply-adds (default: the net's own)")
    add("--trials", type=int, default=40, help="of each search; 0 only reports")
    add("--seeds", type=int, default=3)
    add("--workers", type=int, default=1)
    add("--resolution", type=int, default=32)
    add("--images", type=int, default=6000, help="an epoch sees")
    add("--epochs", type=int, default=4)
    add("--rate", type=float, default=0.05)
    add("--mirror", action="store_true", help="mirror images at random in training")
    arguments = parser.parse_args()
    if arguments.trials:
        if arguments.start is None or arguments.data is None:
            parser.error("a search needs --start and --data")
        with in_a_line():
            search_all(arguments)
    folder: Path = arguments.folder
    rows = read(folder / TRIALS)
    if not rows:
        parser.error(f"{folder}: holds no search")
    table = Table(found_in(rows), float(rows[0]["budget"]))
    text = "\n".join(report(table))
    print(text)
    (folder / "report.md").write_text(f"{HEAD}\n{text}\n", "utf-8")
    save_figure(picture(table), folder / "area.svg")


if __name__ == "__main__":
    main()
