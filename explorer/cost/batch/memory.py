"""The bytes of all nets of a space: the formulas of :mod:`explorer.cost.memory`."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.cost.batch.atoms import Exact
from explorer.cost.batch.graphs import Phi, Trace, restrict
from explorer.cost.batch.truth import Truth
from explorer.cost.memory import FLOAT32, value_bytes
from explorer.ops import Input

Uses = dict[int, list[tuple[int, Truth]]]  # of each memory: at which steps, and when


def inference_bytes(trace: Trace, needed: Sequence[Truth], itemsize: int = FLOAT32) -> Exact:
    """The peak of activation memory at inference.

    A step adds what its node writes and takes away what nothing reads after it. The step of a node
    that is not there changes nothing, so the peak is over all steps.
    """
    algebra = trace.algebra
    homes = _homes(trace, training=False)
    uses = _uses(trace, needed, homes)
    freed = _freed(uses)
    held: Exact = 0
    sums: list[Exact] = []
    for step, node in enumerate(trace.nodes):
        if step in uses:
            held = held + value_bytes(node.shape, itemsize) * algebra.mask(needed[step])
            sums.append(held)
        for memory, when in freed.get(step, ()):
            shape = trace.nodes[memory].shape
            held = held - value_bytes(shape, itemsize) * algebra.mask(when)
        held = algebra.as_one(held)
    return algebra.largest(sums)


def training_bytes(trace: Trace, needed: Sequence[Truth], itemsize: int = FLOAT32) -> Exact:
    """The bytes that training keeps for the backward pass."""
    algebra, false = trace.algebra, trace.algebra.truths.false
    homes = _homes(trace, training=True)
    kept: dict[int, Truth] = {}
    total: Exact = 0
    for index, (node, when) in enumerate(zip(trace.nodes, needed, strict=True)):
        if when is false:
            continue
        saved = node.op.saved(node.shapes, node.shape)
        held = [phi for phi in node.inputs if saved.inputs]
        held += [((when, index),)] * saved.output
        for phi in held:
            for there, memory in _memories(phi, when, homes):
                kept[memory] = kept.get(memory, false) | there
        inner = saved.elements * itemsize + saved.fixed_bytes
        total = total + inner * algebra.mask(when)
    for memory, when in kept.items():
        total = total + value_bytes(trace.nodes[memory].shape, itemsize) * algebra.mask(when)
    return total


def _homes(trace: Trace, training: bool) -> list[Phi]:
    """For every node the nodes in whose memory its value lies, and when."""
    homes: list[Phi] = []
    truths = trace.algebra.truths
    for index, node in enumerate(trace.nodes):
        is_view = truths.of(node.op.view_in_training if training else node.op.view)
        own = restrict(((truths.true, index),), ~is_view)
        shown = node.inputs[0] if node.inputs else ()
        homes.append((*own, *_memories(shown, node.exists & is_view, homes)))
    return homes


def _memories(phi: Phi, when: Truth, homes: Sequence[Phi]) -> Phi:
    """The memories that a value lies in where a condition holds."""
    return tuple(
        entry for here, node in restrict(phi, when) for entry in restrict(homes[node], here)
    )


def _uses(trace: Trace, needed: Sequence[Truth], homes: Sequence[Phi]) -> Uses:
    """The steps that need each memory; what leaves the net is needed to the end."""
    true, false = trace.algebra.truths.true, trace.algebra.truths.false
    end = len(trace.nodes)
    uses: Uses = {}
    for step, (node, when) in enumerate(zip(trace.nodes, needed, strict=True)):
        if not node.op.view and when is not false:
            uses.setdefault(step, [])
        for phi in node.inputs:
            for there, memory in _memories(phi, when, homes):
                uses[memory].append((step, there))
    for phi in trace.outputs:
        for there, memory in _memories(phi, true, homes):
            uses[memory].append((end, there))
    for memory, steps in uses.items():
        if isinstance(trace.nodes[memory].op, Input):
            unread = true
            for _, when in steps:
                unread = unread & ~when
            steps.append((end, unread))
    return uses


def _freed(uses: Uses) -> dict[int, list[tuple[int, Truth]]]:
    """The memories that a step is the last to use, and when it is."""
    freed: dict[int, list[tuple[int, Truth]]] = {}
    for memory, steps in uses.items():
        later: Truth | bool = False
        for step, when in reversed(steps):
            last = when & ~later if isinstance(later, Truth) else when
            if last is not when.table.false:
                freed.setdefault(step, []).append((memory, last))
            later = when | later
    return freed
