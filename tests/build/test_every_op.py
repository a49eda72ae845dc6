"""Every op alone, and a net of every family: it builds, learns, and is counted as fvcore counts."""

from __future__ import annotations

import pytest
import torch

from explorer.build import audit, build, examples
from explorer.graph import Graph, lint
from explorer.space import bind
from explorer.space.library import Text
from tests.build.families import FAMILIES
from tests.ops.row import text_of
from tests.ops.rows_tokens import JOIN_ROWS
from tests.ops.test_conformance import ROWS

TEXTS = {
    f"{row.text} on {row.source}": text_of(row.text, row.source) for row in (*ROWS, *JOIN_ROWS)
}
TEXTS |= FAMILIES


@pytest.fixture(params=TEXTS)
def graph(request: pytest.FixtureRequest) -> Graph:
    return bind(Text("test", TEXTS[request.param]).space()).graph


def inputs(graph: Graph) -> tuple[torch.Tensor, ...]:
    return examples(graph, 4, torch.Generator().manual_seed(5))


def test_no_two_rows_are_the_same() -> None:
    assert len(TEXTS) == len(ROWS) + len(JOIN_ROWS) + len(FAMILIES)


def test_every_node_has_its_inferred_shape(graph: Graph) -> None:
    assert lint(graph) == []
    found = build(graph).eval().shapes(*inputs(graph))
    assert found == [node.shape.sizes for node in graph.nodes]


def test_it_learns_and_keeps_its_paths(graph: Graph) -> None:
    net = build(graph).train()
    parameters = list(net.parameters())
    if parameters:
        net(*inputs(graph)).square().sum().backward()
        assert all(parameter.grad is not None for parameter in parameters)
        assert all(bool(parameter.grad.isfinite().all()) for parameter in parameters)  # type: ignore[union-attr]
    paths = tuple(f"{node.path}." for node in graph.nodes)
    assert all(key.startswith(paths) for key in net.state_dict())


def test_it_is_counted_as_fvcore_counts(graph: Graph) -> None:
    found = audit(graph)
    assert found.agrees, found
    assert sum(row.nodes for row in found.rows) == len(graph.nodes) - len(graph.inputs)


@pytest.mark.parametrize(
    ("text", "source", "unit"),
    [
        ("dwconv 3x3", "4x8x8", "macs"),
        ("attention 2", "tokens 5x4", "macs"),
        ("linear 3", "tokens 5x4", "macs"),
        ("groupnorm 2", "4x8x8", "operations"),
        ("layernorm", "4x8x8", "operations"),
        ("layernorm", "tokens 5x4", "operations"),
        ("upsample 2", "4x8x8", "operations"),
        ("upsample 2 bilinear", "4x8x8", "operations"),
        ("avgpool to=2x4", "4x8x8", "elements read"),
        ("avgpool global", "tokens 5x4", "elements"),
        ("upsample 2", "4x8", "elements"),
        ("embedding 9 4", "ids 5", "elements"),
    ],
)
def test_fvcore_has_a_rule_for_some(text: str, source: str, unit: str) -> None:
    (row,) = audit(bind(Text("test", text_of(text, source)).space()).graph).rows
    assert row.unit == unit
    assert (row.fvcore is None) == (unit == "elements")
    assert row.ours > 0


def test_pools_with_a_rule_and_without_have_rows_of_their_own() -> None:
    text = text_of("avgpool 3x3 same > avgpool to=4x4 > avgpool global > tokens > avgpool global")
    found = audit(bind(Text("test", text).space()).graph)
    assert found.agrees
    rows = {(row.op, row.unit): row.ours for row in found.rows}
    assert rows == {
        ("avgpool", "elements"): 192,
        ("avgpool to=", "elements read"): 192,
        ("avgpool global", "elements read"): 48,
        ("tokens", "elements"): 3,
        ("avgpool global", "elements"): 3,
    }
