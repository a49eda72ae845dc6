"""Examples are of the right type, and are words that every reader knows."""

from __future__ import annotations

import torch

from explorer.build import examples
from explorer.graph import Graph
from explorer.space import bind
from explorer.space.library import Text


def graph_of(text: str) -> Graph:
    return bind(Text("n", f"net n\n{text}\n").space()).graph


def examples_of(graph: Graph) -> tuple[torch.Tensor, ...]:
    return examples(graph, 64, torch.Generator().manual_seed(3))


def test_ids_are_words_of_the_smallest_vocabulary() -> None:
    text = "input ids 16\nx: [ embedding 9 4 + embedding 5 4 ]"
    (words,) = examples_of(graph_of(text))
    assert words.dtype is torch.int64
    assert words.shape == (64, 16)
    assert words.unique().tolist() == [0, 1, 2, 3, 4]


def test_ids_that_nobody_looks_up_are_few() -> None:
    (words,) = examples_of(graph_of("input ids 16 dtype int32\nx: id"))
    assert words.dtype is torch.int32
    assert words.unique().tolist() == [0, 1]


def test_bytes_are_bytes() -> None:
    (pixels,) = examples_of(graph_of("input 3x8x8 dtype uint8\nx: conv 3x3 4"))
    assert pixels.dtype is torch.uint8
    assert pixels.max() > 200


def test_numbers_lie_from_zero_to_one_and_are_the_same_again() -> None:
    graph = graph_of("input 3x8x8\nx: conv 3x3 4")
    (pixels,) = examples_of(graph)
    assert pixels.dtype is torch.float32
    assert 0 <= float(pixels.min()) < 0.1 < 0.9 < float(pixels.max()) <= 1
    assert torch.equal(pixels, examples_of(graph)[0])
