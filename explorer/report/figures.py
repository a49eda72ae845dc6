"""The figures of a report: they draw what :mod:`explorer.report.info` has computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from math import log10
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from explorer.report.info import Curve, FrontInfo, LearningInfo
from explorer.report.labels import Box, Label, around, place, spread
from explorer.report.look import (
    BLUE,
    GREY,
    INK,
    PALE,
    RULE,
    SERIES,
    SMALL,
    STYLE,
    VERMILLION,
    log_ticks,
    settle,
)
from explorer.units import format_count

_PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
_DASHES = ("-", "--", "-.", ":")
_SIZE = (6.2, 4.4)  # inches
_BEHIND = 24  # points from the end of a curve to its number, with a line between them
_LEAD: dict[str, Any] = {
    "arrowstyle": "-", "linewidth": 0.7, "shrinkA": 1, "shrinkB": 1, "relpos": (0, 0.5),
}  # fmt: skip
_FAR = 1e6  # points: beyond any figure
_LOG_FROM = 6.0  # largest over smallest cost from which on the axis is logarithmic
_MARGIN, _NAME = 0.06, 0.3  # beside the data, as parts of its width
_NICE = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10])


def pareto(info: FrontInfo) -> Figure:
    """Scores against macs: the front, what it dominates, the budget and the defaults."""
    with rc_context(STYLE):
        figure, axes = _axes(info.x_label, info.y_label)
        _scale(axes, info)
        _dominated(axes, info)
        _found(axes, info)
        _front(axes, info)
        _reference(axes, info)
        _budget(axes, info)
        figure.legend(
            loc="outside lower center", ncols=2, frameon=False, fontsize=SMALL,
            columnspacing=1.0, handletextpad=0.2,
        )  # fmt: skip
        settle(figure)
        _names(axes, info)
    return figure


def learning(info: LearningInfo) -> Figure:
    """Accuracy after each epoch: a thin line a trial, those of the front in colour."""
    with rc_context(STYLE):
        figure, axes = _axes(info.x_label, info.y_label)
        margin = 0.05 * (info.epochs - 1) or 0.5
        axes.set_xlim(1 - margin, info.epochs + margin)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        for curve in info.curves:
            if not curve.on_front:
                _curve(axes, curve, color=PALE, linewidth=0.9, zorder=1)
        looks = zip(info.front, cycle(SERIES), strict=False)
        for index, (curve, colour) in enumerate(looks):
            dashes = _DASHES[index // len(SERIES) % len(_DASHES)]
            _curve(axes, curve, color=colour, linewidth=1.8, linestyle=dashes, zorder=3)
        settle(figure)
        _ends(axes, info.front)
    return figure


def _axes(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


# ---- the front


def _scale(axes: Axes, info: FrontInfo) -> None:
    """The axis of costs: logarithmic where they differ by much, with few round ticks."""
    costs = [point.macs for point in info.points]
    costs += [info.budget] if info.budget else []
    costs += [info.reference.macs] if info.reference else []
    low, high = min(costs), max(costs)
    is_log = high > _LOG_FROM * low > 0
    axes.set_xscale("log" if is_log else "linear")
    change, back = (log10, _power) if is_log else (float, float)
    span = change(high) - change(low) or 0.1 * change(high) or 1.0
    right = change(high) + _MARGIN * span
    if info.reference:  # its name stands to its right
        right = max(right, change(info.reference.macs) + _NAME * span)
    axes.set_xlim(back(change(low) - _MARGIN * span), back(right))
    ticks = log_ticks(low, high) if is_log else list(_NICE.tick_values(*axes.get_xlim()))
    axes.xaxis.set_major_locator(FixedLocator([t for t in ticks if _is_inside(t, axes)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_count(round(value))))


def _power(exponent: float) -> float:
    return float(10**exponent)


def _is_inside(value: float, axes: Axes) -> bool:
    low, high = axes.get_xlim()
    return max(low, 0) <= value <= high


def _dominated(axes: Axes, info: FrontInfo) -> None:
    others = [point for point in info.points if not point.on_front]
    for waits, colour, name in ((False, PALE, "dominated"), (True, "none", "at a rung")):
        points = [point for point in others if point.waits == waits]
        if points:
            axes.scatter(
                [point.macs for point in points],
                [info.unit.factor * point.accuracy for point in points],
                marker="D", s=20, facecolors=colour, edgecolors=GREY, linewidths=0.6, zorder=2,
                label=name,
            )  # fmt: skip


def _found(axes: Axes, info: FrontInfo) -> None:
    """Where nets that were scored again stood in the search."""
    factor = info.unit.factor
    again = [point for point in info.points if point.is_mean]
    for point in again:
        ends = [factor * point.scores[0], factor * point.accuracy]
        axes.plot([point.macs] * 2, ends, color=BLUE, linewidth=0.8, alpha=0.5, zorder=2.5)
    if again:
        axes.scatter(
            [point.macs for point in again], [factor * point.scores[0] for point in again],
            marker="o", s=16, facecolors="white", edgecolors=BLUE, linewidths=0.8, zorder=2.6,
            label="first score",
        )  # fmt: skip


def _front(axes: Axes, info: FrontInfo) -> None:
    points = info.front
    x = [point.macs for point in points]
    y = [info.unit.factor * point.accuracy for point in points]
    axes.step(x, y, where="post", color=BLUE, linewidth=1.4, alpha=0.4, zorder=3)
    noise = [info.unit.factor * point.noise for point in points]
    axes.errorbar(
        x, y, noise if info.has_bars else None, fmt="o", color=BLUE, markersize=6.5,
        elinewidth=1.1, capsize=2.5, zorder=4,
        label="on the front" + (f", ± one {info.noise_name}" if info.has_bars else ""),
    )  # fmt: skip


def _reference(axes: Axes, info: FrontInfo) -> None:
    if info.reference:  # beneath the trials: one of them may have scored just so
        axes.plot(
            [info.reference.macs], [info.unit.factor * info.reference.accuracy],
            linestyle="none", marker="*", markersize=15, color=VERMILLION,
            markeredgecolor="white", zorder=1.9,
        )  # fmt: skip


def _budget(axes: Axes, info: FrontInfo) -> None:
    if info.budget:
        axes.axvline(info.budget, color=INK, linewidth=1.1, linestyle=(0, (5, 3)), zorder=1)
        axes.annotate(
            f"budget {format_count(info.budget)}",
            (info.budget, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
            textcoords="offset points", ha="center", va="bottom", fontsize=SMALL,
        )  # fmt: skip


def _names(axes: Axes, info: FrontInfo) -> None:
    """The name of the defaults and the numbers of the trials on the front, where there is room."""
    factor = info.unit.factor
    named = [(p.macs, factor * p.accuracy, str(p.number), BLUE) for p in info.front]
    if info.reference:
        mark = info.reference
        name = mark.name.replace(" ", "\n", 1)
        named.insert(0, (mark.macs, factor * mark.accuracy, name, VERMILLION))
    labels = [_label(axes, macs, height, text) for macs, height, text, _ in named]
    line = [around(_spot(axes, info.budget, 0)[0], 0, 1, _FAR)] if info.budget else []
    corners = place(labels, _obstacles(axes, info), _frame(axes), line)
    for corner, (macs, height, text, colour) in zip(corners, named, strict=True):
        if corner:
            axes.annotate(
                text, (macs, height), corner, textcoords="offset points", color=colour,
                va="bottom", fontsize=SMALL, zorder=6, bbox=_PAPER,
            )  # fmt: skip


def _label(axes: Axes, macs: int, score: float, text: str) -> Label:
    """A small text with its width and height, well enough; a name, which has room, to the right."""
    lines, is_name = text.split("\n"), not text.isdigit()
    width, height = 0.62 * SMALL * max(map(len, lines)), SMALL * (1.2 * len(lines) - 0.2)
    spot = _spot(axes, macs, score)
    return Label(*spot, width, height, gap=9 if is_name else 5, is_right=is_name)


def _obstacles(axes: Axes, info: FrontInfo) -> list[Box]:
    """What a label must not cover: marks and error bars."""
    boxes, factor = [], info.unit.factor
    for point in info.points:
        x, y = _spot(axes, point.macs, factor * point.accuracy)
        top = _spot(axes, point.macs, factor * (point.accuracy + point.noise))[1]
        boxes.append(around(x, y, 3.5, top - y) if point.on_front else around(x, y, 2.5))
        if point.is_mean:
            boxes.append(around(*_spot(axes, point.macs, factor * point.scores[0]), 2.5))
    if info.reference:
        mark = info.reference
        boxes.append(around(*_spot(axes, mark.macs, factor * mark.accuracy), 7))
    return boxes


def _frame(axes: Axes) -> Box:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return Box(*_spot(axes, left, bottom), *_spot(axes, right, top))


def _spot(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """A place in the data, in points of 1/72 inch."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    found = axes.transData.transform((x, y)) * 72 / figure.dpi
    return float(found[0]), float(found[1])


# ---- learning


def _curve(axes: Axes, curve: Curve, **look: Any) -> None:
    epochs = range(1, len(curve.accuracies) + 1)
    marker = "o" if len(epochs) == 1 else ""
    axes.plot(epochs, [100 * value for value in curve.accuracies], marker=marker, **look)


def _ends(axes: Axes, curves: Sequence[Curve]) -> None:
    """The number of each trial on the front, behind its curve's end and tied to it."""
    ends = [(len(curve.accuracies), 100 * curve.accuracies[-1]) for curve in curves]
    spots = [_spot(axes, *end) for end in ends]
    heights = spread([y for _, y in spots], 1.15 * SMALL)
    above = max([0.0, *heights]) - _spot(axes, 1, axes.get_ylim()[1])[1]
    heights = [height - max(0.0, above) for height in heights]  # within the frame
    lines = axes.get_lines()[len(axes.get_lines()) - len(curves) :]
    for curve, end, (_, y), height, line in zip(curves, ends, spots, heights, lines, strict=True):
        lead = {**_LEAD, "color": line.get_color()}
        axes.annotate(
            str(curve.number), end, (_BEHIND, height - y), textcoords="offset points",
            va="center", color=line.get_color(), fontsize=SMALL, annotation_clip=False,
            arrowprops=lead,
        )  # fmt: skip
