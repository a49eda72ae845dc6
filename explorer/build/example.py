"""Inputs that a net can read, where there are no data: to recount it, and to compare its export."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.graph import Graph
from explorer.ops import Input
from explorer.ops.sequence import Embedding

_BRIGHTEST = 255  # of an image in whole numbers


def examples(graph: Graph, count: int, generator: torch.Generator) -> tuple[Tensor, ...]:
    """A random tensor for each input of a graph, of its type: N x its shape."""
    return tuple(
        _example(graph, index, node.op, count, generator)
        for index, node in enumerate(graph.nodes)
        if isinstance(node.op, Input)
    )


def _example(
    graph: Graph, index: int, source: Input, count: int, generator: torch.Generator
) -> Tensor:
    sizes, dtype = (count, *source.what.sizes), getattr(torch, source.dtype)
    if source.what.kind == "ids":
        return torch.randint(vocabulary(graph, index), sizes, generator=generator, dtype=dtype)
    if dtype is torch.uint8:
        return torch.randint(_BRIGHTEST + 1, sizes, generator=generator, dtype=dtype)
    return torch.rand(sizes, generator=generator, dtype=dtype)


def vocabulary(graph: Graph, index: int) -> int:
    """How many words every reader of these ids knows; 2 where nobody has a say."""
    readers = (graph.nodes[reader].op for reader in graph.readers[index])
    return min((op.words for op in readers if isinstance(op, Embedding)), default=2)
