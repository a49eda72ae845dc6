"""What a grid search found, and how far its noise lets it be told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot, sqrt
from statistics import mean, variance

from explorer.errors import ExplorerError
from explorer.search.grid.points import Grid, Point
from explorer.search.grid.scores import Score

CLEAR = 2.0  # standard errors from which on a difference is more than noise


@dataclass(frozen=True, slots=True)
class Row:
    """What a point reached.

    Attributes:
        accuracies: of the runs whose loss stayed a number, by repeat.
        runs: of this point, those that diverged too.
        error: the standard error of the mean accuracy.
    """

    point: Point
    accuracies: tuple[float, ...]
    runs: int
    error: float

    @property
    def accuracy(self) -> float:
        return mean(self.accuracies)


@dataclass(frozen=True)
class Result:
    """The points by accuracy.

    Attributes:
        rows: the points, the best first; those that always diverged are left out.
        unscaled: the net as it is; None where it was not trained to the end.
        seeds: how many runs each point has.
        objects: how many objects an accuracy is counted on.
    """

    rows: tuple[Row, ...]
    unscaled: Row | None
    seeds: int
    objects: int

    @property
    def best(self) -> Row:
        return self.rows[0]

    @property
    def alike(self) -> tuple[Row, ...]:
        """The points that are no worse than the best by more than noise explains."""
        most = self.best
        return tuple(
            row
            for row in self.rows[1:]
            if most.accuracy - row.accuracy <= CLEAR * hypot(most.error, row.error)
        )


def result(grid: Grid, scores: Iterable[Score], repeats: int, objects: int) -> Result:
    """What the scores say of the points of a grid.

    The standard error of a point's accuracy is, with several seeds, that of their mean, from the
    deviation between seeds pooled over all points; with one seed it is the binomial one of a share
    that was counted on ``objects`` objects, which leaves out the noise of training.

    Raises:
        ExplorerError: no point was trained to the end.
    """
    counted = [score for score in scores if score.repeat < repeats]
    points = (grid.unscaled, *grid.points)
    found = {p.key: [score for score in counted if score.key == p.key] for p in points}
    reached = {at: _accuracies(its) for at, its in found.items()}
    several = [variance(values) for values in reached.values() if len(values) > 1]
    pooled = mean(several) if several else None
    rows = [
        Row(point, values, len(found[point.key]), _error(values, pooled, objects))
        for point in points
        if (values := reached[point.key])
    ]
    unscaled = next((row for row in rows if row.point is grid.unscaled), None)
    others = sorted((row for row in rows if row is not unscaled), key=lambda row: -row.accuracy)
    if not others:
        raise ExplorerError("--grid: no point was trained to the end")
    return Result(tuple(others), unscaled, repeats, objects)


def _accuracies(scores: Iterable[Score]) -> tuple[float, ...]:
    return tuple(score.accuracy for score in scores if score.accuracy is not None)


def _error(values: tuple[float, ...], pooled: float | None, objects: int) -> float:
    share = mean(values)
    return sqrt(share * (1 - share) / objects if pooled is None else pooled / len(values))
