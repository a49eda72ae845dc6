"""Two layers side by side: which levers stand otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.compare.change import Change, Spot
from explorer.compare.facts import (
    arguments,
    family,
    kind_lever,
    lever_of,
    named,
    padding,
    paddings,
    short,
    written_as,
)
from explorer.compare.items import Item
from explorer.ops import Op


def compared(a: Item, b: Item) -> Iterator[Change]:
    """Every lever in which two layers and their tails differ."""
    spots = (Spot(a.path, b.path),)
    if family(a.op) != family(b.op):
        yield Change("pooling", "", short(a.op), short(b.op), spots)
        return
    yield from _kinds(a.op, b.op, spots)
    yield from _arguments(a.op, b.op, spots)
    yield from tails(a, b)


def _kinds(a: Op, b: Op, spots: tuple[Spot, ...]) -> Iterator[Change]:
    """Another op of the same family; a pool's window is told only where it is another."""
    if a.name != b.name:
        yield Change(kind_lever(a), "", a.name, b.name, spots)
    elif arguments(a).keys() != arguments(b).keys():
        yield Change(kind_lever(a), "", short(a), short(b), spots)


def _arguments(a: Op, b: Op, spots: tuple[Spot, ...]) -> Iterator[Change]:
    mine, theirs = arguments(a), arguments(b)
    if a.name == b.name and mine.keys() != theirs.keys():
        return
    for name in mine:
        if name not in theirs or mine[name] == theirs[name]:
            continue
        if name != "pad":
            values = written_as(name, mine[name]), written_as(name, theirs[name])
            yield Change(lever_of(a, name), _what(a, b, name), *values, spots)
        elif not paddings(a) & paddings(b):
            yield Change("padding", _what(a, b, name), padding(a), padding(b), spots)


def _what(a: Op, b: Op, argument: str) -> str:
    """What a line says in front of two values: the op, the argument, or both, where it helps."""
    lever = lever_of(a, argument)
    if lever in ("kernel", "stride", "padding"):
        return a.name if a.name == b.name else family(a)
    if lever in (argument, "dropout"):
        return ""
    return argument if lever == a.name or a.name != b.name else f"{a.name} {argument}"


def tails(a: Item, b: Item) -> Iterator[Change]:
    """The normalisations and activations behind two layers."""
    spots = (Spot(a.path, b.path),)
    what = a.op.name if a.op.name == b.op.name else "layer"
    same = True
    for lever in ("normalization", "activation"):
        mine, theirs = _of_lever(a.tail, lever), _of_lever(b.tail, lever)
        if mine != theirs:
            same = False
            yield Change(lever, what, mine, theirs, spots, behind=True)
    if same and a.tail != b.tail:
        mine, theirs = (" > ".join(op.name for op in item.tail) for item in (a, b))
        yield Change("normalization", what, mine, theirs, spots, behind=True)


def _of_lever(tail: Sequence[Op], lever: str) -> str:
    return " > ".join(named(op) for op in tail if family(op) == lever) or "none"


def factored(a: Sequence[Item], b: Sequence[Item]) -> Iterator[Change]:
    """What else differs between two runs of which one is the other, factorized."""
    first, last = a[-1], b[-1]
    spots = (Spot(first.path, last.path),)
    mine, theirs = first.node.shape.channels, last.node.shape.channels
    if mine != theirs:
        yield Change("channels", "", str(mine), str(theirs), spots)
    if not first.branches and not last.branches:
        yield from tails(first, last)
