"""How much two layers, joins or branches differ, as one number; taking one away costs 1 a layer."""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import inf, log2

from explorer.compare.facts import arguments, family
from explorer.compare.items import Item, Profile
from explorer.ops import Op

# What a difference weighs: enough for near layers to find each other, less than to be strangers.
_WEIGHTS = {"kernel": 0.35, "stride": 0.35, "groups": 0.2, "dilation": 0.2}
_OTHER, _NAME, _TAIL, _STRANGE = 0.05, 0.3, 0.1, 1.5
_FAMILIES, _SIZES, _DETAILS = 0.6, 0.2, 0.1
_CHANNELS, _MOST = 0.15, 0.4  # for twice the channels, and for any difference of them


def unlike(a: Item, b: Item) -> float:
    """How much two items differ; infinite for those that are never laid side by side."""
    own = _TAIL * (a.tail != b.tail) + _ops(a.op, b.op)
    if own == inf or not (a.branches or b.branches):
        return own
    if _is_gate(a) != _is_gate(b) and a.profile.families != b.profile.families:
        return inf  # a product is another thing than a residual, unless only its sign is
    return own + unlike_inside(a.profile, b.profile)


def _is_gate(item: Item) -> bool:
    return item.op.name == "multiply"


@cache
def _ops(a: Op, b: Op) -> float:
    mine, theirs = arguments(a), arguments(b)
    if family(a) != family(b):
        return _STRANGE if _halve_alike(a, b) else inf
    shared = [name for name in mine if name in theirs and mine[name] != theirs[name]]
    weights = [_WEIGHTS.get(name, _OTHER) for name in shared if name != "channels"]
    if "channels" in shared:
        weights.append(_widths(mine["channels"], theirs["channels"]))
    return sum(weights) + _NAME * (a.name != b.name or mine.keys() != theirs.keys())


def _halve_alike(a: Op, b: Op) -> bool:
    """Whether one is a pool and one a convolution, and both take the same strides."""
    strides = {arguments(op).get("stride") for op in (a, b)}
    alike = {family(a), family(b)} == {"conv", "pooling"} and len(strides) == 1
    return alike and max(strides.pop() or (1,)) > 1


def _widths(a: int, b: int) -> float:
    return min(_MOST, _OTHER + _CHANNELS * abs(log2(a / b)))


def unlike_inside(a: Profile, b: Profile) -> float:
    """How much two pieces differ in what they are made of; infinite with too little in common."""
    if (a.families & b.families).total() * 4 < max(a.size, b.size):
        return inf
    return (
        _FAMILIES * _apart(a.families, b.families)
        + _SIZES * _apart(a.sizes, b.sizes)
        + _DETAILS * _apart(a.details, b.details)
    )


def unlike_branches(a: Profile, b: Profile) -> float:
    """The same for branches, of which one may be empty: a shortcut may gain a projection."""
    if not a.size or not b.size:
        return _FAMILIES * (a.size + b.size) if a.size + b.size <= 1 else inf
    return unlike_inside(a, b)


def _apart(a: Counter[str], b: Counter[str]) -> int:
    return (a - b).total() + (b - a).total()
