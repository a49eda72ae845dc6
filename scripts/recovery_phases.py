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
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from explorer.construct import Model
from explorer.report.look import BLUE, INK, SMALL, STYLE, VERMILLION, save
from scripts.lines import append, mend, read
from scripts.recovery import Row, run

UNITS = 200
DEGREES = [4, 8, 16, 32]
ONES = [1, 2, 4, 8, 16]  # hidden units that are on in a sample: rho n
SAMPLES = [1_000, 4_000, 16_000]
SEED = 20
_PANEL = 3.1  # inches
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
        found = run(Row(Model(UNITS, degree), samples, ones / UNITS), SEED)
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
        figure = Figure(figsize=(_PANEL * len(SAMPLES), _PANEL + 1.1), layout="constrained")
        every = figure.subplots(1, len(SAMPLES), sharey=True)
        for axes, samples in zip(every, SAMPLES, strict=True):
            _map(axes, cells, samples)
        every[0].set_ylabel("degree d: edges of a hidden unit")
        every[len(SAMPLES) // 2].set_xlabel("density \u03c1: share of the hidden units that are on")
        figure.suptitle(
            "How much of a layer is found: harmonic mean of precision and recall of its positive "
            f"edges, n = {UNITS}",
            x=0.01, ha="left", fontsize=SMALL + 1,
        )  # fmt: skip
        names = {"-": "\u03c1 d = 1: denser above", ":": "N \u03c1 = 15: fewer samples to the left"}
        figure.legend(
            handles=[Line2D([], [], color=INK, linestyle=style) for style in names],
            labels=list(names.values()),
            loc="outside lower left", ncols=len(names), frameon=False, fontsize=SMALL,
        )  # fmt: skip
    return figure


def _map(axes: Axes, cells: Mapping[tuple[int, int, int], float], samples: int) -> None:
    values = np.array(
        [[cells.get((samples, degree, ones), np.nan) for ones in ONES] for degree in DEGREES]
    )
    edges = [np.arange(number + 1) - 0.5 for number in reversed(values.shape)]
    axes.pcolormesh(*edges, values, vmin=0, vmax=1, cmap=_COLOURS, edgecolor="white", linewidth=1.5)
    for (y, x), value in np.ndenumerate(values):
        if not np.isnan(value):
            text = f"{value:.2f}".removeprefix("0")
            axes.text(x, y, text, ha="center", va="center", color=_ink_on(value), fontsize=SMALL)
    _boundary(axes, np.outer(DEGREES, ONES) >= UNITS, "-")
    _boundary(axes, np.broadcast_to(np.multiply(ONES, samples) >= 15 * UNITS, values.shape), ":")
    axes.set_xticks(range(len(ONES)), [f"{ones / UNITS:g}".removeprefix("0") for ones in ONES])
    axes.set_yticks(range(len(DEGREES)), [str(degree) for degree in DEGREES])
    axes.tick_params(length=0, labelsize=SMALL)
    axes.spines[:].set_visible(False)
    axes.set_title(f"N = {samples:,} samples", loc="left", fontsize=SMALL)


def _ink_on(value: float) -> str:
    """White or dark, whichever is easier to read on a cell's colour (by its luminance)."""
    return "white" if np.dot(_COLOURS(value)[:3], (0.2126, 0.7152, 0.0722)) < 0.45 else INK


def _boundary(axes: Axes, beyond: NDArray[np.bool_], style: str) -> None:
    """Lines between the cells where something holds and those where it does not."""
    for y, x in np.argwhere(np.diff(beyond, axis=1)):
        axes.plot([x + 0.5] * 2, [y - 0.5, y + 0.5], color=INK, linestyle=style, linewidth=1.8)
    for y, x in np.argwhere(np.diff(beyond, axis=0)):
        axes.plot([x - 0.5, x + 0.5], [y + 0.5] * 2, color=INK, linestyle=style, linewidth=1.8)


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
