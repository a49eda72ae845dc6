"""How much a space leaves open: how many assignments, and how deep one choice stands in another."""

from __future__ import annotations

from math import floor, log10

from explorer.space.expression import Expression, knob_paths
from explorer.space.space import Space
from explorer.space.template import (
    Copies,
    Element,
    Guard,
    Head,
    JoinElement,
    OpElement,
    Select,
    Sequence,
)


def depth(space: Space) -> int:
    """The longest chain of choices of which each has a say only as the one before it allows.

    A knob inside an alternative of a lever makes 2; a net makes 0.
    """
    return _depth(space.root)


def _depth(element: Element) -> int:
    match element:
        case OpElement(arguments=arguments):
            return int(any(_is_open(value) for item in arguments for value in item.values))
        case Sequence(elements=elements):
            return max(map(_depth, elements), default=0)
        case JoinElement(branches=branches):
            return max((_is_open(b.when) + _depth(b.body) for b in branches), default=0)
        case Select(options=options):
            return 1 + max(map(_depth, options.values()))
        case Guard(test=test, then=then, otherwise=otherwise):
            return _is_open(test) + max(_depth(then), _depth(otherwise) if otherwise else 0)
        case Copies(count=count, copies=copies):
            return _is_open(count) + max(map(_depth, copies), default=0)
        case Head(body=body):
            return _depth(body)
    return 0


def _is_open(expression: Expression | None) -> bool:
    """Whether a choice decides it."""
    return expression is not None and bool(knob_paths(expression) - {"classes"})


def size_in_words(space: Space) -> str:
    """``12 assignments`` or, where nobody would count them, ``about 10^103 assignments``."""
    size = space.size
    return f"{size:,}" if size < 10**9 else f"about 10^{floor(log10(size))}"
