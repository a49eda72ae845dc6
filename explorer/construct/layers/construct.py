"""From data and a budget to a net: layer by layer, by correlations.

The procedure that Szegedy et al. 2014 (section 3) take from Arora et al. (arXiv 1310.6343): look at
the correlations of the last layer's outputs, cluster what correlates, make the next layer of the
clusters, and go on. Each new layer begins as its clusters, is trained briefly, and is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.budget import LATENCY, Budget, costs_of
from explorer.construct.layers.correlations import Array, Shift, correlations
from explorer.construct.layers.coverage import Coverage, coverage
from explorer.construct.layers.fit import FACTORS, Fitting, graph_of, in_words
from explorer.construct.layers.plan import Layer, Module, Named, Reduction, net_text
from explorer.construct.layers.rule import (
    REDUNDANT,
    SIZES,
    Seen,
    can_halve,
    choose_module,
    choose_stem,
    halved,
    look,
)
from explorer.data import Dataset
from explorer.errors import BudgetError, DataError
from explorer.graph import Graph
from explorer.language import parse, print_syntax

if TYPE_CHECKING:
    from torch import Tensor

WIDTH = 32  # channels of the first layer while statistics are taken; doubled where a grid is halved
MODULES, _LETTERS = 3, "abc"  # on one grid, at most
NARROWEST = 0.5  # of the widths of the statistics; a deeper net than that allows is not begun
_IMAGES = 2_000
_LOOKED = 200_000  # places that statistics are taken from
_FEWEST = 50  # images
_MEMORY = 2**28  # bytes of one layer\'s maps


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of a construction.

    Attributes:
        named: the layer and its label.
        seen: of the maps beneath it.
        accuracy: of a linear classifier over its maps, on images that were not trained on.
        coverage: what its branches cover; None for a pool or a stem.
    """

    named: Named
    seen: Seen
    accuracy: float
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Construction:
    """A net, and how it came about.

    Attributes:
        steps: from the input up.
        text: in the language, within the budget.
        graph: of the text.
        factor: on the widths of the statistics.
        ended: why no further layer was made.
    """

    steps: tuple[Step, ...]
    text: str
    graph: Graph
    factor: float
    ended: str


Stepped = Callable[[Step], None]
Progress = Callable[[str, float], None]


def construct(
    data: Dataset,
    budget: Budget,
    *,
    name: str = "constructed",
    comments: Sequence[str] = (),
    seed: int = 0,
    device: str = "cpu",
    on_step: Stepped = lambda step: None,
    on_progress: Progress = lambda label, share: None,
) -> Construction:
    """Construct a net for data within a budget.

    Args:
        data: some 2,000 of its training images are looked at, and nothing else.
        budget: what the net may cost.
        name: of the net.
        comments: lines above the text.
        seed: decides clusterings, orders of training, and which images are used.
        device: what trains.
        on_step: told of every layer.
        on_progress: told a layer's label, and the share of its training that is done.

    Raises:
        BudgetError: it bounds latency, or not even the narrowest net of these layers fits.
        DataError: too few images.
    """
    if LATENCY in budget.limits:
        raise BudgetError("--budget: constructing counts; it bounds no latency")
    from explorer.construct.layers.growth import on_device

    chosen = _chosen(data, seed)
    maps = on_device(_standardised(data, chosen), device)
    labels = on_device(data.train.labels[chosen], device)
    shape, title = tuple(maps.shape[1:]), f"made from the correlations of {Path(data.name).name}"

    def written(layers: Sequence[Named], factor: float) -> str:
        text = net_text(layers, shape, len(data.classes), factor, name, title, comments)
        return print_syntax(parse(text, name))

    fitting = Fitting(Budget(budget.limits), written)
    builder = _Builder(fitting, labels, seed, on_step, on_progress)
    ended = builder.run(maps)
    layers = [step.named for step in builder.steps]
    factor = fitting.factor(layers)
    text = written(layers, factor)
    graph = graph_of(text)
    if not budget.fits(costs_of(graph, budget)):  # a floor; limits are met
        raise BudgetError(
            f"--budget: the net that the correlations lead to has {in_words(graph, budget)}; "
            f"allowed is {budget.describe()}"
        )
    return Construction(tuple(builder.steps), text, graph, factor, ended)


def _chosen(data: Dataset, seed: int) -> Array:
    """Which images are used, in random order."""
    images = data.train.images
    if len(images) < _FEWEST:
        raise DataError(
            f"{data.name}: {len(images)} training {data.kind}; at least {_FEWEST} are needed to "
            "construct from"
        )
    return np.random.default_rng(seed).permutation(len(images))[:_IMAGES]


def _room(grid: Shift, stride: Shift) -> int:
    """How many images' maps behind the stem fit into memory."""
    places = prod(-(-side // step) for side, step in zip(grid, stride, strict=True))
    return max(_FEWEST, _MEMORY // (4 * WIDTH * places))


def _standardised(data: Dataset, chosen: Array) -> Array:
    """Images as float32 maps of (images, channels, *grid), each channel of deviation 1."""
    maps = np.moveaxis(data.train.images[chosen], -1, 1).astype(np.float32)
    axes = (0, *range(2, maps.ndim))
    deviation = maps.std(axis=axes, keepdims=True)
    found: Array = (maps - maps.mean(axis=axes, keepdims=True)) / np.maximum(deviation, 1e-6)
    return found


class _Builder:
    """The layers so far, and the maps of the last."""

    def __init__(
        self, fitting: Fitting, labels: Tensor, seed: int, told: Stepped, progress: Progress
    ) -> None:
        self.fitting, self.labels, self.seed = fitting, labels, seed
        self.told, self.progress = told, progress
        self.steps: list[Step] = []
        self.width = float(WIDTH)
        self.here = 0  # modules on this grid
        self.stage = 1

    def run(self, maps: Tensor) -> str:
        """Add layers until nothing speaks for another; returns why."""
        seen = self._look(maps)
        stem = choose_stem(seen, self.width)
        maps = maps[: _room(seen.grid, stem.stride)]
        self.labels = self.labels[: len(maps)]
        self.fitting.factor([Named("stem", stem, "")])  # refuses what is hopeless before it trains
        maps = self._add("stem", stem, seen, maps)
        while True:
            seen = self._look(maps)
            module = choose_module(seen, self.width)
            full = self.here >= MODULES or (self.here > 0 and self._is_too_much(module))
            stride = can_halve(seen) if full else halved(seen)
            if max(stride) > 1 and (self.here or len(self.steps) == 1):
                maps, seen = self._halve(stride, seen, maps)
                module = choose_module(seen, self.width)
            elif full:
                return "the grid is as small as it gets, and holds as many modules as are allowed"
            elif self.here and max(can_halve(seen)) == 1 and min(seen.dropped) >= REDUNDANT:
                return "the grid is as small as it gets, and places tell each other"
            if not self._is_possible(module):
                return "no net with another module is within the budget, however narrow"
            self.here += 1
            maps = self._add(f"m{self.stage}{_LETTERS[self.here - 1]}", module, seen, maps)

    def _halve(self, stride: Shift, seen: Seen, maps: Tensor) -> tuple[Tensor, Seen]:
        """Halve the grid, and let the next modules have more channels for it."""
        self.width *= sqrt(2) ** sum(step > 1 for step in stride)
        self.stage, self.here = self.stage + 1, 0
        maps = self._add(f"cut{self.stage}", Reduction(stride), seen, maps)
        return maps, self._look(maps)

    def _is_too_much(self, module: Module) -> bool:
        """Whether the budget would make the net with this module narrower than is allowed."""
        return not self.fitting.fits(self._with(module), NARROWEST)

    def _is_possible(self, module: Module) -> bool:
        """Whether any net with this module is within the budget."""
        return self.fitting.fits(self._with(module), FACTORS[0])

    def _with(self, module: Module) -> list[Named]:
        return [*(step.named for step in self.steps), Named("next", module, "")]

    def _look(self, maps: Tensor) -> Seen:
        number = max(_FEWEST, _LOOKED // prod(maps.shape[2:]))
        sample = maps[:number].cpu().numpy()
        return look(correlations(sample), sample, self.seed)

    def _add(self, label: str, layer: Layer, seen: Seen, maps: Tensor) -> Tensor:
        from explorer.construct.layers.growth import grow

        seed = self.seed + len(self.steps)
        grown = grow(layer, seen, maps, self.labels, seed, partial(self.progress, label))
        covered = coverage(layer, seen) if isinstance(layer, Module) else None
        step = Step(Named(label, layer, _remark(layer, seen)), seen, grown.accuracy, covered)
        self.steps.append(step)
        self.told(step)
        return grown.maps


def _remark(layer: Layer, seen: Seen) -> str:
    """What was seen, in a line."""
    grid = "x".join(map(str, seen.grid))
    told = " and ".join(f"{known:.0%}" for known in seen.dropped)
    if isinstance(layer, Reduction):
        return f"{grid}: two neighbours tell {told} of the place between them"
    alike = ", ".join(f"{share:.0%} {size}" for size, share in zip(SIZES, seen.shares, strict=True))
    clusters, channels = len(seen.clusters), seen.found.channels
    return (
        f"{grid}, {channels} channel{'s' * (channels > 1)} in {clusters} "
        f"cluster{'s' * (clusters > 1)}: "
        f"agreement by window {alike}; pool {seen.pooled:.0%}; neighbours tell {told}"
    )
