"""Overlapping communities of a correlation graph by common neighbours: the paper's graph recovery.

Source: arXiv 1310.6343, step 2 of "Learning a single layer network". Every unit lies in as many
communities as it has positive parents, so a partition of the graph cannot be the answer.
"""

from __future__ import annotations

import numpy as np

from explorer.construct.correlate import Pairs
from explorer.construct.samples import from_pairs
from explorer.construct.thresholds import Paper
from explorer.construct.units import Units

_SMALLEST = 3


def communities(pairs: Pairs, units: int, rules: Paper) -> Units:
    """The sets of children of one hidden unit each.

    From an edge that no community has yet, take the common neighbours S of its ends. If they are
    few enough to have one parent, those of S that know most of the others are its children.

    Source: arXiv 1310.6343, "Learning a single layer network", step 2: recovering the graph.

    Args:
        pairs: the edges of the correlation graph.
        units: nodes.
        rules: the thresholds.
    """
    graph = from_pairs(
        np.concatenate([pairs.first, pairs.second]),
        np.concatenate([pairs.second, pairs.first]),
        (units, units),
    )
    known = [set(near.tolist()) for near in np.split(graph.indices, graph.indptr[1:-1])]
    marked: set[tuple[int, int]] = set()
    found: list[list[int]] = []
    for edge in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        if edge in marked:
            continue
        common = known[edge[0]] & known[edge[1]] | set(edge)
        if len(common) >= rules.few:
            continue
        children = sorted(v for v in common if len(known[v] & common) >= rules.inside)
        if len(children) < _SMALLEST:
            continue
        found.append(children)
        marked.update((u, v) for i, u in enumerate(children) for v in children[i + 1 :])
    return _as_units(found, units, rules)


def _as_units(found: list[list[int]], units: int, rules: Paper) -> Units:
    rows = np.repeat(np.arange(len(found)), [len(children) for children in found])
    columns = np.array([child for children in found for child in children], int)
    children = from_pairs(rows, columns, (len(found), units))
    every = np.ones(len(found))
    return Units(children, rules.active * every, rules.density * every, every)
