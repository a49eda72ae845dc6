"""Graph to torch: every node puts out the inferred shape, under its own name, and can learn."""

from __future__ import annotations

import pytest
import torch

from explorer.build import build, examples
from explorer.build.module import torch_function
from explorer.ops import TorchFunction
from explorer.space import bind
from explorer.space.library import Text, shipped
from tests.build.small import small

MANY_OPS = """net many_ops
input 3x17x17  classes 4
default conv same norm=batch act=relu
a: conv 3x3/2 8 > lrn > conv (1, 3) 8 groups=2 norm=none > maxpool 3x3/2 valid ceil > relu6 > silu
b: [ conv 3x3 8 dilation=2 | id | avgpool 3x3 same excludepad > gelu ] > batchnorm eps=0.01
c: [ b > conv 1x1 8 act=hardswish + b > conv 1x1 8 act=tanh + a > conv 1x1 8 act=sigmoid ]
d: [ c * avgpool global > conv 1x1 8 norm=none act=sigmoid ]
e: repeat 2 ([ conv 3x3 8 act=none + id ] > relu) > avgpool 2x2/2 valid > flatten > dropout 0.1
f: linear 7 > relu > linear classes
"""


@pytest.mark.parametrize("name", shipped())
def test_every_node_has_its_inferred_shape(name: str) -> None:
    graph = small(name)
    found = build(graph).eval().shapes(*examples(graph, 2, torch.Generator()))
    assert found == [node.shape.sizes for node in graph.nodes]


def test_many_ops_together_build_learn_and_keep_their_paths() -> None:
    graph = bind(Text("many_ops", MANY_OPS).space()).graph
    net = build(graph)
    assert net.eval().shapes(torch.zeros(1, 3, 17, 17)) == [n.shape.sizes for n in graph.nodes]
    loss = net.train()(torch.randn(4, 3, 17, 17)).square().sum()
    loss.backward()
    assert all(parameter.grad is not None for parameter in net.parameters())
    paths = {node.path for node in graph.nodes}
    assert {key.rpartition(".")[0] for key in net.state_dict()} <= paths


def test_the_seed_decides_the_weights() -> None:
    graph = small("googlenet")
    torch.manual_seed(1)
    first = build(graph).state_dict()
    torch.manual_seed(1)
    second = build(graph).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_sum_of_branches_is_their_sum() -> None:
    text = "net n\ninput 2x5x5\na: [ id + id + conv 1x1 2 ]\n"
    graph = bind(Text("n", text).space()).graph
    net = build(graph)
    images = torch.randn(3, 2, 5, 5)
    conv = net.get_submodule("a.b3.conv1")
    assert torch.allclose(net(images), 2 * images + conv(images))


def test_one_dimension() -> None:
    chain = "conv 5/2 8 > maxpool 3/2 valid > avgpool global > linear 3"
    text = f"net n\ninput 1x40 classes 3\na: {chain}\n"
    graph = bind(Text("n", text).space()).graph
    assert build(graph)(torch.randn(2, 1, 40)).shape == (2, 3)


def test_a_function_of_torch_takes_one_tensor_or_folds_several() -> None:
    one, two = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    scale = torch_function(TorchFunction("mul", kwargs=(("other", 3.0),)))
    assert torch.equal(scale(one), 3 * one)
    assert torch.equal(torch_function(TorchFunction("add"))(one, two, two), one + two + two)
    cat = torch_function(TorchFunction("cat", listed=True, kwargs=(("dim", 0),)))
    assert cat(one, two).tolist() == [1, 2, 3, 4]
    assert torch.equal(cat(one), one)


def test_initial_weights_keep_the_size_of_what_they_see() -> None:
    """He et al. 2015 with as many outputs a weight as its group has; small embeddings."""
    text = "net n\ninput 64x9x9\nx: dwconv 3x3 > conv 3x3 256 groups=4 > tokens > positions\n"
    torch.manual_seed(0)
    net = build(bind(Text("n", text).space()).graph)
    for path, expected in (
        ("x.dwconv1", (2 / 9) ** 0.5),
        ("x.conv1", (2 / (9 * 64)) ** 0.5),
        ("x.positions1.position", 0.02),
    ):
        weight = net.get_parameter(f"{path}.weight").detach()
        assert float(weight.std()) == pytest.approx(expected, rel=0.1)
