"""Measured side by side in one run, as ratios: `make bench`. What is asserted is never a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from statistics import median

import numpy as np
import pytest
import torch

from explorer.budget import draw
from explorer.build import audit
from explorer.cost import count
from explorer.data import load
from explorer.graph import Graph
from explorer.ops import image
from explorer.score import Feed, Recipe, prepare_process, train
from explorer.space import Rebind, bind
from explorer.space.library import find_text

pytestmark = pytest.mark.bench


def seconds(*ways: Callable[[], object], rounds: int) -> list[float]:
    """The median time of each way, all ways taking turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, found in zip(ways, times, strict=True):
            started = time.perf_counter()
            way()
            found.append(time.perf_counter() - started)
    return [median(found) for found in times]


def test_counting_against_building_and_recounting() -> None:
    """A candidate's cost from the text, and from the built module through fvcore."""
    space = find_text("inception").space()
    assignment = draw(space, np.random.default_rng(0))
    recounted = audit(bind(space, assignment).graph).recounted
    assert count(bind(space, assignment).graph) == recounted
    ours, theirs = seconds(
        lambda: count(bind(space, assignment).graph),
        lambda: audit(bind(space, assignment).graph),
        rounds=7,
    )
    print(f"\nbind + count {ours * 1e3:.1f} ms; build + fvcore {theirs * 1e3:.0f} ms; "
          f"ratio {theirs / ours:.0f}")  # fmt: skip


def test_channels_last_against_contiguous() -> None:
    """One short training of the default proxy in either memory layout."""
    from explorer.build import build

    prepare_process()
    params = {"stride1": 1, "stride2": 1, "drop": 0}
    rebind = Rebind(image(3, 32, 32), 10, Fraction(1, 8), params)
    graph: Graph = bind(find_text("inception").space(rebind)).graph
    recipe = Recipe(epochs=1, images=640, shift=0, mirror=False)
    feeds = [Feed(load("cluttered"), torch.device("cpu")) for _ in range(2)]
    feeds[1].layout = torch.contiguous_format
    ways = [lambda feed=feed: train(build(graph), feed, recipe, 0) for feed in feeds]
    last, contiguous = seconds(*ways, rounds=3)
    print(f"\nchannels last {last:.1f} s, contiguous {contiguous:.1f} s: {contiguous / last:.2f}")
    assert all(way().images == 640 for way in ways)
