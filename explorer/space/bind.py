"""An assignment turns a space into one graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer.errors import NetError
from explorer.graph import Graph, Node, Output, prune
from explorer.space.expression import Value, knob_paths
from explorer.space.knobs import Assignment, complete, write_value
from explorer.space.requirements import broken_requirements, check_assignment
from explorer.space.space import Space
from explorer.space.walk import Binder, Reader


@dataclass(frozen=True, slots=True)
class Candidate:
    """A space with an assignment, and the graph that they are.

    Attributes:
        assignment: a value for every choice; inactive ones are pinned to their default.
        active: the choices that have a part in the graph.
        idle: the nodes that are not in the graph because nothing reads them, by path.
    """

    assignment: Mapping[str, Value | str]
    active: frozenset[str]
    graph: Graph
    idle: frozenset[str] = frozenset()

    def written(self) -> dict[str, int | str]:
        """The assignment as JSON holds it."""
        return {path: write_value(value) for path, value in self.assignment.items()}


def bind(space: Space, assignment: Assignment | None = None, *, heads: bool = False) -> Candidate:
    """The candidate that an assignment describes; what is not assigned keeps its default.

    Args:
        space: the space, or a net.
        assignment: values by path, as numbers, words or texts.
        heads: with the auxiliary heads, as training may want them; they are no part of the net at
            inference, which is what is counted and exported.

    Raises:
        NetError: an unknown name, a value outside its domain, a requirement that does not hold,
            shapes that do not fit.
    """
    full = complete(space.choices, assignment or {})
    knobs = Reader(full, space.header.classes)
    binder = Binder(space, knobs, heads)
    try:
        binder.run(space.root)
    except RecursionError:
        raise NetError(f"{space.name}: calls and numbers are nested too deeply") from None
    check_assignment(space, full)
    graph = Graph(
        space.name,
        tuple(binder.nodes),
        binder.outputs(),
        tuple(binder.scopes),
        space.header.classes,
    )
    pruned = prune(graph)
    idle = _idle(graph, binder.spared) if len(pruned.nodes) < len(graph.nodes) else []
    if space.is_net:
        _check_read(graph, idle, binder.spared)
    active = frozenset(knobs.read)
    paths = frozenset(node.path for node in idle)
    return Candidate(_pinned(space, full, active), active, pruned, paths)


def _check_read(graph: Graph, idle: list[Node], spared: set[int]) -> None:
    """Nothing in a net stands for nothing; one of several inputs is no exception."""
    if idle:
        message = f"nothing reads '{idle[0].path}': no line goes on from it, and it is no output"
        raise NetError(message, idle[0].place)
    if len(graph.inputs) > 1:
        read = spared | {output.node for output in graph.outputs}
        for index, source in enumerate(graph.inputs):
            if not graph.readers[index] and index not in read:
                raise NetError(f"nothing reads the input '{source.path}'", source.place)


def _pinned(
    space: Space, full: Mapping[str, Value | str], active: frozenset[str]
) -> dict[str, Value | str]:
    """Inactive choices at their defaults, but for those that a requirement needs as they are."""
    kept = set(active)
    while True:
        pinned = {
            path: value if path in kept else space.choices[path].default
            for path, value in full.items()
        }
        broken = broken_requirements(space, pinned)
        if not broken:
            return pinned
        kept.update(path for requirement in broken for path in knob_paths(requirement.test))


def _idle(graph: Graph, spared: set[int]) -> list[Node]:
    """The nodes that stand for nothing; what ends in zeros or feeds a head does not."""
    more = tuple(Output("", index) for index in spared)
    kept = {node.path for node in prune(replace(graph, outputs=graph.outputs + more)).nodes}
    return [node for node in graph.nodes if node.path not in kept]
