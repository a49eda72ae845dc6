"""Xie et al. 2017, figure 3: the three forms of a ResNeXt block are one function.

The weights of the grouped form are dealt out to the paths of the other two: a path's slice of a
grouped convolution, and of the last convolution what reads that path.
"""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor

from explorer.build import build
from explorer.cost import count
from explorer.graph import Graph
from explorer.ops import image
from explorer.space import Rebind, bind
from explorer.space.library import find_text

FORMS = ("grouped", "early", "summed")
PATHS = 32
SMALL = Rebind(image(3, 64, 64), 10, params={"c2": 2, "c3": 1, "c4": 1, "c5": 1})

# Where a tensor of the early and of the summed form stands: in one path of a block, or behind all.
IN_A_PATH = re.compile(r"(.+)\.(?:early|summed)\.b1\.(\d+)\.(?:path1\.)?(\w+\.\w+)")
BEHIND_A_PATH = re.compile(r"(.+)\.summed\.b1\.(\d+)\.conv1\.weight")
BEHIND_ALL = re.compile(r"(.+)\.(?:early|summed)\.(conv|batchnorm)1\.(\w+)")


def graph_of(form: str, rebind: Rebind | None = None) -> Graph:
    return bind(find_text("resnext_forms").space(rebind), {"form": form}).graph


def dealt(weights: dict[str, Tensor], key: str) -> Tensor:
    """What a tensor of the early or summed form is among the weights of the grouped form."""
    if key in weights:
        return weights[key]
    if found := BEHIND_A_PATH.fullmatch(key):
        block, path = found[1], int(found[2])
        return weights[f"{block}.grouped.conv3.weight"].chunk(PATHS, dim=1)[path - 1]
    if found := IN_A_PATH.fullmatch(key):
        block, path, name = found[1], int(found[2]), found[3]
        whole = weights[f"{block}.grouped.{name}"]
        return whole.chunk(PATHS)[path - 1] if whole.ndim else whole
    found = BEHIND_ALL.fullmatch(key)
    assert found, key
    return weights[f"{found[1]}.grouped.{found[2]}3.{found[3]}"]


def random_weights() -> dict[str, Tensor]:
    """Weights of the grouped form, its running means and variances too; every draw is another."""
    net = build(graph_of("grouped", SMALL)).double()
    draw = torch.Generator().manual_seed(0)
    weights = net.state_dict()
    for key, tensor in weights.items():
        if key.endswith("running_var") or (".batchnorm" in key and key.endswith("weight")):
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=draw, dtype=tensor.dtype))
        elif key.endswith(("running_mean", "bias")):
            tensor.copy_(torch.randn(tensor.shape, generator=draw, dtype=tensor.dtype) / 5)
    return weights


@torch.no_grad()
def answers(form: str, weights: dict[str, Tensor]) -> Tensor:
    """What the form says about three images, with weights of its own or dealt out to it."""
    net = build(graph_of(form, SMALL)).double().eval()
    net.load_state_dict({key: dealt(weights, key) for key in net.state_dict()})
    draw = torch.Generator().manual_seed(1)
    said: Tensor = net(torch.randn(3, 3, 64, 64, generator=draw, dtype=torch.float64))
    return said


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return random_weights()


@pytest.fixture(scope="module")
def expected(weights: dict[str, Tensor]) -> Tensor:
    return answers("grouped", weights)


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_cost_what_resnext50_costs(form: str) -> None:
    published = find_text("resnext:resnext50_32x4d").space().expected
    assert published and published.source == "torchvision"
    cost = count(graph_of(form))
    assert {"macs": cost.macs, "params": cost.params} == published.counts


@pytest.mark.parametrize("form", ["early", "summed"])
def test_with_the_same_weights_the_forms_say_the_same(
    form: str, weights: dict[str, Tensor], expected: Tensor
) -> None:
    assert expected.std() > 1e-3
    assert torch.allclose(answers(form, weights), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("early", "conv2.weight"),
        ("summed", "conv1.weight"),
        ("summed", "batchnorm2.running_mean"),
    ],
)
def test_a_slice_at_the_wrong_path_is_noticed(
    form: str, name: str, weights: dict[str, Tensor], expected: Tensor
) -> None:
    key = f"s2.repeat1.1.b1.grouped.{name}"
    first, second, *rest = weights[key].chunk(PATHS)
    permuted = weights | {key: torch.cat([second, first, *rest])}
    assert not torch.allclose(answers(form, permuted), expected, rtol=1e-6, atol=1e-8)
