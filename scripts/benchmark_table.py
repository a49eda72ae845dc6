r"""A table of trained nets as functions for ``explorer search --score`` and ``--features``.

    export BENCHMARK_TABLE=nets.csv BENCHMARK_SCORES=scores.csv
    explorer search nasbench_macro --budget 9e7 --score scripts.benchmark_table:score \
        --features scripts.benchmark_table:features

The table has the columns ``arch``, a digit for each lever of the space, accuracies, and optionally
``canonical_arch``, which nets that are the same function share. Other variables of the environment:
BENCHMARK_SEEN, the column that a search sees (acc_run1), and BENCHMARK_FEATURES, the columns of the
scores that it may look at (swap,naswot,expressivity).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import explorer
from explorer.errors import ExplorerError
from explorer.space import Space

SCORES = ("swap", "naswot", "expressivity")


@dataclass(frozen=True, slots=True)
class Table:
    """Nets by arch, and what stands in their rows."""

    rows: Mapping[str, Mapping[str, str]]

    def canonical(self, arch: str) -> str:
        """The name of the function that an arch is."""
        return self.rows[arch].get("canonical_arch") or arch

    def number(self, arch: str, column: str) -> float:
        return float(self.rows[self.canonical(arch)][column])

    @classmethod
    def read(cls, path: Path) -> Table:
        with path.open(newline="", encoding="utf-8") as file:
            return cls({row["arch"]: row for row in csv.DictReader(file)})


def arch_of(space: Space, assignment: Mapping[str, Any]) -> str:
    """A net as benchmarks write it: for each choice, the place of its value."""
    choices = space.choices.items()
    return "".join(str(choice.values.index(assignment[path])) for path, choice in choices)


@cache
def table() -> Table:
    """The table that the environment names."""
    return Table.read(_path("BENCHMARK_TABLE"))


@cache
def scores() -> Mapping[str, Mapping[str, float | None]]:
    """Training-free scores by canonical arch."""
    names = os.environ.get("BENCHMARK_FEATURES", ",".join(SCORES)).split(",")
    with _path("BENCHMARK_SCORES").open(newline="", encoding="utf-8") as file:
        return {
            table().canonical(row["arch"]): {
                name: float(row[name]) if row[name] else None for name in names
            }
            for row in csv.DictReader(file)
        }


def _path(variable: str) -> Path:
    if not os.environ.get(variable):
        raise ExplorerError(f"the variable {variable} names no file")
    return Path(os.environ[variable])


@cache
def _space(name: str) -> Space:
    return explorer.open_space(name)


def score(candidate: explorer.Candidate, seed: int) -> float:
    """Accuracy from the table, in percent."""
    column = os.environ.get("BENCHMARK_SEEN", "acc_run1")
    return table().number(_arch(candidate), column)


def features(candidate: explorer.Candidate) -> Mapping[str, float | None]:
    """Training-free scores from the table."""
    return scores()[table().canonical(_arch(candidate))]


def _arch(candidate: explorer.Candidate) -> str:
    return arch_of(_space(candidate.graph.name), candidate.assignment)
