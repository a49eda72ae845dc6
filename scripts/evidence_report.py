"""What the trainings of ``scripts.evidence`` say, by the test that reports/evidence asked before.

python -m scripts.evidence_report reports/evidence --write
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import spearmanr

from explorer.report.look import BLUE, GREEN, GREY, INK, RULE, STYLE, VERMILLION
from explorer.report.look import save as save_figure
from scripts.lines import read

Array = NDArray[np.float64]
Row = Mapping[str, str]

SAMPLES = 10_000
ENOUGH = 0.8  # the percentile that passes
KINDS = {
    "constructed": ("constructed", VERMILLION),
    "random": ("random", GREY),
    "googlenet": ("GoogLeNet's ratios", BLUE),
    "searched": ("searched", GREEN),
}
SIZES = {"by_5": "5x5", "by_3_and_5": "3x3 and 5x5"}
_ENDS = (2.5, 97.5)  # per cent
HEAD = """# A constructed net against random ones: the answer

![Accuracy of every topology](accuracy.svg)

The question, the nets, the test and the line to pass were written down [before](question.md).
`nets` has all that were compared, `runs.csv` every training. `python -m scripts.evidence` makes
them, and this page is made by `python -m scripts.evidence_report reports/evidence --write`.
"""


class Estimate(NamedTuple):
    """A figure with the ends of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def text(self, sign: bool = False) -> str:
        """In thousandths."""
        style = "+.3f" if sign else ".3f"
        return f"{self.value:{style}} [{self.low:{style}}, {self.high:{style}}]"


class Table:
    """Which test images each training of each topology gets right.

    Attributes:
        nets: names of topologies.
        right: of (topologies, trainings, images), 0 or 1.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.nets = sorted({row["net"] for row in rows})
        seeds = sorted({int(row["seed"]) for row in rows})
        runs = {(row["net"], int(row["seed"])): row for row in rows}
        if len(runs) < len(self.nets) * len(seeds):
            raise SystemExit("runs.csv: some trainings are missing; go on with scripts.evidence")
        self.right = np.array(
            [[_bits(runs[net, seed]) for seed in seeds] for net in self.nets], dtype=np.float64
        )

    def places(self, kind: str) -> list[int]:
        """Where the topologies of a kind are."""
        return [place for place, net in enumerate(self.nets) if net.rstrip("0123456789") == kind]

    @property
    def accuracy(self) -> Array:
        """Of (topologies, trainings)."""
        found: Array = self.right.mean(axis=2)
        return found

    def sampled(self, rng: np.random.Generator) -> Array:
        """Accuracies of bootstrap samples of images, of (topologies, trainings, samples)."""
        images = self.right.shape[2]
        counts = rng.multinomial(images, np.full(images, 1 / images), SAMPLES)
        found: Array = self.right @ (counts.T / images)
        return found


def _bits(row: Row) -> NDArray[np.uint8]:
    """The images that a training got right; their number follows from its accuracy."""
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(row["right"]), np.uint8))
    return bits[: round(bits.sum() / float(row["accuracy"]))]


# ---- the test


class Comparison(NamedTuple):
    """Constructed topologies against others."""

    difference: Estimate
    percentile: Estimate

    @property
    def passes(self) -> bool:
        return self.difference.low > 0 and self.percentile.value >= ENOUGH


def compare(table: Table, kind: str) -> Comparison:
    """Constructed topologies against those of a kind: drawn topologies, trainings and images."""
    rng = np.random.default_rng(0)
    ours, theirs = table.places("constructed"), table.places(kind)
    sampled = table.sampled(rng)  # images
    means = [_topologies(sampled[places], rng) for places in (ours, theirs)]
    known = [table.accuracy[places].mean(axis=1)[:, None] for places in (ours, theirs)]
    return Comparison(_estimate(_differences, known, means), _estimate(_percentiles, known, means))


def _topologies(sampled: Array, rng: np.random.Generator) -> Array:
    """Means over drawn trainings of drawn topologies, of (topologies, samples)."""
    topologies, trainings, samples = sampled.shape
    chosen = rng.integers(topologies, size=(topologies, 1, samples))
    repeats = rng.integers(trainings, size=(topologies, trainings, samples))
    found: Array = sampled[chosen, repeats, np.arange(samples)].mean(axis=1)
    return found


def _differences(ours: Array, theirs: Array) -> Array:
    found: Array = ours.mean(axis=0) - theirs.mean(axis=0)
    return found


def _percentiles(ours: Array, theirs: Array) -> Array:
    gaps = ours[:, None] - theirs[None]
    found: Array = ((gaps > 0) + 0.5 * (gaps == 0)).mean(axis=(0, 1))
    return found


def _estimate(figure: object, known: Sequence[Array], sampled: Sequence[Array]) -> Estimate:
    assert callable(figure)
    low, high = np.percentile(figure(*sampled), _ENDS)
    return Estimate(float(figure(*known)[0]), float(low), float(high))


# ---- depth


def with_depth(rows: Sequence[Row], data: str, size: str) -> tuple[Estimate, list[float]]:
    """The rank correlation of a share with the module's number: its mean, and of every seed."""
    found = []
    for seed in sorted({row["seed"] for row in rows if row["data"] == data}, key=int):
        own = [row for row in rows if (row["data"], row["seed"]) == (data, seed)]
        shares = [_share(row, size) for row in own]
        found.append(float(spearmanr(range(len(own)), shares).statistic))
    rng = np.random.default_rng(0)
    drawn = rng.choice(found, (SAMPLES, len(found))).mean(axis=1)
    low, high = np.percentile(drawn, _ENDS)
    return Estimate(float(np.mean(found)), float(low), float(high)), found


def _share(row: Row, size: str) -> float:
    return float(row["by_5"]) + (float(row["by_3"]) if size == "by_3_and_5" else 0.0)


# ---- the page


def report(table: Table, depths: Sequence[Row]) -> Iterator[str]:
    """Lines of Markdown."""
    against = compare(table, "random")
    passed = "passes" if against.passes else "does not pass"
    yield (
        f"**The rule {passed}.** Constructed less random: D = "
        f"{against.difference.text(sign=True)}; percentile {against.percentile.text()}, of which "
        f"at least {ENOUGH:g} was asked."
    )
    yield ""
    yield "| | topologies | accuracy | best and worst topology | between trainings |"
    yield "|---|---|---|---|---|"
    for kind, (title, _) in KINDS.items():
        own = table.accuracy[table.places(kind)]
        means = own.mean(axis=1)
        spread = float(np.sqrt(own.var(axis=1, ddof=1).mean()))
        yield (
            f"| {title} | {len(own)} | {own.mean():.3f} | {means.max():.3f}, {means.min():.3f} "
            f"| {spread:.3f} |"
        )
    yield ""
    means = table.accuracy.mean(axis=1)
    random = means[table.places("random")]
    for place in table.places("constructed"):
        below = int((random < means[place]).sum())
        yield f"- `{table.nets[place]}`: {means[place]:.3f}, above {below} of {len(random)} random."
    for kind in ("googlenet", "searched"):
        difference = compare(table, kind).difference.text(sign=True)
        yield f"- Constructed less {KINDS[kind][0]}: {difference}."
    yield from _on_depth(depths)


def _on_depth(rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield "## With depth"
    yield ""
    yield "Rank correlation of a share of agreement with the number of the module, mean over seeds:"
    yield ""
    yield "| data | by | correlation | seeds |"
    yield "|---|---|---|---|"
    for data in dict.fromkeys(row["data"] for row in rows):
        for size, title in SIZES.items():
            estimate, found = with_depth(rows, data, size)
            each = " ".join(f"{value:+.2f}" for value in found)
            yield f"| {data} | {title} | {estimate.text(sign=True)} | {each} |"


def picture(table: Table) -> Figure:
    """A dot for every training, and a line for the mean of each topology."""
    rows = [
        (kind, place)
        for kind in KINDS
        for place in sorted(table.places(kind), key=lambda p: -table.accuracy[p].mean())
    ]
    with rc_context(STYLE):
        figure = Figure(figsize=(6.8, 0.19 * len(rows) + 1.1), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlabel("accuracy on test images, three trainings of each topology")
        axes.grid(axis="x", color=RULE, linewidth=0.8)
        axes.set_axisbelow(True)
        for height, (kind, place) in enumerate(rows):
            colour = KINDS[kind][1]
            found = table.accuracy[place]
            axes.plot(found, [height] * len(found), "o", color=colour, markersize=4, alpha=0.45)
            axes.plot(found.mean(), height, "|", color=colour, markersize=11, markeredgewidth=2.4)
        firsts = {kind: [h for h, (k, _) in enumerate(rows) if k == kind] for kind in KINDS}
        axes.set_yticks(
            [float(np.mean(heights)) for heights in firsts.values()],
            [KINDS[kind][0] for kind in firsts],
        )
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.tick_params(colors=INK)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("folder", type=Path)
    add("--write", action="store_true", help="into the folder: report.md and accuracy.svg, .png")
    arguments = parser.parse_args()
    rows = read(arguments.folder / "runs.csv")
    if not rows:
        parser.error(f"{arguments.folder}: holds no training")
    table = Table(rows)
    text = "\n".join(report(table, read(arguments.folder / "depth.csv")))
    print(text)
    if arguments.write:
        (arguments.folder / "report.md").write_text(f"{HEAD}\n{text}\n", encoding="utf-8")
        for ending in ("svg", "png"):
            save_figure(picture(table), arguments.folder / f"accuracy.{ending}")


if __name__ == "__main__":
    main()
