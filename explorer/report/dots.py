"""The figure of rank correlations: a dot and an interval for everything that is known early."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor, isnan
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from explorer.report.look import BLUE, GREEN, GREY, INK, RULE, SMALL, STYLE, VERMILLION, settle
from explorer.report.reliability import Kind, ReliabilityInfo, ScoreRow

# Of each kind the colour, the mark and the name in the legend.
_LOOKS: dict[Kind, tuple[str, str, str]] = {
    "cost": (GREY, "s", "cost"),
    "free": (BLUE, "o", "training-free score"),
    "epoch": (VERMILLION, "D", "earlier epoch of the same run"),
}
_WIDTH, _ROW, _REST = 6.2, 0.32, 1.5  # inches


def ranking(info: ReliabilityInfo) -> Figure:
    """Kendall's tau with the score, a line for each row of the table, and the noise ceiling."""
    rows = [row for row in info.rows if not isnan(row.kendall.value)]
    heights = _heights(rows)
    with rc_context(STYLE):
        size = (_WIDTH, _REST + _ROW * (heights[-1] + 1 if heights else 1))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        _frame(axes, rows, heights)
        for kind, look in _LOOKS.items():
            chosen = [(y, row) for y, row in zip(heights, rows, strict=True) if row.kind == kind]
            if chosen:
                _dots(axes, chosen, *look)
        _ceiling(axes, info)
        marks, names = axes.get_legend_handles_labels()
        is_line = [not isinstance(mark, ErrorbarContainer) for mark in marks]
        order = sorted(range(len(marks)), key=is_line.__getitem__)  # error bars first
        figure.legend(
            [marks[i] for i in order], [names[i] for i in order],
            loc="outside lower center", ncols=2, frameon=False, fontsize=SMALL,
        )  # fmt: skip
        settle(figure)
    return figure


def _heights(rows: Sequence[ScoreRow]) -> list[float]:
    """Where each row stands, from the top; there is a gap between kinds."""
    heights = [0.0] if rows else []
    for row, below in pairwise(rows):
        heights.append(heights[-1] + (1.0 if row.kind == below.kind else 1.5))
    return heights


def _frame(axes: Axes, rows: Sequence[ScoreRow], heights: Sequence[float]) -> None:
    """The axes: from the least of the intervals, or zero, to one."""
    lows = [row.kendall.low for row in rows if not isnan(row.kendall.low)]
    least = min([0.0, *lows])
    axes.set_xlim(floor(5 * (least - 0.02)) / 5 if least < 0 else -0.05, 1.03)
    axes.xaxis.set_major_locator(MultipleLocator(0.2))
    axes.set_xlabel("Kendall's tau with the score")
    axes.set_yticks(heights, [row.name for row in rows])
    axes.set_ylim(max(heights, default=0) + 0.7, -0.7)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=INK, linewidth=1.0, zorder=1.5)


def _dots(
    axes: Axes, chosen: Sequence[tuple[float, ScoreRow]], colour: str, mark: str, name: str
) -> None:
    found = [row.kendall for _, row in chosen]
    # Of few nets with many ties, an interval may lie beside its own dot: it is drawn up to it then.
    ends: Any = [
        [max(each.value - each.low, 0.0) for each in found],
        [max(each.high - each.value, 0.0) for each in found],
    ]
    axes.errorbar(
        [t.value for t in found], [y for y, _ in chosen], xerr=ends, fmt=mark, color=colour,
        markersize=6, elinewidth=1.6, zorder=4, label=name,
    )  # fmt: skip


def _ceiling(axes: Axes, info: ReliabilityInfo) -> None:
    """The true order's tau as a line, its interval as a band."""
    if info.ceiling is None or info.is_exact:
        return
    value, low, high = info.ceiling.perfect
    axes.axvline(
        value, color=GREEN, linewidth=1.4, linestyle=(0, (5, 3)), zorder=2, label="noise ceiling"
    )
    axes.axvspan(
        low, high, color=GREEN, alpha=0.15, linewidth=0, zorder=1, label="its 95 % interval"
    )
