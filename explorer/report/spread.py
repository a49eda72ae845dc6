"""The figure of a profile: how the costs of a space lie, and which choices decide the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from explorer.budget import Profile
from explorer.budget.axis import figure as short
from explorer.budget.axis import heading, scale
from explorer.budget.drivers import Driver
from explorer.budget.sample import Figures, Sample
from explorer.budget.share import fits_in_words
from explorer.report.look import BLUE, INK, PALE, SMALL, STYLE, VERMILLION, log_ticks

_WIDTH, _COLUMNS = 9.6, 2  # inches; histograms side by side
_TITLE, _PANEL, _BAR = 1.0, 1.75, 0.3  # heights of title and legend, a histogram, a driver
_LINE = 104  # characters of the title
_PAD = 0.1  # inches, around each panel
_BINS = 48
_SHOWN = 8  # choices that decide most
_TOP = 1.32  # of a panel, whose highest bin reaches 1
_MARGIN = 0.04  # beside the costs, as a part of the axis
_ALIKE = 1.02  # the margin where all costs are the same
_BESIDE, _TOLD = 1.75, 1.2  # the width of the bars' panel, and where texts begin, by the longest
_RIGHT = 0.75  # of the axis, from where on a label stands to the left
_FINE = 1000  # ticks of a unit may be thousandths
_NOTE = SMALL - 1
_DASHES = (0, (5, 3))
_DRAWN: dict[str, Any] = {"color": PALE, "linewidth": 0}
_WITHIN: dict[str, Any] = {"color": BLUE, "alpha": 0.72, "linewidth": 0}
_DEFAULTS: dict[str, Any] = {
    "marker": "*", "markersize": 14, "color": VERMILLION, "markeredgecolor": "white",
}  # fmt: skip
_LEAST: dict[str, Any] = {"marker": 9, "markersize": 7, "color": INK}  # carets, one to the other
_MOST = {**_LEAST, "marker": 8}


def draw(profile: Profile) -> Figure:
    """A histogram of each cost, and bars for the choices that decide the first.

    Nothing is clipped: the names of clips in an SVG hang on the last digits of the layout, which
    are not the same every time.
    """
    shown = profile.telling(profile.names[0], _SHOWN)
    panels = _PANEL * ceil(len(profile.names) / _COLUMNS)
    bars = _BAR * (len(shown) + 2)
    with rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, _TITLE + panels + bars), layout="constrained")
        engine: Any = figure.get_layout_engine()
        engine.set(w_pad=_PAD, h_pad=_PAD)
        parts: Any = figure.subfigures(2, 1, height_ratios=(_TITLE + panels, bars))
        upper, lower = parts
        _costs(upper, profile)
        _drivers(lower.add_subplot(), profile, shown)
    return figure


# ---- costs


def _costs(figure: SubFigure, profile: Profile) -> None:
    rows = ceil(len(profile.names) / _COLUMNS)
    for number, name in enumerate(profile.names, 1):
        _panel(figure.add_subplot(rows, _COLUMNS, number), profile, name)
    title = "\n".join(fill(line, _LINE) for line in _title(profile))
    figure.suptitle(title, x=0.01, ha="left", fontsize=SMALL + 1)
    marks = list(_legend(profile))
    figure.legend(
        handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, fontsize=SMALL
    )


def _title(profile: Profile) -> Iterator[str]:
    drawn = profile.drawn.valid.of
    what = f"all {drawn:,} nets" if profile.is_exact else f"{drawn:,} nets drawn at random"
    yield f"{profile.space.name}: {what}"
    if profile.budget is not None and profile.fitting is not None:
        yield fits_in_words(profile.budget, profile.fitting)


def _panel(axes: Axes, profile: Profile, name: str) -> None:
    low, high = profile.least[name].cost, profile.most[name].cost
    _scale(axes, name, low, high)
    edges = profile.edges(name, _BINS)
    _histogram(axes, profile.drawn, name, edges, _DRAWN)
    if profile.within is not None:
        _histogram(axes, profile.within, name, edges, _WITHIN)
    marks = [(low, _LEAST), (high, _MOST)]
    if name in profile.defaults:
        marks.append((profile.defaults[name], _DEFAULTS))
    for cost, look in marks:
        spot = max(cost, 1) / scale(name)
        axes.plot([spot], [0], linestyle="none", clip_on=False, zorder=5, **look)
    _bounds(axes, profile, name)
    axes.set_title(heading(name), loc="left", fontsize=SMALL + 1, fontweight="bold")
    ends = f"least {short(name, low)}, most {short(name, high)}"
    axes.set_title(ends, loc="right", fontsize=_NOTE)


def _scale(axes: Axes, name: str, low: int, high: int) -> None:
    """A logarithmic axis from the least cost to the most, and no other axis."""
    left, right = (max(cost, 1) / scale(name) for cost in (low, high))
    factor = max((right / left) ** _MARGIN, _ALIKE)
    middle, left, right = left, left / factor, right * factor
    axes.set_xscale("log")
    axes.set_xlim(left, right)
    axes.set_ylim(0, _TOP)
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    ticks = [tick / _FINE for tick in log_ticks(left * _FINE, right * _FINE)]
    ticks = [tick for tick in ticks if left <= tick <= right]
    axes.xaxis.set_major_locator(FixedLocator(ticks or [middle]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(name, value * scale(name))))
    axes.tick_params(labelsize=SMALL)


def _histogram(axes: Axes, sample: Sample, name: str, edges: Figures, look: dict[str, Any]) -> None:
    """The shares of the bins, as parts of the largest."""
    heights = sample.histogram(name, edges)
    inside = np.clip(edges / scale(name), *axes.get_xlim())
    axes.stairs(heights / heights.max(), inside, fill=True, clip_on=False, **look)


def _bounds(axes: Axes, profile: Profile, name: str) -> None:
    """The budget as lines, with labels above the bins."""
    budget = profile.budget
    if budget is None or name not in budget.limits:
        return
    floor, limit = budget.floors.get(name), budget.limits[name]
    left, right = axes.get_xlim()
    bounds = [bound / scale(name) for bound in (floor, limit) if bound is not None]
    bounds = [bound for bound in bounds if left <= bound <= right]
    if not bounds:
        return
    for bound in bounds:
        axes.axvline(bound, color=INK, linewidth=1.1, linestyle=_DASHES, zorder=3, clip_on=False)
    is_right = axes.transLimits.transform(axes.transScale.transform((bounds[-1], 0)))[0] > _RIGHT
    spot, side, shift = (bounds[0], "right", -5) if is_right else (bounds[-1], "left", 5)
    low = "" if floor is None else f"{short(name, floor)} to "
    axes.annotate(
        f"budget {low}{short(name, limit)}", (spot, _TOP), (shift, -1),
        textcoords="offset points", ha=side, va="top", fontsize=_NOTE,
    )  # fmt: skip


def _legend(profile: Profile) -> Iterator[Any]:
    yield Patch(label="all nets" if profile.is_exact else "random nets", **_DRAWN)
    if profile.within is not None:
        yield Patch(label="within the budget", **_WITHIN)
    if profile.defaults:
        yield Line2D([], [], linestyle="none", label="defaults", **_DEFAULTS)
    yield Line2D([], [], linestyle="none", label="least and most", **_LEAST)


# ---- what decides


def _drivers(axes: Axes, profile: Profile, shown: Sequence[Driver]) -> None:
    name = profile.names[0]
    places = np.arange(len(shown))
    axes.barh(places, [driver.share for driver in shown], color=BLUE, height=0.62, clip_on=False)
    axes.set_yticks(places, [driver.path for driver in shown], parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    longest = shown[0].share if shown else 1
    axes.set_xlim(0, _BESIDE * longest)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=SMALL)
    look: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SMALL}
    for place, driver in enumerate(shown):
        low, high = driver.ends
        change = f"{low.value}: {short(name, low.cost)}  →  {high.value}: {short(name, high.cost)}"
        axes.annotate(f"{driver.share:.1%}", (driver.share, place), (5, 0), **look)
        axes.annotate(change, (_TOLD * longest, place), (5, 0), parse_math=False, **look)
    words = name.replace("_", " ")
    what = f"what decides {words}" if shown else f"no choice stands out in deciding {words}"
    axes.set_title(what, loc="left", fontsize=SMALL + 1, fontweight="bold")
    if not shown:
        axes.set_axis_off()
    else:
        ends = f"share of the variance of log {words}; median {heading(name)} at either end"
        axes.set_title(ends, loc="right", fontsize=_NOTE)
