"""What holds for the torch module of every text that means something, and for its export."""

from __future__ import annotations

from random import Random

import torch
from torch import Tensor

from explorer.build import audit, build, examples
from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.export import Facts, source
from explorer.export.source import root_class
from explorer.graph import Graph
from tests.properties.meaning import Property, graph_of
from tests.properties.texts import Text


def inputs_of(graph: Graph, many: int = 2) -> tuple[Tensor, ...]:
    return examples(graph, many, torch.Generator().manual_seed(5))


def shapes_are_torchs(text: Text, dice: Random) -> None:
    """The shape of every node, those of heads as well."""
    graph = graph_of(text, dice, heads=True)
    net = build(graph).eval()
    inputs = inputs_of(graph)
    assert net.shapes(*inputs) == [node.shape.sizes for node in graph.nodes]
    with torch.inference_mode():
        found = net(*inputs)
    values = found if isinstance(found, tuple) else (found,)
    leaving = [output for output in graph.outputs if output.weight is None]
    assert [tuple(v.shape) for v in values] == [
        (2, *graph.nodes[o.node].shape.sizes) for o in leaving
    ]


def keys_are_paths(text: Text, dice: Random) -> None:
    graph = graph_of(text, dice)
    net = build(graph)
    paths = {node.path for node in graph.nodes}
    assert all(key.rpartition(".")[0] in paths or _owner(key, paths) for key in net.state_dict())
    params = sum(parameter.numel() for parameter in net.parameters())
    assert params == count(graph).params


def _owner(key: str, paths: set[str]) -> bool:
    """Whether a node whose layer has layers of its own lends the key its prefix."""
    return any(key.startswith(f"{path}.") for path in paths)


def counts_are_recounted(text: Text, dice: Random) -> None:
    """Multiply-adds, params and activations, by operator."""
    found = audit(graph_of(text, dice))
    assert found.agrees, [row for row in found.rows if not row.agrees] or found


def exports_compute_the_same(text: Text, dice: Random) -> None:
    """The exported text, where the net is one that can be exported."""
    graph = graph_of(text, dice)
    try:
        written = source(graph, Facts())
    except ExplorerError as error:
        assert len(graph.inputs) > 1 or len(graph.outputs) > 1, error
        return
    names: dict[str, object] = {"__name__": "exported"}
    exec(compile(written, "exported.py", "exec"), names)
    ours, theirs = build(graph).eval(), names[root_class(graph)]().eval()  # type: ignore[operator]
    assert list(theirs.state_dict()) == list(ours.state_dict())
    state = told_apart(ours)
    ours.load_state_dict(state)
    theirs.load_state_dict(state)
    with torch.inference_mode():
        pairs = (net(*inputs_of(graph)) for net in (theirs, ours))
        torch.testing.assert_close(*pairs, rtol=0, atol=0, equal_nan=True)


def told_apart(net: torch.nn.Module) -> dict[str, Tensor]:
    """A state_dict in which no two tensors are alike."""
    generator = torch.Generator().manual_seed(7)
    return {
        name: torch.rand(tensor.shape, generator=generator) / max(1, tensor[:1].numel()) + 0.1
        if tensor.is_floating_point()
        else tensor
        for name, tensor in net.state_dict().items()
    }


PROPERTIES: tuple[Property, ...] = (
    shapes_are_torchs,
    keys_are_paths,
    counts_are_recounted,
    exports_compute_the_same,
)
