"""Which groups share a class, and which numbers then differ among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.export.body import Body, Number
from explorer.export.layout import calls
from explorer.export.tree import Group

MAX_NUMBERS = 12  # that a constructor takes; beyond, groups share a class only if they are equal
WIDTH = "width"  # the kind of numbers that count channels, and what arguments call them
_WIDTHS = ("channels", "_features", "normalized_shape", "embedding_dim")

Member = tuple[Group, tuple[Number, ...]]

# A kind of number, and what stands in one hole, group by group. Equal columns are one parameter.
Column = tuple[str, ...]


def columns_of(members: list[Member]) -> list[Column]:
    return [
        (_kind(same[0]), *(number.text for number in same))
        for same in zip(*(numbers for _, numbers in members), strict=True)
    ]


def _kind(number: Number) -> str:
    return WIDTH if number.argument.endswith(_WIDTHS) else number.argument


def differs(column: Column) -> bool:
    return len(set(column[1:])) > 1


def halves(called: Mapping[Column, str]) -> dict[Column, str]:
    """The paddings that are half of a kernel, rounded down, and so need no parameter."""
    kernels = {column[1:]: name for column, name in called.items() if column[0] == "kernel_size"}
    found = {
        tuple(str(int(text) // 2) for text in texts): f"{name} // 2"
        for texts, name in kernels.items()
        if all(text.isdigit() for text in texts)
    }
    paddings = [column for column in called if column[0] == "padding" and column[1:] in found]
    return {column: found[column[1:]] for column in paddings}


def home(group: Group) -> str:
    """The block that a group stands in: pieces of different blocks are not one, however alike."""
    here: Group | None = group
    while here is not None and here.block is None:
        here = here.parent
    return "" if here is None or here.block is None else here.block


def is_worthwhile(body: Body, members: list[Member]) -> bool:
    """Whether calls of a function read better than what it would make, in its place."""
    parameters = {column for column in columns_of(members) if differs(column)}
    makes = sum(calls(layer) for _, layer in body.layers)
    return len(members) > 1 and len(parameters) <= makes


def shared(members: list[Member]) -> Iterator[list[Member]]:
    """The groups that share a class, out of those with equal bodies."""
    differing = {column for column in columns_of(members) if differs(column)}
    if len(differing) <= MAX_NUMBERS:
        yield members
        return
    of_layers = _apart(members, ("stride", "padding", "kernel_size"))
    if len(of_layers) > 1:
        for alike in of_layers:
            yield from shared(alike)
    else:
        yield from _apart(members, ())


def _apart(members: list[Member], arguments: tuple[str, ...]) -> list[list[Member]]:
    """The groups with the same numbers for these arguments, or for all if none are named."""
    found: dict[Column, list[Member]] = {}
    for group, numbers in members:
        texts = (n.text for n in numbers if not arguments or n.argument in arguments)
        found.setdefault(tuple(texts), []).append((group, numbers))
    return list(found.values())
