"""Shipped nets in a size that a test can afford."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from explorer.errors import NetError
from explorer.graph import Graph
from explorer.ops import image
from explorer.space import Rebind, bind
from explorer.space.library import find_text

SIZES = (64, 96, 128, 160, 192, 224, 256, 299, 331)


@cache
def small(name: str) -> Graph:
    """A shipped text at a quarter of its width, on the smallest images that it takes.

    What takes no such images, or has several inputs, is as it is.
    """
    text = find_text(name)
    for size in SIZES:
        try:
            return bind(text.space(Rebind(image(3, size, size), 10, Fraction(1, 4)))).graph
        except NetError:
            continue
    return bind(text.space()).graph
