"""SWAP and NASWOT against their definitions, on codes that can be counted by hand."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import pytest
import torch

from explorer.build import build
from explorer.graph import without_heads
from explorer.score.free import Batch, free_scores, regularised
from explorer.score.free.patterns import Codes
from explorer.score.free.subject import Subject
from tests.score.free.nets import batch_of, graph_of


def distinct(bits: torch.Tensor) -> float:
    """The distinct rows of units x images, by whole groups of at most 16 images."""
    size = min(16, len(bits))
    groups = bits[: len(bits) // size * size].split(size)
    return fmean(len({tuple(unit) for unit in group.T.tolist()}) for group in groups)


def codes_of(images: int) -> Codes:
    """Codes of so many images, without a unit yet."""
    graph = graph_of("headed")
    return Codes(Subject.of(graph, batch_of(graph, images)))


def kernel(bits: torch.Tensor) -> np.ndarray:
    rows = bits.numpy()
    return np.array([[(a == b).sum() for b in rows] for a in rows], float)


@pytest.mark.parametrize("images", [2, 7, 8, 9, 15, 16, 17, 64, 130])
def test_codes_are_counted(images: int) -> None:
    generator = torch.Generator().manual_seed(images)
    parts = [torch.randn(images, 3, 2, 2, generator=generator) for _ in range(2)]
    parts.append(torch.randn(images, 5, generator=generator).sign())
    codes = codes_of(images)
    for part in parts:
        codes.add(part.contiguous(memory_format=torch.channels_last) if part.ndim == 4 else part, 0)
    bits = torch.cat([part.flatten(1) > 0 for part in parts], 1)
    assert codes.units == bits.shape[1]
    assert codes.distinct() == distinct(bits)
    expected = np.linalg.slogdet(kernel(bits) + np.eye(images)).logabsdet
    assert codes.logdet() == pytest.approx(expected)


def test_units_of_equal_patterns_count_once() -> None:
    codes = codes_of(3)
    codes.add(torch.tensor([[1.0, 2.0, -1.0, 0.0], [0.0, 0.0, 1.0, 0.0], [3.0, 1.0, 0.0, 0.0]]), 0)
    assert codes.distinct() == 3  # 101 twice, 010, 000


def test_images_of_equal_codes_do_not_break_the_determinant() -> None:
    codes = codes_of(4)
    codes.add(torch.ones(4, 6), 0)
    # Six agreements everywhere and one on the diagonal: eigenvalues 25, 1, 1, 1.
    assert codes.logdet() == pytest.approx(math.log(25))


def test_scores_are_of_what_activations_put_out() -> None:
    graph = without_heads(graph_of("headed"))
    batch = batch_of(graph, 9)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        net = build(graph).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    bits = []
    for layer in net.modules():
        if isinstance(layer, torch.nn.ReLU):
            layer.register_forward_hook(lambda *seen: bits.append(seen[2].flatten(1) > 0))
    net.eval()(batch.inputs[0].contiguous(memory_format=torch.channels_last))
    rows = torch.cat(bits, 1)
    found = free_scores(graph, batch, 5, ["swap", "naswot"]).values
    assert found["swap"] == distinct(rows)
    expected = np.linalg.slogdet(kernel(rows) + np.eye(9)).logabsdet
    assert found["naswot"] == pytest.approx(expected)


@pytest.mark.parametrize("act", ["relu", "relu6", "leakyrelu", "prelu", "elu", "silu", "gelu"])
def test_activations_are_on_where_their_input_is_positive(act: str) -> None:
    assert _swap_of(act) == _swap_of("relu")


@pytest.mark.parametrize("act", ["mish", "softplus", "hardswish", "sigmoid", "hardsigmoid", "tanh"])
def test_smooth_ones_too(act: str) -> None:
    assert _swap_of(act) == _swap_of("relu")


def _swap_of(act: str) -> float | None:
    from explorer.space import bind
    from explorer.space.library import Text

    text = f"net n\ninput 3x6x6\nx: conv 3x3 5 > {act} > avgpool global\n"
    graph = bind(Text("n", text).space()).graph
    images = torch.randn(10, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    return free_scores(graph, Batch((images,)), 0, ["swap"]).values["swap"]


def test_regularised_leans_on_a_size() -> None:
    assert regularised(100.0, 50, 50, 10) == 100
    assert regularised(100.0, 60, 50, 100) == pytest.approx(100 / math.e)
