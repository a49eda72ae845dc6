"""Predicted latencies of all nets of a space: features summed up by kind, times weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from explorer.cost.batch.atoms import Exact
from explorer.cost.batch.graphs import Trace, TracedNode
from explorer.cost.batch.numbers import Number
from explorer.cost.batch.truth import Truth
from explorer.cost.kinds import features, kind
from explorer.cost.latency import Predictor
from explorer.ops import Input
from explorer.ops.conv import Conv


def predicted(trace: Trace, needed: Sequence[Truth], predictor: Predictor) -> Exact:
    """Femtoseconds for one batch: whole numbers, so that sums in any order are equal."""
    total: Exact = 0
    for node, when in zip(trace.nodes, needed, strict=True):
        if when is when.table.false or isinstance(node.op, Input):
            continue
        found = features(node.op, node.shapes, node.shape)
        for case, name in _kinds(node):
            mask = trace.algebra.mask(when & case)
            for weight, feature in zip(predictor.whole_weights(name), found, strict=True):
                total = total + feature * weight * mask
    return total


def _kinds(node: TracedNode) -> Iterator[tuple[Truth | bool, str]]:
    """The kinds that a node may be of: whether a convolution has groups may be open."""
    op = node.op
    if not isinstance(op, Conv) or not isinstance(op.groups, Number):
        yield True, kind(op)
        return
    grouped = op.groups.algebra.truths.of(op.groups > 1)
    for truth, groups in ((grouped, 2), (~grouped, 1)):
        if truth is not grouped.table.false:
            yield truth, kind(replace(op, groups=groups))
