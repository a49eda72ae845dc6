"""Count every net of NAS-Bench-Macro in our language, and compare with the published figures.

    python -m scripts.reproduce_nasbench_macro nas-bench-macro_cifar10.json

The file is the benchmark's own (github.com/xiusu/NAS-Bench-Macro), or a table of it as CSV with the
columns arch, params, flops. What it calls flops are multiply-adds of convolutions and linear layers
without biases, which are our macs.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from explorer.cost import count
from explorer.errors import DataError
from explorer.graph import Graph, fingerprint
from explorer.space import Space, bind
from explorer.space.library import find_text


class Published(NamedTuple):
    """A net of the benchmark: ``arch`` has a digit for each layer, the place of its word."""

    arch: str
    params: int
    macs: int


def published(path: Path) -> Iterator[Published]:
    """The nets in a file of the benchmark.

    Raises:
        DataError: it is no such file.
    """
    try:
        for arch, row in _rows(path):
            yield Published(arch, int(row["params"]), int(row["flops"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: no file of NAS-Bench-Macro ({error!r})") from None


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(newline="", encoding="utf-8") as file:
        if path.suffix == ".json":
            yield from json.load(file).items()
        else:
            yield from ((row["arch"], row) for row in csv.DictReader(file))


def graph_of(space: Space, arch: str) -> Graph:
    """The net that the benchmark writes as eight digits."""
    levers = space.choices.items()
    words = {
        path: lever.values[int(digit)] for (path, lever), digit in zip(levers, arch, strict=True)
    }
    return bind(space, words).graph


def main() -> None:
    """Count, compare, and say in how many nets both figures are equal.

    Raises:
        SystemExit: with 1, a figure differs.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="the benchmark, as .json or .csv")
    space = find_text("nasbench_macro").space()
    rows, equal, functions = 0, 0, set()
    for net in published(parser.parse_args().file):
        graph = graph_of(space, net.arch)
        cost = count(graph)
        rows += 1
        equal += (cost.params, cost.macs) == (net.params, net.macs)
        functions.add(fingerprint(graph))
    print(f"{rows:,} rows, {equal:,} equal; {len(functions):,} different functions")
    if not rows or equal < rows:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
