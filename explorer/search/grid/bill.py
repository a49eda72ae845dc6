"""What a grid search will cost, said before it begins."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from explorer.build import build
from explorer.score import train
from explorer.score.train import accuracy
from explorer.search.grid.points import Point
from explorer.search.grid.train import Trainer, head_weights

BACKWARD = 2  # times the multiply-adds of the way forward
_TIMED = 8  # batches of the run that is timed
_LOOKED_AT = 250  # validation images of it
_PEEK = 1_000  # validation images that training looks at between epochs


@dataclass(frozen=True, slots=True)
class Bill:
    """What is left to be trained.

    Attributes:
        trainings: how many runs.
        images: training images that each sees.
        macs: the smallest and the largest number of multiply-adds an image, forward.
        work: multiply-adds of all runs, forward and back.
        seconds: of all runs, reckoned from a few steps of one.
    """

    trainings: int
    images: int
    macs: tuple[int, int]
    work: int
    seconds: float


def bill(trainer: Trainer) -> Bill:
    """What is left to be paid; trains a few steps to know how long it takes."""
    left = trainer.left()
    feed = trainer.feed(trainer.grid.side)
    recipe = trainer.grid.protocol.recipe
    images = min(recipe.images or len(feed.train), len(feed.train)) * recipe.epochs
    macs = [point.macs for point, _ in left]
    if not macs:
        return Bill(0, images, (0, 0), 0, 0.0)
    step, look = _timed(trainer, left[len(left) // 2][0])
    looks = len(feed.val) + (recipe.epochs - 1) * min(_PEEK, len(feed.val))
    return Bill(
        trainings=len(left),
        images=images,
        macs=(min(macs), max(macs)),
        work=(1 + BACKWARD) * images * sum(macs),
        seconds=sum(macs) * (images * step + looks * look),
    )


def _timed(trainer: Trainer, point: Point) -> tuple[float, float]:
    """Seconds for each multiply-add of an image: to train on it, and to look at it."""
    feed, recipe = trainer.feed(point.side), trainer.grid.protocol.recipe
    feed.val, feed.val_labels = feed.val[:_LOOKED_AT], feed.val_labels[:_LOOKED_AT]
    net, weights = build(point.graph), head_weights(point.graph)
    short = replace(recipe, epochs=1, images=2 * recipe.batch)
    train(net, feed, short, seed=0, heads=weights)  # the first steps make the kernels ready
    result = train(net, feed, replace(short, images=_TIMED * recipe.batch), 0, heads=weights)
    started = time.perf_counter()
    accuracy(net, feed)
    looking = time.perf_counter() - started
    training = max(result.seconds - looking, 0.0)
    return training / result.images / point.macs, looking / len(feed.val) / point.macs
