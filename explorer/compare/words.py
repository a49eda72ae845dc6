"""Pieces of a net in words, as the language writes them."""

from __future__ import annotations

from explorer.compare.facts import SIGNS, short
from explorer.compare.items import Chain, Item

_LONGEST = 60  # characters


def told(chain: Chain) -> str:
    """A chain as text; a long one as the number of its layers."""
    text = " > ".join(_item(item) for item in chain) or "id"
    if len(text) <= _LONGEST:
        return text
    return f"{sum(1 for item in chain for _ in item.everything())} layers"


def _item(item: Item) -> str:
    if not item.branches:
        return short(item.op)
    sign = SIGNS.get(item.op.name)
    inner = [told(branch) for branch in item.branches]
    return f"[ {f' {sign} '.join(inner)} ]" if sign else short(item.op)
