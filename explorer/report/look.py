"""What all figures of ours look like: colours, fonts, ticks, and how they are written.

Colours are Okabe and Ito's, which colour-blind people can tell apart; no meaning rests on colour
alone. Nothing here touches pyplot or any other global state for longer than a call.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf, log
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, BLACK = "#CC79A7", "#56B4E9", "#000000"
SERIES = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK)  # of things side by side
GREY, PALE, INK, RULE = "#8a8f98", "#c3c7cd", "#30343b", "#e4e6ea"
FONT, SMALL = 12.0, 11.0
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so the figures are the same everywhere
    "font.size": FONT,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "svg.hashsalt": "explorer",
    "svg.fonttype": "path",
}
_TICKS = 7
_GAP = 0.13  # of the axis, between two ticks whose labels do not touch


def save(figure: Figure, path: Path) -> Path:
    """Write a figure; the same figure gives the same bytes."""
    is_svg = path.suffix == ".svg"
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type") if is_svg else ("Software",))
    with rc_context(STYLE):
        figure.savefig(path, dpi=200, metadata=metadata)
    return path


def settle(figure: Figure) -> None:
    """Fix the layout, which the labels need to know."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()


def log_ticks(low: float, high: float) -> list[float]:
    """Round costs, as many a decade as a label each has room for."""
    found: list[float] = []
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = [digit * 10.0**power for power in range(19) for digit in digits]
        inside = [tick for tick in ticks if low / 1.1 <= tick <= high * 1.1]
        nearest = min((log(b / a) for a, b in pairwise(inside)), default=inf)
        if len(inside) <= _TICKS and nearest >= _GAP * log(high / low):
            found = inside
    return found
