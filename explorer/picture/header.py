"""What stands above a net: its name, what it takes and costs, and the colour bar."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from explorer.cost import count
from explorer.graph import Graph
from explorer.picture.metrics import LINE, text_width, wrap
from explorer.picture.picture import Label, Legend, Point, Rect
from explorer.picture.sheet import Sheet
from explorer.picture.words import percent
from explorer.units import format_count

_NAME, _TEXT, _SMALL = 14.0, 9.5, 8.0
_BAR = (110.0, 9.0)
_BELOW = 8.0
_NARROWEST = 300.0
MARGIN = 18.0  # of the page


@dataclass(frozen=True, slots=True)
class Header:
    """The header's labels and legend, already at their places on the page."""

    labels: tuple[Label, ...]
    legend: Legend | None
    width: float
    height: float


def header(sheet: Sheet, title: str, content: float) -> Header:
    """The header of a page whose content is so wide."""
    graph = sheet.cells.graph
    width = max(_NARROWEST, content)
    labels: list[Label] = []
    y = MARGIN
    for text, size, bold in _lines(graph, title, width):
        at = Point(MARGIN, round(y + LINE * size / 2, 2))
        labels.append(Label(at, text, size, bold=bold, faint=not bold))
        y += LINE * size
    most = max((card.share for card in sheet.cards), default=0.0)
    legend = _legend(y + _BELOW, most) if most else None
    y += (_BELOW + LINE * _SMALL) if legend else 0
    widest = max(text_width(label.text, label.size, label.bold) for label in labels)
    return Header(tuple(labels), legend, max(_NARROWEST, widest), ceil(y + _BELOW - MARGIN))


def _lines(graph: Graph, title: str, width: float) -> list[tuple[str, float, bool]]:
    facts = " · ".join(_facts(graph))
    lines = [(text, _NAME, True) for text in wrap(graph.name, _NAME, width, bold=True)]
    lines += [(text, _TEXT, False) for text in wrap(title, _TEXT, width)]
    return lines + [(text, _TEXT, False) for text in wrap(facts, _TEXT, width)]


def _facts(graph: Graph) -> list[str]:
    cost = count(graph)
    taken = ", ".join(str(node.shape) for node in graph.nodes if not node.inputs)
    return [
        f"input {taken}",
        f"{format_count(cost.macs)} macs",
        f"{format_count(cost.params)} params",
    ]


def _legend(top: float, most: float) -> Legend:
    middle = round(top + LINE * _SMALL / 2, 2)
    bar = Rect(MARGIN + 12, round(middle - _BAR[1] / 2, 2), *_BAR)
    upper = percent(most)
    after = bar.right + 5 + text_width(upper, _SMALL) + 8
    labels = (
        Label(Point(bar.left - 5, middle), "0", _SMALL, "right", faint=True),
        Label(Point(bar.right + 5, middle), upper, _SMALL, faint=True),
        Label(Point(round(after, 2), middle), "share of the net's macs", _SMALL, faint=True),
    )
    return Legend(bar, most, labels)
