"""What searches reach as they go on, drawn: thick lines are means, thin ones single searches."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.errors import ExplorerError
from explorer.report.look import GREY, INK, RULE, SERIES, SMALL, STYLE

Array = NDArray[np.float64]
Curves = Mapping[str, Sequence[Array]]  # of every search of each name, at the same places

_DASHES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)))
_LOOKS = tuple(zip((*SERIES, GREY), _DASHES, strict=True))
_COLUMNS = 4  # of panels, and of the words of a legend


def figure_path(text: str) -> Path:
    """Where a figure can be written, as an argument of a command.

    Raises:
        argparse.ArgumentTypeError: another kind of file, or no such folder.
    """
    path = Path(text)
    if path.suffix not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"a figure is an .svg or a .png, got '{text}'")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    return path


def curves(
    found: Curves,
    places: Array,
    across: str,
    up: str,
    between: tuple[float, float | None] = (0, None),
    singles: bool = True,
) -> Figure:
    """A figure of what was reached.

    Args:
        found: what every search of each name reached, one number for each place.
        places: where along the figure, ascending.
        across: what the places are.
        up: what is reached.
        between: where the figure ends below and above; None for as high as needed.
        singles: whether single searches are drawn as well as means.

    Raises:
        ExplorerError: more names than there are looks.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(6.8, 4.4), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        _draw(axes, found, places, singles)
        axes.set_ylim(*between)
        _legend(figure, axes)
    return figure


def panels(found: Mapping[str, Curves], places: Array, across: str, up: str) -> Figure:
    """The means of several such questions side by side, all of the same names.

    Args:
        found: by the titles of panels, shares between 0 and 1.
        places: where along the panels, ascending.
        across: what the places are.
        up: what is reached.
    """
    rows = -(-len(found) // _COLUMNS)
    with rc_context(STYLE | {"font.size": SMALL}):
        figure = Figure(figsize=(9.2, 0.9 + 2.1 * rows), layout="constrained")
        every = figure.subplots(
            rows, min(_COLUMNS, len(found)), sharex=True, sharey=True, squeeze=False
        )
        for axes, (title, each) in zip(every.flat, found.items(), strict=False):
            axes.set_title(title, fontsize=SMALL, color=INK)
            _draw(axes, each, places, singles=False)
            axes.set_ylim(0, 1)
        for axes in every.flat[max(0, len(found) - _COLUMNS) : len(found)]:  # the lowest ones
            axes.set_xlabel(across, fontsize=SMALL)
            axes.tick_params(labelbottom=True)
        for axes in every.flat[len(found) :]:
            axes.set_axis_off()
        figure.supylabel(up, fontsize=SMALL)
        _legend(figure, every.flat[0])
    return figure


def _draw(axes: Axes, found: Curves, places: Array, singles: bool) -> None:
    if len(found) > len(_LOOKS):
        raise ExplorerError(f"a figure tells {len(_LOOKS)} names apart, got {', '.join(found)}")
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    for (name, searches), (colour, dash) in zip(found.items(), _LOOKS, strict=False):
        for each in searches if singles else ():
            axes.plot(places, each, color=colour, linewidth=0.8, alpha=0.35)
        if len(searches):
            mean = np.mean(searches, axis=0)
            axes.plot(places, mean, color=colour, linewidth=2.2, linestyle=dash, label=name)
    axes.set_xlim(float(places[0]), float(places[-1]))
    axes.tick_params(colors=INK)


def _legend(figure: Figure, axes: Axes) -> None:
    """Below, for all panels."""
    handles, names = axes.get_legend_handles_labels()
    columns = min(_COLUMNS, len(names))
    figure.legend(
        handles, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=SMALL
    )
