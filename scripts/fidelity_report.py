"""What the table of ``scripts.fidelity`` says: which training, how short, ranks nets how well.

    python -m scripts.fidelity_report FOLDER --write

The truth is one long training of each net. Whatever is compared with it was trained with another
seed, or not at all, so nothing shares its noise; the long training of another seed is the ceiling.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import nan
from pathlib import Path
from statistics import NormalDist, median
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from explorer.report.look import (
    BLUE,
    INK,
    RULE,
    SMALL,
    STYLE,
    VERMILLION,
    save,
)
from explorer.score.free import DEFAULT, FREE_SCORES, combine
from explorer.score.noise import seed_noise
from explorer.score.reliability import Interval, bands, best, difference, interval, within
from scripts.fidelity import read
from scripts.tables import line

BANDS = 5
MACS = "trained_macs"
FEWEST = 20  # nets, before a row is worth printing
HOUR = 3600
HEAD = """# Which short training ranks nets like a longer one

![Kendall's tau of each protocol](protocols.svg)

Nets of `inception`, trained on CIFAR-10 images by `python -m scripts.fidelity`: `nets.csv` has the
nets, `runs.csv` a line for every run, `scores.csv` their training-free scores, `timing.csv` the
seconds of each protocol for the net of median macs, one after another on one thread. This page is
made by `python -m scripts.fidelity_report reports/fidelity --write`.
"""


class Row(NamedTuple):
    """One way of scoring nets.

    Attributes:
        seconds: for one net, one thread.
        scores: by net.
    """

    name: str
    seconds: float
    scores: dict[int, float]
    is_trained: bool = False


class Tables(NamedTuple):
    """A folder's files.

    Attributes:
        runs: by protocol and seed, then by net: accuracy after each epoch.
        seconds: of a protocol, for the net that all were timed on, one after another.
    """

    nets: list[dict[str, str]]
    runs: dict[tuple[str, int], dict[int, list[float]]]
    seconds: dict[str, float]
    free: list[dict[str, str]]


def tables(folder: Path) -> Tables:
    runs: dict[tuple[str, int], dict[int, list[float]]] = defaultdict(dict)
    for row in read(folder / "runs.csv"):
        curve = [float(value) for value in row["curve"].split()]
        runs[row["protocol"], int(row["repeat"])][int(row["net"])] = curve
    seconds = {row["protocol"]: float(row["seconds"]) for row in read(folder / "timing.csv")}
    return Tables(read(folder / "nets.csv"), runs, seconds, read(folder / "scores.csv"))


def ways(found: Tables) -> Iterator[Row]:
    """Everything that can be compared with the truth, from the cheapest kind up."""
    for cost in (MACS, "trained_params"):
        yield Row(cost, 0.0, {int(net["net"]): float(net[cost]) for net in found.nets})
    yield from _free(found)
    for (protocol, repeat), curves in found.runs.items():
        if repeat != 1:
            continue
        spent = found.seconds.get(protocol, nan)
        length = max(map(len, curves.values()))
        for epoch in range(1, length):
            if protocol == "long":
                scores = {net: curve[epoch - 1] for net, curve in curves.items()}
                yield Row(
                    f"long, stopped at {epoch}/{length}", spent * epoch / length, scores, True
                )
        yield Row(protocol, spent, {net: curve[-1] for net, curve in curves.items()}, True)


def _free(found: Tables) -> Iterator[Row]:
    if not found.free:
        return
    nets = [int(row["net"]) for row in found.free]
    columns = {
        name: np.array([float(row[name] or "nan") for row in found.free]) for name in FREE_SCORES
    }
    spent = {
        name: median(float(row[f"seconds_{score.probe.__name__}"]) for row in found.free)
        for name, score in FREE_SCORES.items()
    }
    for name, column in columns.items():
        if name not in ("macs", "params"):
            yield Row(name, spent[name], dict(zip(nets, map(float, column), strict=True)))
    mean = combine(columns)
    yield Row(
        f"mean rank of {', '.join(DEFAULT)}", spent[DEFAULT[0]], dict(zip(nets, mean, strict=True))
    )


class Finding(NamedTuple):
    """A way of scoring nets beside the truth; of intervals see :mod:`explorer.score.reliability`.

    Attributes:
        above_macs: by how much it ranks better than macs, on the same draws of nets.
        in_bands: Kendall's tau among nets of similar macs.
        gain: see :func:`gain`; None for what is not trained, of which there is no end in an hour.
    """

    row: Row
    nets: int
    kendall: Interval
    above_macs: Interval
    spearman: Interval
    better_half: Interval
    in_bands: float
    gain: Interval | None


def findings(found: Tables) -> Iterator[Finding]:
    """Of each way that scored enough nets."""
    truth = {net: curve[-1] for net, curve in found.runs["long", 0].items()}
    costs = {int(net["net"]): float(net[MACS]) for net in found.nets}
    for row in ways(found):
        nets = sorted(truth.keys() & row.scores.keys())
        if len(nets) < FEWEST:
            continue
        score, true, macs = (
            np.array([of[net] for net in nets]) for of in (row.scores, truth, costs)
        )
        half = best(true, 0.5)
        rho = interval("spearman", score, true)
        yield Finding(
            row,
            len(nets),
            interval("kendall", score, true),
            difference("kendall", score, macs, true),
            rho,
            interval("kendall", score[half], true[half]),
            within(score, true, list(bands(macs, BANDS))),
            gain(rho, row.seconds) if row.is_trained and row.seconds > 0 else None,
        )


def gain(rho: Interval, seconds: float) -> Interval:
    """How far above the mean net the best-scored one lies after an hour, in standard deviations.

    If scores and truth are normal with correlation ``rho``, the best of n by the score is expected
    to be ``rho`` times the largest of n normal numbers above the mean (Blom 1958 for the latter).
    """
    tried = HOUR / seconds
    largest = NormalDist().inv_cdf((tried - 0.375) / (tried + 0.25))
    return Interval(*(correlation * largest for correlation in rho))


def report(found: Tables, rows: Iterable[Finding]) -> Iterator[str]:
    """Lines of Markdown."""
    truth = [curve[-1] for curve in found.runs["long", 0].values()]
    yield (
        f"The truth: one long training of each of {len(truth)} nets; accuracies from "
        f"{min(truth):.3f} to {max(truth):.3f}, standard deviation {np.std(truth):.4f}."
        f"{_noise(found)} In brackets, 95 % bootstrap intervals over nets.\n"
    )
    heads = [
        *("score", "nets", "seconds", "Kendall", "above macs", "Spearman", "better half"),
        *(f"{BANDS} bands of macs", "gain of an hour"),
    ]
    yield line(heads)
    yield line(["---"] * len(heads))
    for each in rows:
        yield line(
            [
                each.row.name,
                str(each.nets),
                f"{each.row.seconds:.1f}",
                str(each.kendall),
                "-" if each.row.name == MACS else str(each.above_macs),
                str(each.spearman),
                str(each.better_half),
                f"{each.in_bands:.3f}",
                "-" if each.gain is None else str(each.gain),
            ]
        )


def _noise(found: Tables) -> str:
    """The standard deviation between two seeds, where any net has both."""
    first, second = found.runs["long", 0], found.runs.get(("long", 1), {})
    both = sorted(first.keys() & second.keys())
    noise = seed_noise([first[net][-1] for net in both], [second[net][-1] for net in both])
    return f" Between two seeds: {noise.sigma:.4f} ({noise.pairs} nets)." if noise else ""


def picture(rows: Sequence[Finding]) -> Figure:
    """Kendall's tau above that of macs of every training, the quickest at the bottom."""
    trained = [each for each in rows if each.row.is_trained and each.row.seconds > 0]
    ordered = sorted(trained, key=lambda each: each.row.seconds)
    with rc_context(STYLE):
        figure = Figure(figsize=(7.2, 0.9 + 0.3 * len(ordered)), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlabel("Kendall's tau, above that of macs on the same nets")
        axes.grid(axis="x", color=RULE, linewidth=0.8)
        axes.set_axisbelow(True)
        for stopped, colour, mark, name in (
            (False, BLUE, "o", "a training to its end"),
            (True, VERMILLION, "D", "the long one, stopped"),
        ):
            chosen = [(y, each) for y, each in enumerate(ordered) if _is_stopped(each) == stopped]
            _dots(axes, chosen, colour, mark, name)
        axes.axvline(0, color=INK, linewidth=1.0, zorder=1.5)
        axes.set_yticks(
            range(len(ordered)), [f"{each.row.name}  {each.row.seconds:4.0f} s" for each in ordered]
        )
        axes.tick_params(axis="y", length=0, labelsize=SMALL)
        axes.spines["left"].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=SMALL)
    return figure


def _is_stopped(each: Finding) -> bool:
    return "stopped" in each.row.name


def _dots(
    axes: Axes, rows: Sequence[tuple[int, Finding]], colour: str, mark: str, name: str
) -> None:
    if not rows:
        return
    found = [each.above_macs for _, each in rows]
    ends = [[each.value - each.low for each in found], [each.high - each.value for each in found]]
    axes.errorbar(
        [each.value for each in found], [y for y, _ in rows], xerr=ends,
        fmt=mark, color=colour, markersize=6, elinewidth=1.4, zorder=4, label=name,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--write", action="store_true", help="into the folder: report.md and protocols.svg, .png")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    found = tables(folder)
    if not found.runs.get(("long", 0)):
        parser.error(f"{folder}: holds no long training with seed 0 to compare with")
    rows = list(findings(found))
    text = "\n".join(report(found, rows))
    print(text)
    if arguments.write:
        (folder / "report.md").write_text(f"{HEAD}\n{text}\n", encoding="utf-8")
        for ending in ("svg", "png"):
            save(picture(rows), folder / f"protocols.{ending}")


if __name__ == "__main__":
    main()
