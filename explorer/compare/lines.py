"""Changes as lines for people: few enough to read, or all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from explorer.compare.change import Change

_LINES = 6  # of one lever
_EXAMPLES = 3


def lines(changes: Sequence[Change], everything: bool = False) -> Iterator[str]:
    """A line for every change, each starting with its lever; many widths are one line."""
    if everything:
        yield from (change.line(None) for change in changes)
        return
    for lever, group in groupby(changes, key=lambda change: change.lever):
        found = list(group)
        if lever == "channels" and len(found) > _LINES:
            yield _widths(found)
        else:
            yield from (change.line() for change in found[:_LINES])
            yield from [f"{lever}: {len(found) - _LINES} more changes"] * (len(found) > _LINES)


def _widths(found: list[Change]) -> str:
    """Many filter counts in one line: how many, by how much, and the first of them."""
    ratios = [int(change.b or 1) / int(change.a or 1) for change in found]
    low, high = f"x{min(ratios):.3g}", f"x{max(ratios):.3g}"
    span = low if low == high else f"{low} to {high}"
    count = sum(len(change.spots) for change in found)
    examples = ", ".join(f"{change.said()} at {change.spots[0]}" for change in found[:_EXAMPLES])
    return f"channels: {count} filter counts, {span} ({examples}, ...)"
