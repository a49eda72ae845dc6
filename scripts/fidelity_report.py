"""What the table of ``scripts.fidelity`` says: which training, how short, ranks nets how well.

    python -m scripts.fidelity_report FOLDER

The truth is one long training of each net. Whatever is compared with it was trained with another
seed, or not at all, so nothing shares its noise; the long training of another seed is the ceiling.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist, median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.score.free import DEFAULT, FREE_SCORES, combine
from explorer.score.noise import seed_noise
from explorer.score.reliability import bands, best, interval, within
from scripts.fidelity import read

BANDS = 5
FEWEST = 20  # nets, before a row is worth printing
HOUR = 3600
Array = NDArray[np.float64]


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
        seconds: of all runs of a protocol.
    """

    nets: list[dict[str, str]]
    runs: dict[tuple[str, int], dict[int, list[float]]]
    seconds: dict[str, list[float]]
    free: list[dict[str, str]]


def tables(folder: Path) -> Tables:
    runs: dict[tuple[str, int], dict[int, list[float]]] = defaultdict(dict)
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in read(folder / "runs.csv"):
        curve = [float(value) for value in row["curve"].split()]
        runs[row["protocol"], int(row["repeat"])][int(row["net"])] = curve
        seconds[row["protocol"]].append(float(row["seconds"]))
    return Tables(read(folder / "nets.csv"), runs, seconds, read(folder / "scores.csv"))


def ways(found: Tables) -> Iterator[Row]:
    """Everything that can be compared with the truth, from the cheapest kind up."""
    for cost in ("trained_macs", "trained_params"):
        yield Row(cost, 0.0, {int(net["net"]): float(net[cost]) for net in found.nets})
    yield from _free(found)
    for (protocol, repeat), curves in found.runs.items():
        if repeat != 1:
            continue
        spent = median(found.seconds[protocol])
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


def report(found: Tables) -> Iterator[str]:
    """Lines of Markdown."""
    truth = {net: curve[-1] for net, curve in found.runs["long", 0].items()}
    yield (
        f"The truth: one long training of each of {len(truth)} nets; accuracies from "
        f"{min(truth.values()):.3f} to {max(truth.values()):.3f}, standard deviation "
        f"{np.std(list(truth.values())):.4f}.{_noise(found)} In brackets, 95 % bootstrap intervals "
        "over nets.\n"
    )
    yield (
        f"| score | nets | seconds | Kendall | Spearman | better half | {BANDS} bands of macs "
        "| gain of an hour |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    costs = {int(net["net"]): float(net["trained_macs"]) for net in found.nets}
    for row in ways(found):
        nets = sorted(truth.keys() & row.scores.keys())
        if len(nets) < FEWEST:
            continue
        score, true, macs = (
            np.array([of[net] for net in nets]) for of in (row.scores, truth, costs)
        )
        half = best(true, 0.5)
        rho = interval("spearman", score, true)
        yield (
            f"| {row.name} | {len(nets)} | {row.seconds:.1f} | {interval('kendall', score, true)} "
            f"| {rho} | {interval('kendall', score[half], true[half])} "
            f"| {within(score, true, list(bands(macs, BANDS))):.3f} "
            f"| {_gain(rho.value, row.seconds) if row.is_trained else '-'} |"
        )


def _noise(found: Tables) -> str:
    """The standard deviation between two seeds, where any net has both."""
    first, second = found.runs["long", 0], found.runs.get(("long", 1), {})
    both = sorted(first.keys() & second.keys())
    noise = seed_noise([first[net][-1] for net in both], [second[net][-1] for net in both])
    return f" Between two seeds: {noise.sigma:.4f} ({noise.pairs} nets)." if noise else ""


def _gain(rho: float, seconds: float) -> str:
    """How far above the mean net the best-scored one lies after an hour, in standard deviations.

    If scores and truth are normal with correlation ``rho``, the best of n by the score is expected
    to be ``rho`` times the largest of n normal numbers above the mean (Blom 1958 for the latter).
    """
    tried = HOUR / seconds
    return f"{rho * NormalDist().inv_cdf((tried - 0.375) / (tried + 0.25)):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    found = tables(folder)
    if not found.runs.get(("long", 0)):
        parser.error(f"{folder}: holds no long training with seed 0 to compare with")
    print("\n".join(report(found)))


if __name__ == "__main__":
    main()
