"""What the searches of ``scripts.equal_time`` found, minute by minute.

    python -m scripts.equal_time_report FOLDER --write

The measure is the area between a front and a reference point: the budget, and the lowest score of
any trial of any search. It is given as a share of the area that all searches reach together.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.report.look import save as save_figure
from explorer.search import read_recipe
from explorer.search.model.ehvi import Staircase
from scripts.curves import curves
from scripts.equal_time import RECIPE, Search, fronts
from scripts.fidelity import read
from scripts.tables import line, with_each

Array = NDArray[np.float64]
Row = Mapping[str, str]

_MINUTE = 60.0
HEAD = """# Which sampler finds the better front in the same time?

![Area under the front over minutes](area.svg)

Whole searches by the command, one after another, by turns of samplers, each with the recipe
`studies/short.toml` and two workers: `python -m scripts.equal_time`. `trials.csv` has their trials,
`again.csv` the nets of their fronts, trained with seeds that no search used. This page is made by
`python -m scripts.equal_time_report reports/equal_time --write`.
"""


class Table:
    """The trials of all searches, and the point from which their fronts are looked at."""

    def __init__(self, folder: Path) -> None:
        rows = read(folder / "trials.csv")
        self.rows: dict[Search, list[dict[str, str]]] = defaultdict(list)
        for row in rows:
            self.rows[Search(row["sampler"], int(row["seed"]))].append(row)
        again: dict[str, list[float]] = defaultdict(list)
        for row in read(folder / "again.csv"):
            again[row["fingerprint"]].append(float(row["accuracy"]))
        self.again = {mark: mean(found) for mark, found in again.items()}
        budget = read_recipe(RECIPE).budget
        lowest = min((float(row["accuracy"]) for row in rows), default=0.0)
        self.reference = (lowest, float(budget.limits["macs"]))
        self.whole = self._area(rows) if rows else 1.0

    @property
    def samplers(self) -> list[str]:
        return list(dict.fromkeys(search.sampler for search in self.rows))

    def seeds(self, sampler: str) -> list[Search]:
        return [search for search in self.rows if search.sampler == sampler]

    def shares(self, search: Search, minutes: Sequence[float]) -> Array:
        """Of the joint front's area, what a search had after so many minutes."""
        known = [
            [row for row in self.rows[search] if float(row["seconds"]) <= end * _MINUTE]
            for end in minutes
        ]
        return np.array([self._area(rows) / self.whole for rows in known])

    def judged(self, search: Search) -> float | None:
        """The share of its front by the later trainings; None where they are not there."""
        rows = list(fronts(self.rows[search]))
        if any(row["fingerprint"] not in self.again for row in rows):
            return None
        scores = np.array([self.again[row["fingerprint"]] for row in rows])
        macs = np.array([float(row["macs"]) for row in rows])
        return Staircase.of(scores, macs, self.reference).area / self.whole

    def _area(self, rows: Sequence[Row]) -> float:
        scores = np.array([float(row["accuracy"]) for row in rows])
        macs = np.array([float(row["macs"]) for row in rows])
        return Staircase.of(scores, macs, self.reference).area


def report(table: Table, minutes: Sequence[float]) -> Iterator[str]:
    """Lines of Markdown: means over seeds, and every seed in brackets."""
    heads = [f"after {end:g} min" for end in minutes]
    yield line(["sampler", "trials", *heads, "its front, trained again"])
    yield line(["---"] * (len(heads) + 3))
    for sampler in table.samplers:
        searches = table.seeds(sampler)
        shares = np.array([table.shares(search, minutes) for search in searches])
        again = [share for search in searches if (share := table.judged(search)) is not None]
        yield line(
            [
                f"`{sampler}`",
                f"{mean(len(table.rows[search]) for search in searches):.0f}",
                *(with_each(column) for column in shares.T),
                with_each(again) if again else "-",
            ]
        )


def picture(table: Table, longest: float) -> Figure:
    """The area under the front over minutes."""
    minutes = np.linspace(0, longest, 241)
    found = {
        sampler: [table.shares(search, minutes) for search in table.seeds(sampler)]
        for sampler in table.samplers
    }
    up = "area under the front, of all searches'"
    return curves(found, minutes, "minutes since the command began", up)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--at", nargs="+", type=float, default=[2, 5, 10], metavar="MINUTES")
    add("--write", action="store_true", help="into the folder: report.md and area.svg, .png")
    arguments = parser.parse_args()
    table = Table(arguments.folder)
    if not table.rows:
        parser.error(f"{arguments.folder}: holds no search")
    text = "\n".join(report(table, arguments.at))
    print(text)
    if arguments.write:
        (arguments.folder / "report.md").write_text(f"{HEAD}\n{text}\n", encoding="utf-8")
        for ending in ("svg", "png"):
            save_figure(picture(table, max(arguments.at)), arguments.folder / f"area.{ending}")


if __name__ == "__main__":
    main()
