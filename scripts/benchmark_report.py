"""What the searches of ``scripts.benchmark_samplers`` say: means, and differences by seed.

    python -m scripts.benchmark_report runs.jsonl --at 20 50 100 --draw share.svg

Intervals are 95 % bootstrap percentile intervals over seeds. Differences are of the same seeds, of
each other sampler from the one that is compared (the first of the file, or --against).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.cli.options import positive
from explorer.report.look import save as save_figure
from scripts.curves import curves, figure_path
from scripts.lines import in_a_line, read_json

Array = NDArray[np.float64]
Runs = Mapping[str, Mapping[int, Mapping[str, Any]]]

_DRAWS = 10_000
_EARLY = 10  # evaluations; a figure begins below what every sampler has by then


def read(path: Path) -> Runs:
    """The lines of a file by sampler and seed; of two of the same, the last."""
    runs: dict[str, dict[int, Mapping[str, Any]]] = {}
    for line in read_json(path):
        runs.setdefault(line["sampler"], {})[line["seed"]] = line
    return runs


def interval(values: Array) -> tuple[float, float]:
    """A 95 % bootstrap percentile interval of the mean."""
    rng = np.random.default_rng(0)
    means = values[rng.integers(len(values), size=(_DRAWS, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def cell(values: Array, sign: str = "") -> str:
    low, high = interval(values)
    return f"{values.mean():{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def reached_by(line: Mapping[str, Any], ends: Sequence[int] | NDArray[np.int_]) -> Array:
    """Shares of the front's hypervolume after so many evaluations, or after all there were."""
    shares = np.array(line["shares"])
    return np.asarray(shares[np.minimum(ends, len(shares)) - 1])


def reached(lines: Mapping[int, Mapping[str, Any]], seeds: Sequence[int], at: int) -> Array:
    """The same of several searches, after the same number."""
    return np.array([reached_by(lines[seed], [at])[0] for seed in seeds])


def means(runs: Runs, ends: Sequence[int]) -> list[str]:
    """A row for each sampler: seeds, means, CPU seconds of a trial."""
    rows = [_row("sampler", "seeds", *(f"after {at}" for at in ends), "CPU s a trial")]
    rows.append(_row(*["---"] * (len(ends) + 3)))
    for name, lines in runs.items():
        seeds = sorted(lines)
        cells = [cell(reached(lines, seeds, at)) for at in ends]
        spent = [line["seconds"] for line in lines.values() if line["seconds"] is not None]
        rows.append(_row(name, len(seeds), *cells, f"{np.mean(spent):.2f}" if spent else "-"))
    return rows


def differences(runs: Runs, ends: Sequence[int], against: str) -> list[str]:
    """A row for each other sampler: by how much the one that is compared is better."""
    rows = [_row(f"{against} minus", "seeds", *(f"after {at}" for at in ends))]
    rows.append(_row(*["---"] * (len(ends) + 2)))
    for name, lines in runs.items():
        seeds = sorted(lines.keys() & runs[against].keys())
        if name == against or not seeds:
            continue
        cells = [
            cell(reached(runs[against], seeds, at) - reached(lines, seeds, at), "+") for at in ends
        ]
        rows.append(_row(name, len(seeds), *cells))
    return rows


def picture(runs: Runs) -> Figure:
    """Mean shares after every evaluation."""
    longest = max(len(line["shares"]) for lines in runs.values() for line in lines.values())
    ends = np.arange(1, longest + 1)
    found = {
        name: [reached_by(line, ends) for line in lines.values()] for name, lines in runs.items()
    }
    early = min(_EARLY, longest) - 1
    low = min(float(np.mean(shares, axis=0)[early]) for shares in found.values())
    up = "share of the true front's area"
    return curves(found, ends, "nets evaluated", up, (np.floor(10 * low) / 10, 1), singles=False)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", type=Path, metavar="RUNS.jsonl")
    parser.add_argument("--at", type=positive, nargs="+", default=[20, 50, 100], help="evaluations")
    parser.add_argument("--against", metavar="SAMPLER", help="whose differences are shown")
    parser.add_argument(
        "--draw", type=figure_path, metavar="SHARE.svg", help="write a figure as well"
    )
    arguments = parser.parse_args()
    with in_a_line():
        runs = read(arguments.runs)
    if not runs:
        parser.error(f"{arguments.runs}: holds no searches")
    against = arguments.against or next(iter(runs))
    if against not in runs:
        parser.error(f"--against: the file has no search by '{against}'")
    if arguments.draw:
        save_figure(picture(runs), arguments.draw)
    print("\n".join([*means(runs, arguments.at), "", *differences(runs, arguments.at, against)]))


if __name__ == "__main__":
    main()
