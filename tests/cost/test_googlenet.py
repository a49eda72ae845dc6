"""GoogLeNet computed from Table 1 of its paper, beside the text that we ship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from explorer.cost import Cost, count, rows
from explorer.space import Candidate

# Szegedy et al. 2014, Table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj.
MODULES = {
    "i3a": (64, 96, 128, 16, 32, 32),
    "i3b": (128, 128, 192, 32, 96, 64),
    "i4a": (192, 96, 208, 16, 48, 64),
    "i4b": (160, 112, 224, 24, 64, 64),
    "i4c": (128, 128, 256, 24, 64, 64),
    "i4d": (112, 144, 288, 32, 64, 64),
    "i4e": (256, 160, 320, 32, 128, 128),
    "i5a": (256, 160, 320, 32, 128, 128),
    "i5b": (384, 192, 384, 48, 128, 128),
}
GRIDS = {"3": 28, "4": 14, "5": 7}


@dataclass
class Oracle:
    """Walks the table and notes what each part costs.

    ``five`` is the kernel of the branch called 5x5. With ``norm`` every convolution has two
    parameters a channel (scale and shift) instead of one bias.
    """

    five: int = 5
    norm: bool = False
    channels: int = 3

    def conv(self, kernel: int, out: int, grid: int, source: int | None = None) -> Cost:
        source = self.channels if source is None else source
        weights = kernel * kernel * source * out
        return Cost(weights * grid**2, weights + (2 if self.norm else 1) * out, out * grid**2)

    def stem(self) -> Cost:
        cost = self.conv(7, 64, 112) + self.conv(1, 64, 56, 64) + self.conv(3, 192, 56, 64)
        self.channels = 192
        return cost

    def module(self, name: str) -> Cost:
        one, reduce3, three, reduce5, five, pool = MODULES[name]
        grid = GRIDS[name[1]]
        cost = (
            self.conv(1, one, grid)
            + self.conv(1, reduce3, grid)
            + self.conv(3, three, grid, reduce3)
            + self.conv(1, reduce5, grid)
            + self.conv(self.five, five, grid, reduce5)
            + self.conv(1, pool, grid)
        )
        self.channels = one + three + five + pool
        return cost

    def head(self) -> Cost:
        weights = self.channels * 1000
        return Cost(weights, weights + 1000, 1000)

    def table(self) -> dict[str, Cost]:
        parts = {"stem": self.stem()}
        for name in MODULES:
            parts[name] = self.module(name)
        return parts | {"head": self.head()}


NETS = [
    ("reference/googlenet.net", Oracle(), Cost(1_582_671_872, 6_998_552)),
    ("reference/googlenet_torchvision.net", Oracle(3, True), Cost(1_498_376_192, 6_624_904)),
]


@pytest.mark.parametrize(("name", "oracle", "known"), NETS, ids=[name for name, *_ in NETS])
def test_every_part_costs_what_the_table_says(
    shipped: Callable[[str], str],
    bound: Callable[..., Candidate],
    name: str,
    oracle: Oracle,
    known: Cost,
) -> None:
    graph = bound(shipped(name)).graph
    expected = oracle.table()
    found = {row.name: row.cost for row in rows(graph, "block")}
    assert found == expected | {"pool3": Cost(), "pool4": Cost()}
    total = count(graph)
    assert total == sum(expected.values(), start=Cost())
    assert (total.macs, total.params) == (known.macs, known.params)


def test_modules_have_the_shapes_of_the_table(
    shipped: Callable[[str], str], bound: Callable[..., Candidate]
) -> None:
    shapes = {row.name: row.shape for row in rows(bound(shipped(NETS[0][0])).graph, "block")}
    assert shapes == {
        "stem": "192x28x28",
        "i3a": "256x28x28",
        "i3b": "480x28x28",
        "pool3": "480x14x14",
        "i4a": "512x14x14",
        "i4b": "512x14x14",
        "i4c": "512x14x14",
        "i4d": "528x14x14",
        "i4e": "832x14x14",
        "pool4": "832x7x7",
        "i5a": "832x7x7",
        "i5b": "1024x7x7",
        "head": "1000",
    }


def test_the_true_net_is_over_the_budget_of_its_paper_and_torchvisions_is_not(
    shipped: Callable[[str], str], bound: Callable[..., Candidate]
) -> None:
    macs = [count(bound(shipped(name)).graph).macs for name, *_ in NETS]
    assert macs[1] < 1_500_000_000 < macs[0]


def test_the_defaults_of_the_space_are_googlenet(
    shipped: Callable[[str], str], bound: Callable[..., Candidate]
) -> None:
    graph = bound(shipped("inception.space")).graph
    assert count(graph).macs == 1_582_671_872
    oracle = Oracle(norm=True).table()
    found = {row.name: row.cost for row in rows(graph, "block")}
    assert found == oracle | {"cut3": Cost(), "cut4": Cost()}
