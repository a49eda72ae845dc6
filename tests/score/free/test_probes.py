"""Blocks, AZ-NAS, SynFlow, Zen and the gradients against plain reckonings of what they are."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import nn

from explorer.build import build
from explorer.graph import Graph
from explorer.score.free import Batch, free_scores
from explorer.score.free.blocks import block_ends, cuts
from explorer.score.free.features import _aligned, _entropy
from explorer.space import bind
from explorer.space.library import Text
from tests.score.free.nets import batch_of, graph_of

CHAIN = """net chain
input 3x8x8 classes 3
a: conv 3x3 4 norm=batch act=relu > maxpool 2x2/2 valid
b: [ conv 1x1 4 > conv 3x3 4 + id ] > relu
c: [ conv 1x1 4 | conv 3x3 4 ]
head: avgpool global > linear classes
"""


def graph(text: str) -> Graph:
    return bind(Text("test", text).space()).graph


def score(net: Graph, name: str, batch: Batch | None = None, seed: int = 0) -> float:
    value = free_scores(net, batch or batch_of(net), seed, [name]).values[name]
    assert value is not None
    return value


def built(net: Graph, seed: int = 0) -> nn.Module:
    """The same weights as scores are of."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build(net)


def test_cuts_are_what_every_path_passes() -> None:
    net = graph(CHAIN)
    first, last = 0, net.output
    expected = [
        index
        for index in range(len(net.nodes))
        if index in (first, last) or not _leads(net, first, last, without=index)
    ]
    assert cuts(net) == expected


def _leads(net: Graph, first: int, last: int, without: int) -> bool:
    """Whether a path leads from a node to another without passing a third."""
    reached = {first}
    for index, node in enumerate(net.nodes):
        if index != without and reached & set(node.inputs):
            reached.add(index)
    return last in reached


def test_blocks_end_before_the_next_weights() -> None:
    net = graph(CHAIN)
    ends = [net.nodes[index] for index in block_ends(net)]
    assert [end.op.name for end in ends] == ["maxpool", "relu", "concat"]
    assert block_ends(graph("net n\ninput 3x8x8\nx: relu > avgpool global\n")) == []


def test_entropy_is_that_of_the_principal_components() -> None:
    generator = torch.Generator().manual_seed(0)
    even = torch.randn(4000, 6, generator=generator)
    assert _entropy(even) == pytest.approx(math.log(6), abs=0.01)
    line = even[:, :1] * torch.arange(1.0, 7)
    assert _entropy(line) == pytest.approx(0, abs=1e-3)
    values = torch.randn(3, 5, 20, generator=generator)  # more channels than places
    covariance = torch.cov(values.flatten(0, 1).T, correction=0)
    shares = torch.linalg.eigvalsh(covariance.double()).clamp(min=1e-12)
    shares /= shares.sum()
    assert _entropy(values) == pytest.approx(float(-(shares * shares.log()).sum()), abs=1e-3)


def test_trainability_of_one_layer_is_of_its_weights() -> None:
    """J^T g g^T of a 1x1 convolution, over enough places, is J^T: s is the norm of its weights."""
    net = graph("net n\ninput 3x16x16\nx: conv 1x1 6 > conv 1x1 5\ny: avgpool global\n")
    weights = built(net).get_parameter("x.conv2.weight").detach()[:, :, 0, 0]
    largest = float(torch.linalg.matrix_norm(weights, 2))
    found = score(net, "trainability", Batch.random(net, 64))
    assert found == pytest.approx(2 - largest - 1 / largest, abs=0.05)


def test_larger_grids_become_channels() -> None:
    first = torch.arange(2 * 2 * 2 * 1.0).view(2, 2, 2, 1)
    second = torch.arange(2 * 4 * 5 * 3.0).view(2, 4, 5, 3)
    one, two = _aligned(first, second)
    assert one.shape == (8, 1)
    assert two.shape == (8, 12)
    # The cells under the first place of the first image: rows 0 and 1, columns 0 and 1.
    expected = {float(v) for v in second[0, :2, :2].flatten()}
    assert set(two[0].tolist()) == expected
    flat, tokens = _aligned(torch.zeros(2, 4, 4, 3), torch.zeros(2, 17, 5))
    assert (flat.shape, tokens.shape) == ((32, 3), (32, 5))


@pytest.mark.parametrize("name", ["resnext", "densenet", "shufflenet"])
def test_synflow_is_the_sum_over_weights(name: str) -> None:
    net = graph_of(name)
    module = built(net).double().eval()
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.eps = 0  # and so the identity
    for parameter in module.parameters():
        parameter.data.abs_()
    out = module(torch.ones(1, *net.input.sizes, dtype=torch.float64)).sum()
    weights = [each for each in module.parameters() if each.ndim > 1]
    slopes = torch.autograd.grad(out, weights)
    products = [(w * s).detach() for w, s in zip(weights, slopes, strict=True)]
    expected = sum(float(product.sum()) for product in products)
    assert score(net, "synflow") == pytest.approx(math.log(expected), abs=1e-6)


def test_synflow_goes_beyond_the_range_of_numbers() -> None:
    assert score(graph_of("deep"), "synflow") > 709  # e^709 is the largest float64


def test_zen_of_one_layer() -> None:
    """f is linear: its change is that of the input times the weights, over the deviation."""
    net = graph("net n\ninput 3x8x8\nx: conv 1x1 64 norm=batch > conv 1x1 4 nobias\n")
    ends = block_ends(net)
    assert [net.nodes[end].op.name for end in ends] == ["batchnorm"]
    # 0.01 sqrt(64 * 64) of a normalised change, and a deviation of sqrt 3.
    assert score(net, "zen") == pytest.approx(math.log(0.64) + math.log(3) / 2, abs=0.15)


def test_gradients_are_those_of_the_loss() -> None:
    net = graph_of("resnext")
    batch = batch_of(net)
    module = built(net).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    labels = batch.labels
    assert labels is not None
    F.cross_entropy(module.train()(*batch.inputs), labels).backward()
    weights = [each for each in module.parameters() if each.ndim > 1]
    norm = sum(float(w.grad.norm()) for w in weights if w.grad is not None)
    snip = sum(float((w * w.grad).detach().abs().sum()) for w in weights if w.grad is not None)
    assert score(net, "grad_norm", batch) == pytest.approx(norm, rel=1e-3)
    assert score(net, "snip", batch) == pytest.approx(snip, rel=1e-3)


def test_more_units_make_more_patterns() -> None:
    text = "net n\ninput 3x8x8\nx: conv 3x3 {n} act=relu > conv 3x3 {n} act=relu\n"
    found = [score(graph(text.format(n=n)), "swap", seed=3) for n in (2, 8)]
    assert found[0] < found[1]
