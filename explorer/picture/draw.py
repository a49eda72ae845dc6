"""Puts a picture on paper with matplotlib; every place and size is decided already.

Nothing here touches pyplot or any other global state for longer than a call. Texts of an SVG stay
texts, and the same picture gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from explorer.errors import ExplorerError
from explorer.picture import colour
from explorer.picture.boxes import SHADOWS, STACK
from explorer.picture.metrics import LINE
from explorer.picture.picture import Box, Edge, Label, Legend, Picture, Point, Rect
from explorer.picture.strokes import strokes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

SUFFIXES = (".svg", ".png")
_DOTS = 160  # an inch, of a PNG that is not too large
_LARGEST, _LONGEST = 60e6, 30_000  # pixels, of a PNG and of its side
_CORNER = 4.0  # radius
_ARC = 0.5523  # of the radius, from a quarter circle's end to its control point
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    # The first comes with matplotlib; the others are as wide where an SVG is shown without it.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Bitstream Vera Sans", "Arial", "sans-serif"],
    "svg.hashsalt": "explorer",
    "svg.fonttype": "none",
    "path.simplify": False,
}


def save(picture: Picture, path: FilePath) -> FilePath:
    """Write a picture; the suffix says as what.

    Raises:
        ExplorerError: the suffix is none of ours, or the file cannot be written.
    """
    from matplotlib import rc_context

    check_suffix(path)
    is_svg = path.suffix.lower() == ".svg"
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type") if is_svg else ("Software",))
    figure = draw(picture)
    try:
        with rc_context(_STYLE), catch_warnings():
            filterwarnings("ignore", message="Glyph")  # letters that the font does not have
            figure.savefig(path, dpi=_resolution(picture), metadata=metadata)
    except OSError as error:
        raise ExplorerError(f"{path}: cannot be written ({error.strerror})") from None
    return path


def check_suffix(path: FilePath) -> None:
    """A picture's file says by its suffix what it is.

    Raises:
        ExplorerError: the suffix is none of ours.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ExplorerError(f"{path}: a picture is written as {' or '.join(SUFFIXES)}")


def _resolution(picture: Picture) -> float:
    """Dots an inch: fewer for pictures that no viewer would open otherwise."""
    width, height = picture.width / 72, picture.height / 72
    return min(_DOTS, _LONGEST / max(width, height), sqrt(_LARGEST / (width * height)))


def draw(picture: Picture) -> Figure:
    """The picture as a figure of its own size, with nothing around it."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        size = (picture.width / 72, picture.height / 72)
        figure = Figure(figsize=size, facecolor=colour.PAPER)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, picture.width), ylim=(picture.height, 0))
        axes.set_axis_off()
        _draw_bands(axes, picture)
        _draw_brackets(axes, picture)
        _draw_edges(axes, picture.edges)
        for box in picture.boxes:
            _draw_box(axes, box, picture.legend)
        for label in picture.labels:
            _draw_label(axes, label)
        if picture.legend:
            _draw_legend(axes, picture.legend)
    return figure


def _draw_bands(axes: Axes, picture: Picture) -> None:
    for band in picture.bands:
        paper = colour.BANDS[band.shaded]
        _fill(axes, _rectangle(band.rect), facecolor=paper, edgecolor="none", zorder=0)
        _draw_label(axes, band.label)


def _draw_brackets(axes: Axes, picture: Picture) -> None:
    for bracket in picture.brackets:
        _stroke(axes, _path([bracket.start, bracket.end]), edgecolor=colour.RIM, linewidth=0.9)
        _draw_label(axes, bracket.label)


# ---- edges


def _draw_edges(axes: Axes, edges: Sequence[Edge]) -> None:
    found = strokes(edges)
    look = {"edgecolor": colour.LINE, "linewidth": 1.0, "zorder": 1}
    for line in found.lines:
        _stroke(axes, _path(line), **look)
    for bend in found.bends:
        _stroke(axes, _path(bend, "MQQ"), **look)
    for head in found.heads:
        _fill(axes, _path(head), facecolor=colour.LINE, edgecolor="none", zorder=2)


# ---- boxes


def _draw_box(axes: Axes, box: Box, legend: Legend | None) -> None:
    paper = _paper(box, legend)
    for number in range(min(box.copies - 1, SHADOWS), 0, -1):
        behind = _moved(box.rect, STACK * number)
        _fill(axes, _round(behind, _CORNER), facecolor=paper, **_rim(box), zorder=3)
    is_round = box.kind in ("join", "input")
    outline = _round(box.rect, box.rect.height / 2 if is_round else _CORNER)
    _fill(axes, outline, facecolor=paper, **_rim(box), zorder=4)
    height = sum(LINE * line.size for line in box.lines)
    y = box.rect.center.y - height / 2
    for line in box.lines:
        at = Point(box.rect.center.x, y + LINE * line.size / 2)
        label = Label(at, line.text, line.size, "center", line.bold)
        _draw_label(axes, label, colour.ink(paper))
        y += LINE * line.size


def _rim(box: Box) -> dict[str, Any]:
    return {"edgecolor": colour.RIM, "linewidth": 1.1 if box.kind == "block" else 0.8}


def _paper(box: Box, legend: Legend | None) -> str:
    if box.share and legend:
        return colour.ramp(box.share / legend.most)
    return colour.JOIN if box.kind in ("join", "input") else colour.PLAIN


def _moved(rect: Rect, distance: float) -> Rect:
    return Rect(rect.left + distance, rect.top + distance, rect.width, rect.height)


# ---- texts, legend, paths


def _draw_label(axes: Axes, label: Label, ink: str | None = None) -> None:
    axes.text(
        label.at.x, label.at.y, label.text, fontsize=label.size, ha=label.anchor,
        va="center_baseline", fontweight="bold" if label.bold else "normal",
        color=ink or (colour.FAINT if label.faint else colour.INK), parse_math=False, zorder=6,
    )  # fmt: skip


def _draw_legend(axes: Axes, legend: Legend) -> None:
    bar, steps = legend.rect, 48
    for number in range(steps):  # each to the end of the bar, so that no seam shows between two
        done = bar.width * number / steps
        rest = Rect(bar.left + done, bar.top, bar.width - done, bar.height)
        paper = colour.ramp(number / (steps - 1))
        _fill(axes, _rectangle(rest), facecolor=paper, edgecolor="none", zorder=4)
    _stroke(axes, _rectangle(bar), edgecolor=colour.RIM, linewidth=0.6, zorder=5)
    for label in legend.labels:
        _draw_label(axes, label)


def _rectangle(rect: Rect) -> Path:
    corners = [(rect.left, rect.top), (rect.right, rect.top), (rect.right, rect.bottom)]
    corners += [(rect.left, rect.bottom), (rect.left, rect.top)]
    return _path([Point(*corner) for corner in corners])


def _round(rect: Rect, radius: float) -> Path:
    """A rectangle with round corners."""
    x = (rect.left, rect.left + radius, rect.right - radius, rect.right)
    y = (rect.top, rect.top + radius, rect.bottom - radius, rect.bottom)
    near = (1 - _ARC) * radius
    points = [(x[1], y[0]), (x[2], y[0])]
    points += [(x[3] - near, y[0]), (x[3], y[0] + near), (x[3], y[1]), (x[3], y[2])]
    points += [(x[3], y[3] - near), (x[3] - near, y[3]), (x[2], y[3]), (x[1], y[3])]
    points += [(x[0] + near, y[3]), (x[0], y[3] - near), (x[0], y[2]), (x[0], y[1])]
    points += [(x[0], y[0] + near), (x[0] + near, y[0]), (x[1], y[0])]
    return _path([Point(*point) for point in points], "ML" + "CCCL" * 3 + "CCC")


def _path(points: Sequence[Point], codes: Sequence[str] = ()) -> Path:
    """A path; codes are M and L, Q for the two points of a bend, C for the three of an arc."""
    from matplotlib.path import Path

    names = {"M": Path.MOVETO, "L": Path.LINETO, "Q": Path.CURVE3, "C": Path.CURVE4}
    return Path(points, [names[code] for code in codes or "M" + "L" * (len(points) - 1)])


def _fill(axes: Axes, path: Path, **look: Any) -> None:
    from matplotlib.patches import PathPatch

    axes.add_artist(PathPatch(path, **look)).set_clip_on(False)


def _stroke(axes: Axes, path: Path, **look: Any) -> None:
    _fill(axes, path, facecolor="none", joinstyle="round", capstyle="butt", **look)
