"""Who reads whom: layers that are the same in both nets, but read other values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from explorer.compare.branches import Pairs
from explorer.compare.change import Change, Spot
from explorer.graph import Graph, Output
from explorer.ops import Input


def rewired(a: Graph, b: Graph, partners: Mapping[int, tuple[int, Pairs]]) -> Iterator[Change]:
    """Every layer that reads another value than its partner, beyond what came or went between."""
    forth = {mine: theirs for mine, (theirs, _) in partners.items()}
    back = {theirs: mine for mine, theirs in forth.items()}
    for mine, (theirs, pairs) in partners.items():
        node_a, node_b = a.nodes[mine], b.nodes[theirs]
        for i, j in pairs:
            source_a = _source(a, node_a.inputs[i], forth)
            source_b = _source(b, node_b.inputs[j], back)
            if source_a is None or source_b is None or _are_same(a, b, source_a, source_b, forth):
                continue
            paths = a.nodes[source_a].path, b.nodes[source_b].path
            yield Change("wiring", "reads", *paths, (Spot(node_a.path, node_b.path),))


def _source(graph: Graph, index: int, partners: Mapping[int, int]) -> int | None:
    """The nearest layer above with a partner, or an input; None behind a join without one."""
    while index not in partners and not isinstance(graph.nodes[index].op, Input):
        sources = graph.nodes[index].inputs
        if len(sources) != 1:
            return None
        (index,) = sources
    return index


def _are_same(a: Graph, b: Graph, mine: int, theirs: int, forth: Mapping[int, int]) -> bool:
    if mine in forth:
        return forth[mine] == theirs
    is_input = isinstance(b.nodes[theirs].op, Input)
    return is_input and mine == theirs  # inputs are the first nodes, in one order


def inputs(a: Graph, b: Graph) -> Iterator[Change]:
    """What enters, and how many classes leave."""
    several = max(len(a.inputs), len(b.inputs)) > 1
    for one, other in zip_longest(a.inputs, b.inputs):
        paths = [node.path if node is not None else None for node in (one, other)]
        texts = [_told(node.op) if node is not None else None for node in (one, other)]
        if texts[0] != texts[1]:
            spots = (Spot(*paths),) if several else ()
            yield Change("input", "" if all(paths) else "input", texts[0], texts[1], spots)
    if a.classes != b.classes:
        yield Change("classes", "", str(a.classes or "none"), str(b.classes or "none"))


def _told(op: object) -> str:
    if not isinstance(op, Input):
        return ""
    return str(op.what) if op.dtype in ("float32", "int64") else f"{op.what} {op.dtype}"


def outputs(a: Graph, b: Graph) -> Iterator[Change]:
    """The values that leave, where there are several."""
    if max(len(a.outputs), len(b.outputs)) == 1:
        return
    ours, theirs = ({one.name: one for one in graph.outputs} for graph in (a, b))
    for name in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(name), theirs.get(name)
        spots = (Spot(_path(a, one), _path(b, other)),)
        if one is None or other is None:
            found = [None if output is None else name for output in (one, other)]
            yield Change("output", name, found[0], found[1], spots)
        elif one.weight != other.weight:
            yield Change("output", "weight", str(one.weight), str(other.weight), spots)


def _path(graph: Graph, output: Output | None) -> str | None:
    return None if output is None else graph.nodes[output.node].path
