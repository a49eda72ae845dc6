"""What a construction saw, layer by layer, as one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.construct.layers import Construction, Seen, Step
from explorer.construct.layers.plan import Module
from explorer.construct.layers.rule import SIZES
from explorer.report.look import BLUE, GREEN, GREY, INK, ORANGE, PALE, SMALL, STYLE, save

_ROW, _WIDTH = 1.25, 11.0  # inches
_COLOURS = (BLUE, GREEN, ORANGE)
_SPECTRUM = 64  # components that are drawn


def draw(built: Construction, path: Path) -> Path:
    """Draw one row for every layer: correlation over shifts, spectrum, windows, and the layer.

    Args:
        built: the construction.
        path: where to, .svg or .png.
    """
    steps = [step for step in built.steps if not np.isnan(step.accuracy)]
    with rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, _ROW * len(steps) + 0.9), layout="constrained")
        grid = figure.subplots(len(steps), 4, squeeze=False, width_ratios=(1, 1.6, 1.8, 3.4))
        for row, step in zip(grid, steps, strict=True):
            _shifts(row[0], step.seen)
            _spectrum(row[1], step.seen)
            _windows(row[2], step)
            _words(row[3], step, built.factor)
        titles = ("|correlation|\nby shift", "variance of directions\n(log scale)",
                  "agreement by window,\nand pool", "what was made of it")  # fmt: skip
        for axes, title in zip(grid[0], titles, strict=True):
            axes.set_title(title, fontsize=SMALL, loc="left", color=INK)
        return save(figure, path)


def mean_by_shift(seen: Seen) -> NDArray[np.float64]:
    """The mean |correlation| of a channel with itself at every shift; of (rows, columns)."""
    own = np.abs(np.einsum("cc...->c...", seen.found.values))[seen.found.alive].mean(axis=0)
    found: NDArray[np.float64] = np.atleast_2d(own)
    return found


def _shifts(axes: Axes, seen: Seen) -> None:
    values = mean_by_shift(seen)
    rows, columns = (side // 2 + 0.5 for side in values.shape)
    axes.imshow(values, cmap="cividis", vmin=0, vmax=1, extent=(-columns, columns, rows, -rows))
    axes.set_xticks([-(values.shape[1] // 2), 0, values.shape[1] // 2])
    axes.set_yticks([] if len(values) == 1 else [-(values.shape[0] // 2), 0, values.shape[0] // 2])
    axes.tick_params(length=2, labelsize=8)


def _spectrum(axes: Axes, seen: Seen) -> None:
    alive = np.flatnonzero(seen.found.alive)
    units = seen.found.patch(alive, [(0,) * len(seen.grid)])
    values = np.sort(np.maximum(np.linalg.eigvalsh(units), 1e-6))[::-1][:_SPECTRUM]
    axes.semilogy(np.arange(1, len(values) + 1), values, color=BLUE, marker=".", markersize=4)
    axes.axvline(seen.directions, color=GREY, linewidth=1, linestyle="--")
    axes.set_ylim(max(1e-3, values[-1] / 2), values[0] * 2)
    axes.set_xlim(0.5, max(4, len(values)) + 0.5)
    axes.tick_params(length=2, labelsize=8)
    axes.minorticks_off()


def _windows(axes: Axes, step: Step) -> None:
    shares = [*(float(share) for share in step.seen.shares), step.seen.pooled]
    names = [*(f"{size}" for size in SIZES), "pool"]
    if not isinstance(step.named.layer, Module):
        shares, names = shares[:-1], names[:-1]
    bars = axes.barh(names, shares, color=[*_COLOURS, PALE][: len(names)], height=0.7)
    axes.bar_label(bars, [f"{share:.0%}" for share in shares], padding=3, fontsize=9)
    axes.set_xlim(0, 1.15)
    axes.set_xticks([])
    axes.invert_yaxis()
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0, labelsize=9)


def _words(axes: Axes, step: Step, factor: float) -> None:
    axes.axis("off")
    grid = "x".join(map(str, step.seen.grid))
    clusters, channels = len(step.seen.clusters), step.seen.found.channels
    lines = [
        f"{step.named.label}: over {grid}, {channels} channel{'s' * (channels > 1)} in "
        f"{clusters} cluster{'s' * (clusters > 1)}",
        *step.named.layer.text(factor).removeprefix("[ ").removesuffix(" ]").split(" | "),
        f"a linear classifier tells {step.accuracy:.0%}",
    ]
    axes.text(0, 1, "\n".join(lines), va="top", fontsize=9, linespacing=1.35,
              transform=axes.transAxes)  # fmt: skip
