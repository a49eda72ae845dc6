"""A cost in a column or on an axis, which says its unit once."""

from __future__ import annotations

from explorer.cost.batch import LATENCY
from explorer.units import format_count

_UNITS = {"memory": ("MiB", 2**20), "training_memory": ("MiB", 2**20), LATENCY: ("ms", 1000)}


def heading(name: str) -> str:
    """``macs``, ``memory, MiB``."""
    words = name.replace("_", " ")
    return f"{words}, {_UNITS[name][0]}" if name in _UNITS else words


def scale(name: str) -> int:
    """By what a cost is divided to be in the unit of its heading."""
    return _UNITS[name][1] if name in _UNITS else 1


def figure(name: str, cost: float) -> str:
    """A cost in three digits, without its unit: ``1.57G``, ``6.51``."""
    if name not in _UNITS:
        return format_count(int(float(f"{cost:.3g}")))
    value = cost / scale(name)
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
