"""The form of a row: what a text says, and the shape, cost and layer that it must mean."""

from __future__ import annotations

from typing import NamedTuple

from explorer.ops import Cost, Specification


class Row(NamedTuple):
    """``text`` on an input of ``source``; the last node is the one that is looked at."""

    op: str
    text: str
    source: str
    sizes: tuple[int, ...]
    cost: Cost
    layer: Specification


def text_of(line: str, source: str = "3x8x8") -> str:
    return f"net n\ninput {source} classes 10\nx: {line}\n"
