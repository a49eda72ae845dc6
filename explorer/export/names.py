"""Names in an exported file: of classes, of values in a forward, of numbers in a constructor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from keyword import iskeyword

from explorer.export.body import Number, ordered_items
from explorer.export.tree import Form, Group, Item
from explorer.graph import Graph, Node


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
    group: Group, known: Mapping[int, str] | None = None
) -> Iterator[tuple[Group, tuple[str, ...]]]:
    """What each group calls the values it is given: ``x`` for one, else as the class around it.

    Args:
        group: where to begin; the groups inside follow.
        known: the names of values in the class around it.
    """
    known = known or {}
    names = ("x",) if len(group.inputs) == 1 else tuple(known[value] for value in group.inputs)
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


def number_name(graph: Graph, group: Group, number: Number) -> str:
    """As the text calls it, where it does; else after its layer."""
    node = graph.nodes[number.node]
    path = node.path.removeprefix(f"{group.path}.").replace(".", "_")
    which = number.argument.removesuffix("_channels").removesuffix("_features")
    return (_written(node) if which == "out" else None) or f"{path}_{which}"


def _written(node: Node) -> str | None:
    """The last bare name in the text of a node: ``n1`` of ``conv 1x1 n1``."""
    if node.place is None:
        return None
    start = node.place.column - 1
    _, *words = node.place.text[start : start + node.place.width].split()
    names = [w for w in words if w.isidentifier() and w not in node.op.signature.flags]
    return names[-1] if names else None
