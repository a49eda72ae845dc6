from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.cost import Cost, count, node_cost, rows
from explorer.graph import Graph
from explorer.space import Candidate

TEXT = """\
net n
input 3x16x16  classes 10
default conv same norm=batch act=relu
stem: conv 3x3/2 8 > maxpool 2x2/2 valid
body: repeat 3 ([ conv 3x3 8 + id ])
conv 1x1 16
head: avgpool global > linear classes
"""


@pytest.fixture
def graph(bound: Callable[..., Candidate]) -> Graph:
    return bound(TEXT).graph


SHIPPED = ["inception.space", "reference/googlenet.net", "reference/googlenet_torchvision.net"]


@pytest.mark.parametrize("by", ["node", "block", "op"])
@pytest.mark.parametrize("name", SHIPPED)
def test_rows_of_every_grouping_sum_to_the_total(
    shipped: Callable[[str], str], bound: Callable[..., Candidate], name: str, by: str
) -> None:
    graph = bound(shipped(name)).graph
    table = rows(graph, by)
    assert sum((row.cost for row in table), start=Cost()) == count(graph)
    assert len({row.name for row in table}) == len(table)


def test_the_total_is_the_sum_of_the_nodes(graph: Graph) -> None:
    costs = [node_cost(graph, node) for node in graph.nodes]
    assert count(graph) == sum(costs, start=Cost())
    assert costs[0] == Cost()


def test_rows_by_node_name_every_node_but_the_input(graph: Graph) -> None:
    table = rows(graph, "node")
    assert [row.name for row in table] == [node.path for node in graph.nodes[1:]]
    assert table[0].op == "conv"
    assert table[0].shape == "8x8x8"
    assert table[0].cost == Cost(3 * 8 * 9 * 64, 3 * 8 * 9, 8 * 64)


def test_rows_by_block_keep_the_copies_of_a_repeat_apart(graph: Graph) -> None:
    table = rows(graph, "block")
    assert [(row.name, row.shape) for row in table] == [
        ("stem", "8x4x4"),
        ("body.1", "8x4x4"),
        ("body.2", "8x4x4"),
        ("body.3", "8x4x4"),
        ("conv1", "16x4x4"),
        ("batchnorm1", "16x4x4"),
        ("relu1", "16x4x4"),
        ("head", "10"),
    ]
    assert [row.op for row in table][:2] == ["4 nodes", "4 nodes"]
    assert table[1].cost == table[2].cost == Cost(8 * 8 * 9 * 16, 8 * 8 * 9 + 16, 8 * 16)


def test_rows_by_op_have_no_shape(graph: Graph) -> None:
    table = {row.name: row for row in rows(graph, "op")}
    assert list(table) == [
        "conv",
        "batchnorm",
        "relu",
        "maxpool",
        "add",
        "avgpool",
        "flatten",
        "linear",
    ]
    assert all(row.shape == "" and row.op == row.name for row in table.values())
    assert table["relu"].cost == table["maxpool"].cost == Cost()
    assert table["batchnorm"].cost == Cost(params=2 * (8 + 3 * 8 + 16))
    assert table["linear"].cost == Cost(160, 170, 10)


def test_the_bias_and_the_shortcut_cost_no_macs(bound: Callable[..., Candidate]) -> None:
    plain = bound("net n\ninput 3x8x8\nx: conv 1x1 3\n").graph
    joined = bound("net n\ninput 3x8x8\nx: [ conv 1x1 3 + id ] > relu\n").graph
    assert count(plain) == count(joined) == Cost(9 * 64, 12, 192)


def test_a_net_of_nothing_costs_nothing(bound: Callable[..., Candidate]) -> None:
    graph = bound("net n\ninput 3x8x8\nx: id\n").graph
    assert count(graph) == Cost()
    assert rows(graph, "node") == []
