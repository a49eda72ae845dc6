"""Where does recovery work? Maps over degree and density, for several numbers of samples.

    python -m scripts.recovery_phases -o reports/construct/phases.csv
    python -m scripts.recovery_phases -o reports/construct/phases.csv --draw phases.svg

Each cell is one network of one Boolean layer and the harmonic mean of the precision and the recall
of its positive edges. Every cell is a line of the output, and the same command goes on where it
stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from explorer.construct import Model
from explorer.report.look import BLUE, INK, SMALL, STYLE, VERMILLION, save
from scripts.recovery import Row, run
from scripts.score_table import append, mend, read

UNITS = 200
DEGREES = [4, 8, 16, 32]
ONES = [1, 2, 4, 8, 16]  # hidden units that are on in a sample: rho n
SAMPLES = [1_000, 4_000, 16_000]
SEED = 0
_PANEL = 2.9  # inches
_DARK = 0.35  # from where on a number is written in white
_COLOURS = LinearSegmentedColormap.from_list("found", [VERMILLION, "#f4efe4", BLUE])


def measure(path: Path) -> None:
    """Every cell that the file does not hold yet, the cheap ones first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mend(path)
    done = {(line["samples"], line["degree"], line["ones"]) for line in read(path)}
    for samples, degree, ones in product(SAMPLES, DEGREES, ONES):
        cell = {"samples": str(samples), "degree": str(degree), "ones": str(ones)}
        if tuple(cell.values()) in done:
            continue
        row = Row("", Model(UNITS, degree), samples, ones / UNITS)
        found = run(row, SEED)
        kept = ("seconds", "positive_precision_1", "positive_recall_1")
        append(path, {**cell, **{name: found[name] for name in kept}})


def share_found(line: Mapping[str, str]) -> float:
    """The harmonic mean of precision and recall."""
    precision, recall = float(line["positive_precision_1"]), float(line["positive_recall_1"])
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def draw(lines: Sequence[Mapping[str, str]]) -> Figure:
    """A map for each number of samples: degree upwards, density to the right."""
    cells = {
        (int(line["samples"]), int(line["degree"]), int(line["ones"])): share_found(line)
        for line in lines
    }
    with rc_context(STYLE):
        figure = Figure(figsize=(_PANEL * len(SAMPLES), _PANEL + 0.5), layout="constrained")
        for axes, samples in zip(figure.subplots(1, len(SAMPLES)), SAMPLES, strict=True):
            _map(axes, cells, samples)
        figure.suptitle(
            f"harmonic mean of precision and recall, n = {UNITS}", x=0.01, ha="left", fontsize=SMALL
        )
    return figure


def _map(axes: Axes, cells: Mapping[tuple[int, int, int], float], samples: int) -> None:
    values = np.array(
        [[cells.get((samples, degree, ones), np.nan) for ones in ONES] for degree in DEGREES]
    )
    axes.imshow(values, vmin=0, vmax=1, cmap=_COLOURS, origin="lower", aspect="auto")
    for (y, x), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = "white" if abs(value - 0.5) > _DARK else INK
            axes.text(x, y, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(ONES)), [f"{ones / UNITS:.2g}" for ones in ONES])
    axes.set_yticks(range(len(DEGREES)), [str(degree) for degree in DEGREES])
    axes.set_xlabel("density rho")
    axes.set_title(f"{samples:,} samples", loc="left", fontsize=SMALL)
    if samples == SAMPLES[0]:
        axes.set_ylabel("degree d")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("-o", "--output", type=Path, default=Path("phases.csv"))
    add("--draw", type=Path, metavar="FIGURE", help="only draw what is there, as .svg or .png")
    arguments = parser.parse_args()
    if arguments.draw is None:
        measure(arguments.output)
    else:
        save(draw(read(arguments.output)), arguments.draw)


if __name__ == "__main__":
    main()
