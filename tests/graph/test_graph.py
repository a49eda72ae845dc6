from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.graph import Graph, prune
from explorer.ops import image
from explorer.space import Candidate

TEXT = """\
net small
input 3x8x8  classes 5
block cell(n):
  [ conv 3x3 n norm=batch | conv 1x1 n > conv 3x3 n ]
stem: conv 3x3/2 8
body: cell(4)
head: [ body + stem ] > avgpool global > linear classes
"""


@pytest.fixture
def graph(bound: Callable[..., Candidate]) -> Graph:
    return bound(TEXT).graph


def index(graph: Graph, path: str) -> int:
    return [node.path for node in graph.nodes].index(path)


def test_nodes_stand_in_an_order_in_which_they_can_be_computed(graph: Graph) -> None:
    assert [node.path for node in graph.nodes] == [
        "input",
        "stem.conv1",
        "body.b1.conv1",
        "body.b1.batchnorm1",
        "body.b2.conv1",
        "body.b2.conv2",
        "body.concat1",
        "head.add1",
        "head.avgpool1",
        "head.flatten_linear1",
        "head.linear1",
    ]
    assert graph.input == image(3, 8, 8)
    assert graph.output == len(graph.nodes) - 1
    assert graph.classes == 5


def test_scopes_form_a_tree_with_the_blocks_that_were_called(graph: Graph) -> None:
    paths = [scope.path for scope in graph.scopes]
    assert paths == ["", "stem", "body", "body.b1", "body.b2", "head", "head.b1", "head.b2"]
    assert graph.scopes[0].parent == -1
    assert [scope.parent for scope in graph.scopes[1:]] == [0, 0, 2, 2, 0, 5, 5]
    assert [scope.block for scope in graph.scopes if scope.block] == ["cell"]
    assert graph.scopes[2].block == "cell"
    for node in graph.nodes:
        prefix = graph.scopes[node.scope].path
        assert node.path.rpartition(".")[0] == prefix


def test_places_point_into_the_text(graph: Graph) -> None:
    place = graph.nodes[index(graph, "body.b2.conv2")].place
    assert place is not None
    assert str(place) == "test.net:4:42"


def test_readers_are_the_inputs_turned_round(graph: Graph) -> None:
    stem = index(graph, "stem.conv1")
    assert {graph.nodes[i].path for i in graph.readers[stem]} == {
        "body.b1.conv1",
        "body.b2.conv1",
        "head.add1",
    }
    assert graph.readers[graph.output] == ()
    for reader, node in enumerate(graph.nodes):
        assert all(reader in graph.readers[source] for source in node.inputs)


def test_depth_is_the_longest_path_not_the_sum(graph: Graph) -> None:
    assert graph.depth("conv", "linear") == 4
    assert graph.depth("batchnorm") == 1
    assert graph.depth("lrn") == 0


def test_googlenet_is_22_weight_layers_deep(
    shipped: Callable[[str], str], bound: Callable[..., Candidate]
) -> None:
    graph = bound(shipped("reference/googlenet.net")).graph
    assert graph.depth("conv", "linear") == 22
    assert sum(node.op.name in ("conv", "linear") for node in graph.nodes) == 58


def test_pruning_drops_what_the_output_does_not_see(bound: Callable[..., Candidate]) -> None:
    text = (
        "space s\ninput 3x8x8\nknob n in {1, 2}\n"
        "a: conv 1x1 n\nleft: input > conv 3x3 8 > relu\nb: a > conv 1x1 4\n"
    )
    kept = bound(text).graph
    assert [node.path for node in kept.nodes] == ["input", "a.conv1", "b.conv1"]
    assert kept.nodes[kept.output].path == "b.conv1"
    assert kept.nodes[2].inputs == (1,)
    assert prune(kept) is kept


def test_a_net_says_what_nothing_reads(bound: Callable[..., Candidate]) -> None:
    text = "net n\ninput 3x8x8\na: conv 1x1 2\nb: input > conv 1x1 3\n"
    with pytest.raises(Exception, match=r"test\.net:3:4: nothing reads 'a\.conv1'"):
        bound(text)


def test_networkx_sees_the_same_graph(graph: Graph) -> None:
    found = graph.to_networkx()
    assert found.name == "small"
    assert list(found) == [node.path for node in graph.nodes]
    assert found.nodes["stem.conv1"] == {
        "op": "conv",
        "arguments": str(graph.nodes[1].op),
        "shape": (8, 4, 4),
        "scope": "stem",
        "macs": 3 * 8 * 9 * 16,
        "params": 3 * 8 * 9 + 8,
    }
    assert {
        (source, found.edges[source, target]["position"])
        for source, target in found.in_edges("body.concat1")
    } == {("body.b1.batchnorm1", 0), ("body.b2.conv2", 1)}
    assert sum(data["macs"] for _, data in found.nodes(data=True)) == sum(
        node.op.cost(graph.shapes(node), node.shape).macs for node in graph.nodes
    )
