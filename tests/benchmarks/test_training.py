"""Images a second of our training loop and of a plain one: `make bench`. No time is asserted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from statistics import median

import pytest
import torch
from torch import Tensor, nn

from explorer.build import build
from explorer.data import Dataset, Split, load
from explorer.graph import Graph
from explorer.ops import image
from explorer.score import Feed, Recipe, prepare_process, train
from explorer.space import Rebind, bind
from explorer.space.library import Text, find_text

pytestmark = pytest.mark.bench

TINY = """net tiny
input 3x32x32  classes 10
a: conv 3x3/2 8 norm=batch act=relu > conv 3x3/2 16 norm=batch act=relu
b: a > conv 3x3/2 16 norm=batch act=relu > avgpool global > linear classes
"""
SAME = Recipe(epochs=1, shift=0, mirror=False)  # what the plain loop does, too
AUGMENTED = Recipe(epochs=1)
LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
Way = Callable[[nn.Module], int]  # trains a net and returns how many images it saw


def plain(net: nn.Module, images: Tensor, labels: Tensor, recipe: Recipe) -> int:
    """The loop that one writes by hand, on floats normalised beforehand, not augmented."""
    criterion = nn.CrossEntropyLoss(label_smoothing=recipe.smoothing)
    optimizer = torch.optim.SGD(
        net.parameters(), recipe.rate, recipe.momentum, weight_decay=recipe.decay, nesterov=True
    )
    steps = recipe.epochs * (recipe.images // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, steps)
    seen = 0
    net.train()
    for _ in range(recipe.epochs):
        order = torch.randperm(len(images))[: recipe.images]
        for start in range(0, recipe.images - recipe.batch + 1, recipe.batch):
            chosen = order[start : start + recipe.batch]
            loss = criterion(net(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
            seen += len(chosen)
    assert torch.isfinite(loss)
    return seen


def proxy() -> Graph:
    """What the default protocol trains."""
    params = {"stride1": 1, "stride2": 1, "drop": 0}
    rebind = Rebind(image(3, 32, 32), 10, Fraction(1, 8), params)
    return bind(find_text("inception").space(rebind)).graph


def ways(data: Dataset, count: int) -> dict[str, Way]:
    """Ours on the same work and augmented, and the plain loop in either layout."""
    feed = Feed(data, torch.device("cpu"))
    floats = feed.floats(feed.train)

    def ours(recipe: Recipe) -> Way:
        return lambda net: train(net, feed, replace(recipe, images=count), 0).images

    def theirs(layout: torch.memory_format) -> Way:
        images, recipe = floats.contiguous(memory_format=layout), replace(SAME, images=count)

        def run(net: nn.Module) -> int:
            net.to(memory_format=layout)  # type: ignore[call-overload]
            return plain(net, images, feed.train_labels, recipe)

        return run

    return {"ours": ours(SAME), "augmented": ours(AUGMENTED)} | {
        name: theirs(layout) for name, layout in LAYOUTS.items()
    }


@pytest.mark.parametrize(("name", "count", "rounds"), [("tiny", 3200, 8), ("proxy", 320, 6)])
def test_our_loop_against_a_plain_one(name: str, count: int, rounds: int) -> None:
    """All ways take turns; each ratio is the median over rounds, of the time on the processor.

    Every other round goes backwards: a run is a little faster in memory that the one before left.
    """
    prepare_process()
    graph = proxy() if name == "proxy" else bind(Text("tiny", TINY).space()).graph
    data = load("cluttered")
    one = Split(data.val.images[:1], data.val.labels[:1])  # ours also validates: hardly, here
    competing = ways(replace(data, val=one), count)
    took: dict[str, list[float]] = {key: [] for key in competing}
    for turn in range(rounds + 1):
        for key in list(competing)[:: -1 if turn % 2 else 1]:
            net = build(graph)
            started = time.process_time()
            assert competing[key](net) == count
            if turn:  # the first warms up
                took[key].append(time.process_time() - started)
    rates = {key: count / median(times) for key, times in took.items()}
    for key in ("ours", "augmented"):
        for layout in LAYOUTS:
            ratio = median(b / a for a, b in zip(took[key], took[layout], strict=True))
            print(f"\n{name}: {key} {rates[key]:.0f} images/s, plain {layout} "
                  f"{rates[layout]:.0f}: ratio {ratio:.2f}", end="")  # fmt: skip
    print()
