"""Train the points of a grid, one run after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import torch

from explorer.build import build
from explorer.data import Dataset, load
from explorer.graph import Graph, fingerprint
from explorer.score import DivergedError, Feed, train, training_seed
from explorer.search.grid.points import Grid, Point
from explorer.search.grid.scores import Score, ScoreFile

OnEpoch = Callable[[Point, int, int], None]  # the point, the repeat, the epochs done


@dataclass
class Trainer:
    """Trains what is left of a grid, and keeps what is finished.

    Args:
        grid: the points.
        kept: where finished runs are.
        seed: of every training.
        repeats: how often each point is trained, with seeds that follow from ``seed``.
        device: where.
    """

    grid: Grid
    kept: ScoreFile
    seed: int
    repeats: int
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    _sized: tuple[int, Dataset] | None = None

    def left(self) -> list[tuple[Point, int]]:
        """What is to be trained still: every point with one seed, then every one with the next."""
        done = {(score.key, score.repeat) for score in self.kept.read()}
        points = (self.grid.unscaled, *sorted(self.grid.points, key=lambda point: point.side))
        every = [(point, repeat) for repeat in range(self.repeats) for point in points]
        return [(point, repeat) for point, repeat in every if (point.key, repeat) not in done]

    def run(self, on_epoch: OnEpoch = lambda point, repeat, epochs: None) -> Iterator[Score]:
        """Train what is left; every run is kept before it is told."""
        for point, repeat in self.left():
            score = self._trained(point, repeat, on_epoch)
            self.kept.add(score)
            yield score

    def feed(self, side: int) -> Feed:
        """The images at a side, enlarged where they are smaller."""
        if self._sized is None or self._sized[0] != side:
            self._sized = (side, load(self.grid.protocol.data, size=side))
        return Feed(self._sized[1], self.device)

    def _trained(self, point: Point, repeat: int, on_epoch: OnEpoch) -> Score:
        seed = training_seed(self.seed, fingerprint(point.graph), repeat)
        torch.manual_seed(seed)
        net, started = build(point.graph), time.perf_counter()
        feed, weights = self.feed(point.side), head_weights(point.graph)

        def told(epochs: int, accuracy: float) -> None:
            on_epoch(point, repeat, epochs)

        reached: float | None = None
        with suppress(DivergedError):
            reached = train(net, feed, self.grid.protocol.recipe, seed, told, weights).accuracy
        return Score(*point.key, repeat, reached, round(time.perf_counter() - started, 1))


def head_weights(graph: Graph) -> tuple[float, ...]:
    """Of the losses of the auxiliary heads, which a graph has where its protocol asks for them."""
    return tuple(float(head.weight or 0) for head in graph.heads)
