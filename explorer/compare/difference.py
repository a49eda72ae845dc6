"""The difference of two nets as one value: choices, levers, cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explorer.compare.change import Change, gathered
from explorer.compare.walk import Walk
from explorer.compare.wiring import inputs, outputs, rewired
from explorer.cost import WEIGHTED, count
from explorer.graph import Graph, canonical, fingerprint
from explorer.space import Candidate, Space, write_value

FIGURES = ("macs", "params", "activations", "weight layers")

Written = int | str


@dataclass(frozen=True, slots=True)
class Subject:
    """A net to compare: a space with an assignment, and what the user calls it."""

    label: str
    space: Space
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class ChoiceChange:
    """A choice that two assignments of one space make otherwise.

    Attributes:
        active_a: whether it has a part in the first net; so ``active_b`` for the second.
    """

    path: str
    a: Written
    b: Written
    active_a: bool = True
    active_b: bool = True

    @property
    def group(self) -> str:
        """The piece of the space that it belongs to."""
        return self.path.rpartition(".")[0]

    def reversed(self) -> ChoiceChange:
        return ChoiceChange(self.path, self.b, self.a, self.active_b, self.active_a)

    def to_json(self) -> dict[str, Any]:
        return {
            "choice": self.path,
            "a": self.a,
            "b": self.b,
            "active": {"a": self.active_a, "b": self.active_b},
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """One of the two nets in figures, in the order of FIGURES."""

    label: str
    fingerprint: str
    figures: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        names = (name.replace(" ", "_") for name in FIGURES)
        figures = dict(zip(names, self.figures, strict=True))
        return {"net": self.label, "fingerprint": self.fingerprint, **figures}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two nets differ.

    Attributes:
        choices: that differ, of two assignments of one space.
        changes: the levers, equal changes gathered.
        renamed: of two nets that compute the same, how many nodes are called otherwise.
    """

    a: Summary
    b: Summary
    choices: tuple[ChoiceChange, ...]
    changes: tuple[Change, ...]
    renamed: int = 0

    @property
    def is_same(self) -> bool:
        """Whether both nets compute the same."""
        return self.a.fingerprint == self.b.fingerprint

    def reversed(self) -> Difference:
        """The difference from the second net to the first."""
        return Difference(
            self.b,
            self.a,
            tuple(choice.reversed() for choice in self.choices),
            tuple(change.reversed() for change in self.changes),
            self.renamed,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            "same": self.is_same,
            "renamed": self.renamed,
            "choices": [choice.to_json() for choice in self.choices],
            "changes": [change.to_json() for change in self.changes],
        }


def compare(a: Subject, b: Subject) -> Difference:
    """Where two nets differ. Compared the other way round, every arrow points the other way."""
    graphs = a.candidate.graph, b.candidate.graph
    first, second = (
        _summary(subject.label, graph) for subject, graph in zip((a, b), graphs, strict=True)
    )
    paths = [{node.path for node in graph.nodes} for graph in graphs]
    renamed = len(paths[0] - paths[1]) if first.fingerprint == second.fingerprint else 0
    return Difference(first, second, choice_changes(a, b), difference(*graphs), renamed)


def difference(a: Graph, b: Graph) -> tuple[Change, ...]:
    """The levers in which two graphs differ; none for two that compute the same."""
    mine, theirs = canonical(a), canonical(b)
    if mine == theirs:
        return ()
    # Always walked in one direction, so that the other one says the same with arrows turned.
    if (mine, _paths(a)) > (theirs, _paths(b)):
        return tuple(change.reversed() for change in _changes(b, a))
    return _changes(a, b)


def _paths(graph: Graph) -> list[str]:
    return [node.path for node in graph.nodes]


def _changes(a: Graph, b: Graph) -> tuple[Change, ...]:
    found = list(_told(a, b))
    if not found:  # never seen; better a vague line than none
        found = [Change("wiring", "layers joined", "one way", "another")]
    return gathered(found)


def _told(a: Graph, b: Graph) -> Iterator[Change]:
    walk = Walk(a, b)
    yield from inputs(a, b)
    yield from outputs(a, b)
    # The layer that puts out the classes follows from how many there are.
    classes = ("channels", str(a.classes), str(b.classes))
    yield from (one for one in walk.changes if (one.lever, one.a, one.b) != classes)
    yield from rewired(a, b, walk.partners)


def choice_changes(a: Subject, b: Subject) -> tuple[ChoiceChange, ...]:
    """The choices that differ, in the order of the text; none for nets of different spaces."""
    if a.space.choices != b.space.choices:
        return ()
    mine, theirs = a.candidate, b.candidate
    return tuple(
        ChoiceChange(
            path,
            write_value(mine.assignment[path]),
            write_value(theirs.assignment[path]),
            path in mine.active,
            path in theirs.active,
        )
        for path in a.space.choices
        if mine.assignment[path] != theirs.assignment[path]
    )


def _summary(label: str, graph: Graph) -> Summary:
    figures = (*count(graph), graph.depth(*WEIGHTED))
    return Summary(label, fingerprint(graph), figures)
