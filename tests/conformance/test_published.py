"""The zoo against the figures that torchvision and timm give for the same networks.

``published.csv`` holds, for each: trainable parameters, multiply-adds of convolutions and of linear
layers at a resolution, and the number of such layers.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from explorer.cost import count, node_cost
from explorer.graph import Graph
from explorer.space import bind
from explorer.space.library import find_text

with (Path(__file__).parent / "published.csv").open() as table:
    PUBLISHED = list(csv.DictReader(table))

CONVOLUTIONS, LINEAR = ("conv", "dwconv"), ("linear",)


def macs(graph: Graph, ops: tuple[str, ...]) -> int:
    return sum(node_cost(graph, node).macs for node in graph.nodes if node.op.name in ops)


@pytest.mark.parametrize("row", PUBLISHED, ids=[row["net"] for row in PUBLISHED])
def test_a_net_of_the_zoo_is_the_published_one(row: dict[str, str]) -> None:
    graph = bind(find_text(row["net"]).space()).graph
    layers = [node for node in graph.nodes if node.op.name in (*CONVOLUTIONS, *LINEAR)]
    side = int(row["resolution"])
    assert graph.input.sizes == (3, side, side)
    assert graph.classes == 1000
    assert count(graph).params == int(row["params"])
    assert macs(graph, CONVOLUTIONS) == int(row["conv_macs"])
    assert macs(graph, LINEAR) == int(row["linear_macs"])
    assert len(layers) == int(row["weight_layers"])


def test_googlenet_is_as_deep_as_its_paper_says() -> None:
    graph = bind(find_text("googlenet").space()).graph
    assert graph.depth("conv", "linear") == 22
    assert graph.depth("conv", "linear", "maxpool", "avgpool") == 27
