"""Names in an exported file: of classes, of values in a forward, of numbers in a constructor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from keyword import iskeyword

from explorer.export.body import Number, ordered_items
from explorer.export.tree import Form, Group, Item
from explorer.graph import Graph


class Names:
    """Names of one namespace, each given once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def give(self, wanted: str) -> str:
        """The wanted name, or the first of ``name2``, ``name3`` ... that is free.

        A word of Python's gets an underscore behind it.
        """
        wanted = f"{wanted}_" if iskeyword(wanted) else wanted
        every = chain([wanted], (f"{wanted}{number}" for number in count(2)))
        name = next(name for name in every if name not in self)
        self._taken.add(name)
        return name

    def __contains__(self, name: str) -> bool:
        return name in self._taken


def camel(name: str) -> str:
    """``shuffle_unit`` is ``ShuffleUnit``."""
    return "".join(word[0].upper() + word[1:] for word in name.split("_") if word)


def class_name(group: Group) -> str:
    """The block's name; else the group's own, behind those of the classes around it."""
    if group.block is not None:
        return camel(group.block)
    own = "" if group.name.isdigit() else camel(group.name)
    around = group.parent
    return own if around is None or not around.path else class_name(around) + own


# ---- values


def value_labels(group: Group) -> list[tuple[str, ...]]:
    """What the values of a class may be called: for every step, a name for each output."""
    return [
        tuple(_label(group, item, value) for value in item.part.outputs)
        for item in ordered_items(group)
    ]


def argument_names(
    group: Group, known: Mapping[int, str]
) -> Iterator[tuple[Group, tuple[str, ...]]]:
    """What each group calls the values it is given: ``x`` for one, else as the class around it.

    Args:
        group: where to begin; the groups inside follow.
        known: the names of values in the class around it, or of what enters the net.
    """
    is_inside = group.parent is not None and len(group.inputs) == 1
    names = ("x",) if is_inside else tuple(known[value] for value in group.inputs)
    yield group, names
    if group.form is Form.CLASS:
        known = dict(zip(group.inputs, names, strict=True))
        for item, labels in zip(ordered_items(group), value_labels(group), strict=True):
            known |= zip(item.part.outputs, labels, strict=True)
    for part in group.parts.values():
        if isinstance(part, Group):
            yield from argument_names(part, known)


def _label(group: Group, item: Item, value: int) -> str:
    """A label of the text where there is one: of functions alone, or of what is returned beside."""
    part = item.part
    if isinstance(part, Group) and value != part.outputs[-1]:
        return next(name for name, inner in part.parts.items() if value in inner.indices)
    here = group
    for depth, name in enumerate(item.access[:-1], start=1):
        inner = here.parts[name]
        assert isinstance(inner, Group)
        if inner.form is Form.FUNCTIONS and inner.outputs == (value,):
            return "_".join(item.access[:depth])
        here = inner
    return "_".join(item.access)


# ---- numbers

_WRITTEN = (
    "out_channels",
    "out_features",
    "other",
    "p",
)  # the arguments that stand last in the text of their op
_PLAIN = {"other": "factor", "num_heads": "heads"}  # names better than torch's
_LONGEST = 24


def number_names(graph: Graph, group: Group, numbers: Sequence[Number]) -> list[str]:
    """A name for each number, as short as it can be without two being the same."""
    every = [_candidates(graph, group, number) for number in numbers]
    names = [candidates[0] for candidates in every]
    for length in range(1, 3):
        uses = Counter(names)
        names = [
            candidates[min(length, len(candidates) - 1)] if uses[name] > 1 else name
            for name, candidates in zip(names, every, strict=True)
        ]
    return names


def _candidates(graph: Graph, group: Group, number: Number) -> list[str]:
    """As the text calls it, where it does, or as torch does; after its layer; after its path."""
    node = graph.nodes[number.node]
    which = number.argument.removesuffix("_channels").removesuffix("_features")
    written = written_name(graph, number)
    if written:
        return [written]
    path = node.path.removeprefix(f"{group.path}.").replace(".", "_")
    layer = node.path.rpartition(".")[2]
    qualified = [f"{name}_{which}" for name in (layer, path)]
    found = qualified if which in ("in", "out", "num") else [_PLAIN.get(which, which), *qualified]
    return [name for name in found if len(name) <= _LONGEST] or [which]


def written_name(graph: Graph, number: Number) -> str | None:
    """What the text calls a number: the last bare name of its op, ``n1`` of ``conv 1x1 n1``."""
    node = graph.nodes[number.node]
    if node.place is None or number.argument not in _WRITTEN:
        return None
    start = node.place.column - 1
    _, *words = node.place.text[start : start + node.place.width].split()
    names = [w for w in words if w.isidentifier() and w not in node.op.signature.flags]
    return names[-1] if names else None
