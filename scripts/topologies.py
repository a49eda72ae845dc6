"""Topologies that a constructed net is compared with: at random, and by GoogLeNet's table.

All are made of the layers that a construction is made of (``explorer.construct.layers.plan``), and
are fitted to the budget as it is, by one factor on all widths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from explorer.budget import Budget
from explorer.construct.layers.construct import NARROWEST, WIDTH
from explorer.construct.layers.fit import Fitting
from explorer.construct.layers.plan import Branch, Layer, Module, Named, Reduction, Stem, net_text
from explorer.construct.layers.rule import SMALLEST
from explorer.language import parse, print_syntax
from explorer.language.syntax import Call
from explorer.space.library import find_text
from explorer.space.trees import inside

_MODULES = 3  # on one grid, at most, as in a construction
_PRESENT = 0.75  # the chance of a branch
_REDUCED = 0.75  # the chance that a larger kernel stands behind a 1x1
_CROSSED = 0.5  # the chance that a 5x5 is factorized
_HALF = (2, 2)
_BEFORE = 192  # channels in front of GoogLeNet's first module


@dataclass(frozen=True)
class Task:
    """What every topology is made for.

    Attributes:
        shape: (channels, height, width) of the input.
        budget: that all fill.
        window: the receptive field of every random topology.
    """

    shape: tuple[int, int, int]
    classes: int
    budget: Budget
    window: tuple[int, ...]


def random_topologies(task: Task, rng: np.random.Generator) -> Iterator[str]:
    """Texts of nets whose layers are drawn; each fills the budget and has the receptive field.

    What would be narrower than a construction may be is drawn again.
    """
    while True:
        layers = list(_drawn(task.shape, rng))
        if _window(layers) == task.window and _fitting(task, "random").fits(layers, NARROWEST):
            yield fitted(layers, task, "random")


def fitted(layers: Sequence[Named], task: Task, name: str) -> str:
    """The text of the widest net of these layers within the budget."""
    fitting = _fitting(task, name)
    return fitting.written(layers, fitting.factor(layers))


def _fitting(task: Task, name: str) -> Fitting:
    def written(layers: Sequence[Named], factor: float) -> str:
        return print_syntax(parse(net_text(layers, task.shape, task.classes, factor, name, "")))

    return Fitting(task.budget, written)


def _window(layers: Sequence[Named]) -> tuple[int, int]:
    """The receptive field of square layers, which is quicker to add up than to ask a graph for."""
    side, step = 1, 1
    for named in layers:
        layer = named.layer
        if isinstance(layer, Module):
            pool = layer.window if layer.projected is not None else (1, 1)
            side += (max(*pool, *(max(branch.window) for branch in layer.branches)) - 1) * step
        else:
            window = layer.window if isinstance(layer, Stem) else _square(3)
            side, step = side + (window[0] - 1) * step, step * layer.stride[0]
    return side, side


# ---- at random


def _drawn(shape: Sequence[int], rng: np.random.Generator) -> Iterator[Named]:
    """A stem, and on every grid one to three modules; the last grid has four places or eight."""
    window, stride = (_square(rng.choice(sizes)) for sizes in ((3, 5), (1, 2)))
    stem = Stem(window, stride, float(WIDTH))
    yield Named("stem", stem, "")
    side, width, channels, stage = shape[1] // stem.stride[0], float(WIDTH), float(WIDTH), 1
    smallest = SMALLEST * int(rng.choice((1, 2)))
    while True:
        for number in range(rng.integers(1, _MODULES + 1)):
            yield Named(f"m{stage}{'abc'[number]}", _drawn_module(channels, width, rng), "")
            channels = width
        if side < 2 * smallest:
            return
        side, width, stage = side // 2, 2 * width, stage + 1  # an axis each: sqrt(2) twice
        yield Named(f"cut{stage}", Reduction(_HALF), "")


def _drawn_module(channels: float, width: float, rng: np.random.Generator) -> Module:
    """Some of the branches 1x1, 3x3, 5x5 and pool; all ways to share the width are as likely."""
    while not (present := rng.random(4) < _PRESENT)[:3].any():
        pass
    shares = np.zeros(4)
    shares[present] = rng.dirichlet(np.ones(present.sum()))
    branches = tuple(
        _drawn_branch(size, channels, width * float(share), rng)
        for size, share in zip((1, 3, 5), shares[:3], strict=True)
        if share
    )
    return Module(branches, width * float(shares[3]) if present[3] else None, _square(3))


def _drawn_branch(size: int, channels: float, filters: float, rng: np.random.Generator) -> Branch:
    if size == 1:
        return Branch(_square(1), filters)
    reduced = channels * rng.uniform(0.05, 0.75) if rng.random() < _REDUCED else None
    return Branch(_square(size), filters, reduced, size == 5 and rng.random() < _CROSSED)


def _square(side: int) -> tuple[int, int]:
    return (int(side), int(side))


# ---- GoogLeNet's


class Counts(NamedTuple):
    """Filters of a module of GoogLeNet (Szegedy et al. 2014, Table 1), and what enters it."""

    entering: int
    one: int
    before_three: int
    three: int
    before_five: int
    five: int
    pool: int


def googlenet() -> list[Counts]:
    """The nine modules, as the shipped text has them."""
    calls = [node for node in inside(find_text("googlenet").syntax()) if isinstance(node, Call)]
    modules = [[int(item.value.value) for item in call.items] for call in calls if call.items]
    entering, found = _BEFORE, []
    for one, before_three, three, before_five, five, pool in modules:
        found.append(Counts(entering, one, before_three, three, before_five, five, pool))
        entering = one + three + five + pool
    return found


def like_googlenet(layers: Sequence[Named]) -> list[Named]:
    """The same grids and number of modules, and in each module the ratios of one of GoogLeNet's.

    From the first of its nine modules to the last, evenly.
    """
    theirs = googlenet()
    modules = sum(isinstance(named.layer, Module) for named in layers)
    found: list[Named] = []
    width, channels, seen = float(WIDTH), float(WIDTH), 0
    for named in layers:
        layer: Layer = named.layer
        if isinstance(layer, Reduction):
            width *= sqrt(2) ** sum(step > 1 for step in layer.stride)
        elif isinstance(layer, Module):
            place = seen / max(1, modules - 1)
            counts = theirs[round(place * (len(theirs) - 1))]
            layer, channels, seen = _by_ratio(counts, channels, width), width, seen + 1
        found.append(Named(named.label, layer, ""))
    return found


def _by_ratio(counts: Counts, channels: float, width: float) -> Module:
    whole = counts.one + counts.three + counts.five + counts.pool
    out, into = width / whole, channels / counts.entering
    branches = (
        Branch(_square(1), counts.one * out),
        Branch(_square(3), counts.three * out, counts.before_three * into),
        Branch(_square(5), counts.five * out, counts.before_five * into),
    )
    return Module(branches, counts.pool * out, _square(3))
