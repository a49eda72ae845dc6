"""Searches that start from a net: the space around it, and what it costs. Without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from explorer.around import around
from explorer.budget import Budget
from explorer.cost import count
from explorer.space import bind
from explorer.space.library import Text, find_text


def opened(name: str) -> Text:
    """The space around the net of a shipped name or a path.

    Raises:
        ExplorerError: there is no such net, or nothing in it to open.
    """
    return Text(f"{start_stem(name)}.space", _around(find_text(name)).content)


@lru_cache(maxsize=1)  # a command asks for it again and again
def _around(text: Text) -> Text:
    return around(text)


def own_budget(name: str) -> Budget:
    """What a net costs, as a budget of multiply-adds.

    Raises:
        ExplorerError: see :func:`opened`.
    """
    return Budget({"macs": count(bind(opened(name).space()).graph).macs})


def start_stem(name: str) -> str:
    """What to call what grows around a net."""
    return f"around-{Path(name).stem.replace(':', '-')}"


def question(space: str, start: str) -> Text:
    """The text that is searched: of a space, or around the net to start from.

    Raises:
        ExplorerError: see :func:`opened` and :func:`explorer.space.library.find_text`.
    """
    return opened(start) if start else find_text(space, "space").alone()
