"""Convolutions that do the same with other kernels: 5x5 as two 3x3, 7x7 as 1x7 and 7x1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from explorer.compare.facts import arguments, sized, written
from explorer.compare.items import Chain, Item

LONGEST = 3  # convolutions in a row
_WORDS = {2: "two", 3: "three"}

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a run of convolutions sees: its kernels, their window together, and its stride."""

    kernels: tuple[Sizes, ...]
    window: Sizes
    stride: Sizes


def reach(run: Sequence[Item]) -> Reach | None:
    """The reach of a run; None when not every layer is a convolution wider than one cell."""
    if not all(_is_wide(item) for item in run):
        return None
    given = [arguments(item.op) for item in run]
    rank = len(given[0]["kernel"])
    window, stride = [1] * rank, [1] * rank
    for one in given:
        for axis in range(rank):
            window[axis] += one["dilation"][axis] * (one["kernel"][axis] - 1) * stride[axis]
            stride[axis] *= one["stride"][axis]
    kernels = tuple(one["kernel"] for one in given)
    return Reach(kernels, tuple(window), tuple(stride))


def _is_wide(item: Item) -> bool:
    return item.op.name == "conv" and max(arguments(item.op)["kernel"]) > 1


def equal_reach(mine: Reach | None, theirs: Reach | None) -> bool:
    """Whether two runs see the same through other kernels."""
    if mine is None or theirs is None or mine.kernels == theirs.kernels:
        return False
    return (mine.window, mine.stride) == (theirs.window, theirs.stride)


def is_separable(one: Sequence[Item], two: Sequence[Item]) -> bool:
    """Whether ``two`` is ``one`` taken apart: a kernel for every channel, then a 1x1."""
    if len(one) != 1 or len(two) != 2 or not _is_dense(one[0]) or not _is_dense(two[1]):
        return False
    whole, deep, point = (arguments(item.op) for item in (*one, *two))
    same_window = all(deep.get(name) == whole[name] for name in ("kernel", "stride"))
    return is_depthwise(two[0]) and same_window and set(point["kernel"]) == {1}


def _is_dense(item: Item) -> bool:
    return item.op.name == "conv" and arguments(item.op)["groups"] == 1


def is_depthwise(item: Item) -> bool:
    """Whether every channel is convolved on its own."""
    groups = arguments(item.op).get("groups", 1) if item.op.name == "conv" else 1
    return item.op.name == "dwconv" or groups == item.incoming > 1


def is_spread(one: Item, fork: Item) -> bool:
    """Whether a join is one convolution taken apart side by side: 3x3 as ``[1x3 | 3x1]``."""
    if one.op.name != "conv" or fork.op.name != "concat":
        return False
    if any(len(branch) != 1 or not _is_wide(branch[0]) for branch in fork.branches):
        return False
    kernels = [arguments(branch[0].op)["kernel"] for branch in fork.branches]
    kernel = arguments(one.op)["kernel"]
    together = tuple(max(sizes) for sizes in zip(*kernels, strict=True))
    return together == kernel and kernel not in kernels


def told(run: Chain) -> str:
    """A run in words: ``two 3x3``, ``1x7 + 7x1``, ``depthwise 3x3 + 1x1``, ``[1x3 | 3x1]``."""
    if len(run) == 1 and run[0].branches:
        return f"[{' | '.join(told(branch) for branch in run[0].branches)}]"
    parts = [(key, len(list(same))) for key, same in groupby(_kernel(item) for item in run)]
    return " + ".join(f"{_WORDS[times]} {key}" if times > 1 else key for key, times in parts)


def _kernel(item: Item) -> str:
    given = arguments(item.op)
    if "kernel" not in given:
        return sized(item.op)
    return ("depthwise " if is_depthwise(item) else "") + written(given["kernel"])
