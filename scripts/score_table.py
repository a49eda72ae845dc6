"""Do training-free scores rank the nets of a benchmark? A table of all scores, and a report of it.

    python -m scripts.score_table nasbench_macro nets.csv --data images.npz --nets 400 -o scores.csv
    python -m scripts.score_table nasbench_macro nets.csv --report -o scores.csv

Initial weights and images are drawn at random, so a score is, too; with --draws 4 it is the mean of
four scores, each with weights and images of its own.

The file of nets has the columns ``arch``, a digit for each lever of the space, and ``mean_acc`` or
what --truth names; of nets that share a ``canonical_arch`` one is taken. Every finished net is a
line of the output, and the same command goes on where it stopped; --nets and --minutes cut the work
into pieces. Which nets come first is random and decided by --seed, so a piece is a fair sample. The
output holds scores alone: what they are compared with stays in the file of nets.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.data import load
from explorer.score import prepare_process
from explorer.score.free import (
    DEFAULT,
    FREE_SCORES,
    IMAGES,
    Scores,
    combine,
    draw_batch,
    free_scores,
)
from explorer.score.reliability import FEWEST, bands, best, difference, interval, within
from explorer.space.library import find_text
from scripts.lines import append, mend, read
from scripts.reproduce_nasbench_macro import graph_of

BASELINES = ("swap", "macs", "params")
# By title: the scores, and whether the logarithms of their ranks are averaged.
COMBINATIONS = {
    "AZ-NAS": (("expressivity", "progressivity", "trainability", "macs"), True),
    "default": (DEFAULT, False),
}
BANDS = 5


class Known(NamedTuple):
    """A net whose truth is known, such as its accuracy after training."""

    arch: str
    truth: float


def probes(names: Iterable[str]) -> list[str]:
    """The passes that these scores take."""
    return list(dict.fromkeys(FREE_SCORES[name].probe.__name__ for name in names))


def known(path: Path, truth: str) -> list[Known]:
    """The nets of a benchmark, each function once."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row.get("canonical_arch") or row["arch"]: row for row in csv.DictReader(file)}
    return [Known(arch, float(row[truth])) for arch, row in rows.items()]


def measure(arguments: argparse.Namespace) -> None:
    """Score the nets that the output does not hold yet."""
    space = find_text(arguments.space, "space").space()
    data, seeds = load(arguments.data), range(arguments.seed, arguments.seed + arguments.draws)
    batches = {seed: draw_batch(data, arguments.batch, seed) for seed in seeds}
    nets = known(arguments.nets_file, arguments.truth)
    random.Random(arguments.seed).shuffle(nets)
    mend(arguments.output)
    done = {row["arch"] for row in read(arguments.output)}
    end = time.monotonic() + 60 * arguments.minutes
    for net in nets[: arguments.nets]:
        if net.arch in done:
            continue
        if time.monotonic() > end:
            break
        graph = graph_of(space, net.arch)
        found = [free_scores(graph, batches[seed], seed, arguments.scores) for seed in seeds]
        append(arguments.output, {"arch": net.arch, **columns(found)})


def columns(draws: Sequence[Scores]) -> dict[str, object]:
    """The mean of each score, empty where one is not defined; the seconds of all draws."""
    found: dict[str, object] = {}
    for name in draws[0].values:
        values = [draw.values[name] for draw in draws]
        found[name] = "" if None in values else fmean(map(float, values))
    for name in draws[0].seconds:
        found[f"seconds_{name}"] = f"{sum(draw.seconds[name] for draw in draws):.4f}"
    return found


# ---- the report


class Table(NamedTuple):
    """Scores of nets by name, nan where not defined, and the truth."""

    truth: NDArray[np.float64]
    scores: dict[str, NDArray[np.float64]]

    def part(self, chosen: NDArray[np.bool_]) -> Table:
        return Table(self.truth[chosen], {name: s[chosen] for name, s in self.scores.items()})


def table(rows: Sequence[Mapping[str, str]], nets: Sequence[Known]) -> Table:
    """The columns of the output, and the combinations of them, beside the truth."""
    truths = {net.arch: net.truth for net in nets}
    truth = np.array([truths[row["arch"]] for row in rows])
    scores = {
        name: np.array([float(row[name]) if row[name] else np.nan for row in rows])
        for name in FREE_SCORES
        if name in rows[0]
    }
    for title, (names, logarithmic) in COMBINATIONS.items():
        if set(names) <= scores.keys():
            scores[title] = combine(scores, names, logarithmic=logarithmic)
    return Table(truth, scores)


def report(rows: Sequence[Mapping[str, str]], nets: Sequence[Known]) -> Iterator[str]:
    """Lines of Markdown: correlations, differences from the baselines, seconds."""
    whole = table(rows, nets)
    shares = (0.5, max(0.1, FEWEST / len(rows)))
    half, decile = (whole.part(best(whole.truth, share)) for share in shares)
    in_bands = list(bands(whole.scores["macs"], BANDS))
    yield f"{len(rows)} nets; in brackets, 95 % bootstrap intervals over nets.\n"
    yield (
        "| score | Kendall | Spearman | Kendall, better half | top decile "
        f"| within {len(in_bands)} bands of macs |"
    )
    yield "|---|---|---|---|---|---|"
    for name, score in whole.scores.items():
        cells = [
            interval("kendall", score, whole.truth),
            interval("spearman", score, whole.truth),
            interval("kendall", half.scores[name], half.truth),
            interval("kendall", decile.scores[name], decile.truth),
            f"{within(score, whole.truth, in_bands):.3f}",
        ]
        yield f"| {name} | {' | '.join(map(str, cells))} |"
    yield "\nKendall of the default combination less that of a baseline, on the same draws:\n"
    yield "| baseline | all | better half |"
    yield "|---|---|---|"
    for name in BASELINES:
        if not {name, "default"} <= whole.scores.keys():
            continue
        cells = [
            difference("kendall", part.scores["default"], part.scores[name], part.truth)
            for part in (whole, half)
        ]
        yield f"| {name} | {' | '.join(map(str, cells))} |"
    yield "\nMedian seconds a net, one thread:\n"
    measured = [name for name in FREE_SCORES if name in rows[0]]
    for probe in probes(measured):
        names = [name for name in measured if FREE_SCORES[name].probe.__name__ == probe]
        spent = median(float(row[f"seconds_{probe}"]) for row in rows)
        yield f"- {probe} ({', '.join(names)}): {spent:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("space", help="a space whose levers an arch has a digit for")
    add("nets_file", type=Path, metavar="NETS.csv")
    add("--data", help="images, by a shipped name or a path")
    add("--truth", default="mean_acc", help="the column that scores are compared with")
    add("--nets", type=int, default=400, help="how many nets, drawn at random")
    add("--minutes", type=float, default=1e9, help="stop after so long")
    add("--batch", type=int, default=IMAGES)
    add("--seed", type=int, default=0, help="of the first draw, and of the order of nets")
    add("--draws", type=int, default=1, help="scores of each net that are averaged")
    add("--scores", nargs="+", choices=FREE_SCORES, default=list(FREE_SCORES), metavar="NAME")
    add("--report", action="store_true", help="score nothing, print the report alone")
    add("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    if not arguments.report:
        if not arguments.data:
            parser.error("--data: images are needed to score by")
        if arguments.draws < 1:
            parser.error(f"--draws is {arguments.draws}, must be at least 1")
        prepare_process()
        measure(arguments)
    rows = read(arguments.output)
    if len(rows) >= 10:
        print("\n".join(report(rows, known(arguments.nets_file, arguments.truth))))


if __name__ == "__main__":
    main()
