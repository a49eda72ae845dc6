"""How much of filters planted in images is found? A table of runs with fixed seeds, and a picture.

    python -m scripts.planted -o reports/construct/planted.csv
    python -m scripts.planted -o mine.csv --rows overlapping13 signed26 --seeds 0 1
    python -m scripts.planted -o reports/construct/planted.csv --report
    python -m scripts.planted --draw docs/pictures/planted.svg

Every run is a line of the output, and the same command goes on where it stopped. Seconds are of
the processor, on one core. The method was developed on seeds from 100 on; the table is of 10 to 14,
which it had not seen.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.construct import (
    FilterModel,
    FilterQuality,
    draw_filters,
    draw_maps,
    filter_quality,
    recover_filters,
)
from explorer.construct.filters import match_filters
from explorer.construct.filters.bank import extent_of
from explorer.construct.filters.planted import Output
from explorer.report.look import BLUE, RULE, SMALL, STYLE, VERMILLION, save
from scripts.patches import recover_by_patches
from scripts.score_table import append, mend, read

SEEDS = [10, 11, 12, 13, 14]
_CELL = 0.85  # inches, of a template in the picture
_COLOURS = ListedColormap([VERMILLION, RULE, BLUE])


class Row(NamedTuple):
    """A line of the table.

    Attributes:
        goal: precision and recall of filters that are wanted, or nothing.
        seeds: how many of the seeds are run, where all would take long.
        by_patches: whether patches are taken for samples, to compare.
    """

    title: str
    model: FilterModel
    rate: float = 0.01
    images: int = 200
    output: Output = "boolean"
    noise: float = 0.01
    goal: tuple[float, float] | None = None
    seeds: int = len(SEEDS)
    by_patches: bool = False


_SIX, _SEVEN = (FilterModel(numbers, disjoint=True) for numbers in ((4, 2, 0), (2, 3, 2)))
_SOME, _MANY = FilterModel((6, 4, 3)), FilterModel((12, 8, 6))
_SOME_SIGNED, _MANY_SIGNED = (
    FilterModel(numbers, signed=True) for numbers in ((6, 4, 3), (12, 8, 6))
)
_THIN = FilterModel((6, 4, 3), units=(2, 3, 4), signed=True)

ROWS = {
    "disjoint6": Row("4/2/0 disjoint", _SIX, goal=(1, 1)),
    "disjoint7": Row("2/3/2 disjoint", _SEVEN, goal=(1, 1)),
    "overlapping13": Row("6/4/3", _SOME, goal=(0.9, 0.9)),
    "overlapping26": Row("12/8/6", _MANY),
    "signed13": Row("6/4/3 signed", _SOME_SIGNED, output="relu"),
    "signed26": Row("12/8/6 signed", _MANY_SIGNED, output="relu"),
    "real13": Row("6/4/3 signed", _SOME_SIGNED, output="real", seeds=2),
    "thin13": Row("6/4/3 signed, 2/3/4 units", _THIN, output="relu"),
    "noisy13": Row("6/4/3, 5 % noise", _SOME, noise=0.05),
    "few13": Row("6/4/3", _SOME, images=20),
    "dense13": Row("6/4/3", _SOME, rate=0.04, images=100, seeds=2),
    "densesigned13": Row(
        "6/4/3 signed", _SOME_SIGNED, rate=0.04, images=100, output="relu", seeds=2
    ),
    "dense26": Row("12/8/6", _MANY, rate=0.02, images=100, seeds=2),
    "patches6": Row("4/2/0 disjoint, by patches", _SIX, by_patches=True, seeds=1),
    "patches13": Row("6/4/3, by patches", _SOME, by_patches=True, seeds=1),
}


def run(row: Row, seed: int) -> dict[str, str]:
    """Draw, recover, compare: the columns of a line."""
    rng = np.random.default_rng(seed)
    truth = draw_filters(row.model, rng)
    maps = draw_maps(
        truth, row.images, rng, rate=row.rate, noise=row.noise, output=row.output
    ).maps  # fmt: skip
    begin = time.process_time()
    recover = recover_by_patches if row.by_patches else recover_filters
    weights = recover(maps, seed=seed).weights
    columns = {"seconds": f"{time.process_time() - begin:.1f}", "on": f"{(maps != 0).mean():.4f}"}
    columns["found"] = str(len(weights))
    for name, value in filter_quality(weights, truth)._asdict().items():
        columns[f"{name}_precision"] = f"{value.precision:.5f}"
        columns[f"{name}_recall"] = f"{value.recall:.5f}"
    return columns


def measure(path: Path, names: Sequence[str], seeds: Sequence[int]) -> None:
    """Every run that the file does not hold yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mend(path)
    done = {(line["row"], int(line["seed"])) for line in read(path)}
    for name in names:
        for seed in seeds[: ROWS[name].seeds]:
            if (name, seed) not in done:
                line = {"row": name, "seed": str(seed), **run(ROWS[name], seed)}
                append(path, line)
                print(" ".join(line.values()), flush=True)


def report(lines: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Lines of Markdown: means over seeds, and whether the goals are met."""
    kinds = FilterQuality._fields
    yield (
        f"| row | filters 1x1/3x3/5x5 | maps | images | rate | units on | {' | '.join(kinds)} "
        "| goal | seconds | seeds |"
    )
    yield "|---" * (9 + len(kinds)) + "|"
    for name, row in ROWS.items():
        ours = [line for line in lines if line["row"] == name]
        if not ours:
            continue
        values = {
            kind: (_mean(ours, f"{kind}_precision"), _mean(ours, f"{kind}_recall"))
            for kind in kinds
        }
        shown = [
            "-" if kind == "negative" and not row.model.signed else _short(*values[kind])
            for kind in kinds
        ]
        seeds = ", ".join(sorted(line["seed"] for line in ours))
        yield (
            f"| `{name}` | {row.title} | {row.output} | {row.images} | {row.rate:g} "
            f"| {_mean(ours, 'on'):.2f} | {' | '.join(shown)} | {_goal(row, values['filters'])} "
            f"| {_mean(ours, 'seconds'):.0f} | {seeds} |"
        )


def _goal(row: Row, reached: tuple[float, float]) -> str:
    if row.goal is None:
        return "-"
    met = all(value >= wanted for value, wanted in zip(reached, row.goal, strict=True))
    return f"{_short(*row.goal)}: {'met' if met else 'missed'}"


def _mean(lines: Sequence[Mapping[str, str]], column: str) -> float:
    return mean(float(line[column]) for line in lines)


def _short(precision: float, recall: float) -> str:
    return f"{precision:.3g} / {recall:.3g}"


def draw(row: Row, seed: int) -> Figure:
    """Planted filters, and beneath each what was found of it.

    Every filter is a mosaic of its channels, and every channel a window.
    """
    rng = np.random.default_rng(seed)
    truth = draw_filters(row.model, rng)
    maps = draw_maps(truth, row.images, rng, rate=row.rate, output=row.output).maps
    found = recover_filters(maps, seed=seed)
    partner = match_filters(found.weights > 0, truth > 0).tolist()
    with rc_context(STYLE):
        figure = Figure(figsize=(_CELL * len(truth) + 0.9, 2 * _CELL + 0.6), layout="constrained")
        rows = figure.subplots(2, len(truth), squeeze=False)
        for number, weights in enumerate(truth):
            extent = extent_of(weights > 0)
            _mosaic(rows[0, number], weights, f"{extent}x{extent}")
            if number in partner:
                ours = partner.index(number)
                _mosaic(rows[1, number], found.weights[ours], f"{found.rates[ours]:.2%}")
            else:
                rows[1, number].set_axis_off()
        for axes, name in zip(rows[:, 0], ("planted", "found"), strict=True):
            axes.set_ylabel(name)
    return figure


def _mosaic(axes: Axes, weights: NDArray[np.float32], title: str) -> None:
    """Channels side by side, their windows with a gap between them."""
    channels, window = len(weights), weights.shape[-1]
    across = int(np.ceil(np.sqrt(channels)))
    tiles = np.full((across * across, window + 1, window + 1), np.nan)
    tiles[:channels, :-1, :-1] = np.sign(weights)
    image = tiles.reshape(across, across, window + 1, window + 1).swapaxes(1, 2)
    image = image.reshape(across * (window + 1), -1)[:-1, :-1]
    axes.imshow(image, vmin=-1, vmax=1, cmap=_COLOURS, interpolation="nearest")
    axes.set_title(title, fontsize=SMALL, pad=4)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("-o", "--output", type=Path, default=Path("planted.csv"))
    add("--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW")
    add("--seeds", nargs="+", type=int, default=SEEDS)
    add("--report", action="store_true", help="only print the table of what is there")
    add("--draw", type=Path, metavar="FIGURE", help="only draw templates, as .svg or .png")
    arguments = parser.parse_args()
    if arguments.draw is not None:
        save(draw(ROWS["signed13"], SEEDS[0]), arguments.draw)
        return
    if not arguments.report:
        measure(arguments.output, arguments.rows, arguments.seeds)
    print("\n".join(report(read(arguments.output))))


if __name__ == "__main__":
    main()
