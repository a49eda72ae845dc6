"""All training-free scores: what they are called, where they are from, what they look at."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from explorer.build.machine import keep_memory, use_threads
from explorer.errors import ExplorerError
from explorer.graph import Graph
from explorer.score.free.costs import costs
from explorer.score.free.features import trainability
from explorer.score.free.forward import forward
from explorer.score.free.gradients import gradients
from explorer.score.free.subject import Batch, Subject
from explorer.score.free.synflow import synflow
from explorer.score.free.zen import zen

Probe = Callable[[Subject], dict[str, float | None]]


@dataclass(frozen=True, slots=True)
class FreeScore:
    """A training-free score. Of every one, more is better.

    Attributes:
        name: how tables call it.
        paper: where it is from.
        probe: the function that measures it, and others in the same pass.
        images: whether it looks at the images of the batch.
        labels: whether it needs their classes.
        gradients: whether it goes back through the net, which takes two to three times the time.
    """

    name: str
    paper: str
    probe: Probe
    images: bool = False
    labels: bool = False
    gradients: bool = False


_AZ = "Lee & Ham 2024"
_ALL = (
    FreeScore("swap", "Peng et al. 2024", forward, images=True),
    FreeScore("naswot", "Mellor et al. 2021", forward, images=True),
    FreeScore("expressivity", _AZ, forward, images=True),
    FreeScore("progressivity", _AZ, forward, images=True),
    FreeScore("trainability", _AZ, trainability, images=True, gradients=True),
    FreeScore("synflow", "Tanaka et al. 2020", synflow, gradients=True),
    FreeScore("zen", "Lin et al. 2021", zen),
    FreeScore("grad_norm", "Abdelfattah et al. 2021", gradients, True, True, True),
    FreeScore("snip", "Lee et al. 2019", gradients, True, True, True),
    FreeScore("macs", "baseline", costs),
    FreeScore("params", "baseline", costs),
    FreeScore("depth", "baseline", costs),
)
FREE_SCORES: Mapping[str, FreeScore] = {score.name: score for score in _ALL}


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one net.

    Attributes:
        values: by name; None where a score is not defined for the net.
        seconds: of each probe, by its name: the time that its thread ran, without its waiting for
            a core.
    """

    values: Mapping[str, float | None]
    seconds: Mapping[str, float]


def free_scores(
    graph: Graph, batch: Batch, seed: int = 0, names: Iterable[str] = tuple(FREE_SCORES)
) -> Scores:
    """Score a net without training it; on one thread, where sums have one order.

    The same graph, batch and seed give the same values to the last digit on one machine, whatever
    order the images come in and whatever else is asked for.

    Args:
        graph: the net; auxiliary heads are left out.
        batch: images of its input shape, at least two.
        seed: of the weights and of all that is drawn.
        names: keys of ``FREE_SCORES``.

    Raises:
        ExplorerError: an unknown name, or a batch that does not fit the net.
    """
    wanted = list(names)
    for name in wanted:
        if name not in FREE_SCORES:
            raise ExplorerError(f"no score is called '{name}' (allowed: {', '.join(FREE_SCORES)})")
    subject = Subject.of(graph, batch, seed)
    found: dict[str, float | None] = {}
    seconds: dict[str, float] = {}
    with keep_memory(), use_threads(1):
        for probe in dict.fromkeys(FREE_SCORES[name].probe for name in wanted):
            begun = time.thread_time()
            found |= probe(subject)
            seconds[probe.__name__] = time.thread_time() - begun
    return Scores({name: _finite(found[name]) for name in wanted}, seconds)


def _finite(value: float | None) -> float | None:
    """None for what left the range of numbers on the way: that is no score."""
    return value if value is not None and math.isfinite(value) else None
