"""Receptive fields, beside published ones, by hand, and by the gradient."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from explorer.build import build
from explorer.cost import Field, receptive_field
from explorer.graph import Graph
from explorer.space import Candidate, bind
from explorer.space.library import find_text
from tests.build.families import FAMILIES
from tests.ops.row import text_of

Bound = Callable[..., Candidate]


def at(graph: Graph) -> tuple[str, tuple[int, ...]]:
    field = receptive_field(graph)
    assert field is not None
    return graph.nodes[field.node].path, field.window


# Araujo et al. 2019, https://github.com/google-research/receptive_field, for the nets of TF-Slim
# whose windows are those of ours; their Inception-v2 is BN-Inception.
PUBLISHED = {
    "alexnet": 195,
    "vgg16": 212,
    "bn_inception": 699,
    "inception_v3.net": 1311,
    "inception_v4": 2071,
    "inception_resnet_v2": 3039,
}


@pytest.mark.parametrize(("name", "size"), PUBLISHED.items())
def test_published(name: str, size: int) -> None:
    assert at(bind(find_text(name).space()).graph)[1] == (size, size)


def test_googlenet_by_hand() -> None:
    """Every module widens by the 4 steps of its 5x5; a pool of 3 at stride 2 widens by 2."""
    field, step = 7, 2
    field, step = field + 2 * step, 2 * step  # pool
    field += 2 * step  # 3x3
    field, step = field + 2 * step, 2 * step
    field += 2 * 4 * step  # 3a, 3b
    field, step = field + 2 * step, 2 * step
    field += 5 * 4 * step  # 4a to 4e
    field, step = field + 2 * step, 2 * step
    field += 2 * 4 * step  # 5a, 5b
    graph = bind(find_text("googlenet").space()).graph
    assert at(graph) == ("i5b.concat1", (field, field)) == ("i5b.concat1", (715, 715))


def test_resnet50_by_hand() -> None:
    """The 3x3 of each unit, strided in the first of a stage, as torchvision builds it."""
    units = 2 * (3 * 4) + 2 * (4 + 3 * 8) + 2 * (8 + 5 * 16) + 2 * (16 + 2 * 32)
    assert at(bind(find_text("resnet").space()).graph)[1] == (11 + units, 11 + units)


@pytest.mark.parametrize(
    ("text", "where", "window"),
    [
        ("conv 3x5 4", "x.conv1", (3, 5)),
        ("conv 3x3 4 dilation=2 > conv 3x3/2 4 > conv 3x3 4", "x.conv3", (11, 11)),
        ("conv 3x3/(2, 1) 4 > maxpool 2x2/2 valid", "x.maxpool1", (5, 4)),
        ("[ conv 1x7 4 | conv 5x1 4 | id ]", "x.concat1", (5, 7)),
        ("conv 3x3 4 > relu > batchnorm > lrn > layernorm > part 1/2", "x.part1", (3, 3)),
        ("conv 3x3/2 4 > upsample 2", "x.upsample1", (3, 3)),
        ("conv 3x3/2 4 > upsample 2 > conv 3x3 4", "x.conv2", (5, 5)),
        ("conv 3x3/2 4 > upsample 2 bilinear", "x.upsample1", (5, 5)),
        ("conv 3x3 4 > avgpool to=4x4", "x.avgpool1", (6, 6)),
        ("conv 3x3 4 > avgpool to=1x1 > conv 1x1 4", "x.conv1", (3, 3)),
        ("conv 3x3 4 > flatten > linear 4", "x.conv1", (3, 3)),
        ("flatten > linear 4", "input", (1, 1)),
    ],
)
def test_by_hand(text: str, where: str, window: tuple[int, int], bound: Bound) -> None:
    assert at(bound(text_of(text, "3x16x16")).graph) == (where, window)


def test_one_axis(bound: Bound) -> None:
    graph = bound(text_of("conv 5/2 4 > conv 3 4 > avgpool global > linear 2", "2x40")).graph
    assert at(graph) == ("x.conv2", (9,))


def test_tokens_are_cells_until_they_are_laid_out_anew(bound: Bound) -> None:
    source = "3x16x16"
    assert at(bound(text_of("conv 4x4/4 4 valid > tokens > linear 4", source)).graph)[1] == (4, 4)
    # Three rows of tokens, of which the first and the last may begin and end anywhere.
    line = "tokens > grid 16x16 > conv 3x3 4"
    assert at(bound(text_of(line, source)).graph)[1] == (4, 16)


def test_what_sees_everything(bound: Bound) -> None:
    def field(text: str) -> Field:
        found = receptive_field(bound(text).graph)
        assert found is not None
        return found

    plain = field(text_of("conv 3x3 4 > relu"))
    assert (plain.sees_all, plain.output_sees_all) == (False, False)
    pooled = field(text_of("conv 3x3 4 > avgpool global > linear 2"))
    assert (pooled.sees_all, pooled.output_sees_all) == (False, True)
    for line in (
        "[ conv 3x3 3 * avgpool global > sigmoid ] > relu",
        "groupnorm 3 > conv 3x3 4",
        "conv 3x3 4 > tokens > attention 2",
    ):
        seen = field(text_of(line))
        assert seen.sees_all
        assert seen.output_sees_all
        assert seen.window == (3, 3)
    assert field(FAMILIES["translator"]).window == (1,)


def test_a_vector_has_no_field(bound: Bound) -> None:
    assert receptive_field(bound(text_of("linear 4", "vector 7")).graph) is None


def test_of_several_inputs_the_one_that_is_reached(bound: Bound) -> None:
    text = "net n\ninput a: vector 4\ninput b: 1x9x9\n"
    lines = "x: b > conv 3x3 4\ny: a > linear 4\noutput x, y\n"
    assert at(bound(text + lines).graph) == ("x.conv1", (3, 3))


def middle(cells: Tensor, most: int = 12) -> Tensor:
    """Cells that see no border, in every position that windows and steps can have."""
    for axis, size in enumerate(cells.shape):
        cells = cells.narrow(axis, max(0, size - most) // 2, min(size, most))
    return cells


@pytest.mark.parametrize(
    "text",
    [
        "conv 3x3/2 2 > conv 5x5 2",
        "conv 3x5 2 dilation=(2, 1) > avgpool 3x3/2 same > conv 3x3 2",
        "[ conv 1x7 2 | conv 5x1 2 | avgpool 3x3 same ] > conv 3x3/2 2",
        "conv 3x3/2 2 > [ dwconv 5x5 > relu + id ] > avgpool 2x2/2 valid",
        "conv 5x5/2 2 > upsample 2 bilinear",
        "avgpool 3x3/2 same > upsample 3 bilinear",
        "upsample 3 > conv 3x3 2",
        "conv 3x3 2 > avgpool to=7x7",
        "conv 3x3 2 > tokens > linear 2",
    ],
)
def test_the_gradient_reaches_as_far(text: str, bound: Bound) -> None:
    """With weights of one, the input's cells whose gradient is not zero are those that are seen."""
    graph = bound(text_of(text, "1x33x33")).graph
    net = build(graph).eval()
    for parameter in net.parameters():
        torch.nn.init.ones_(parameter)
    x = torch.ones(1, 1, 33, 33, requires_grad=True)
    cells = net(x).sum(graph.nodes[graph.output].shape.axis)[0]
    widest = (0, 0)
    for cell in middle(cells).flatten():
        (gradient,) = torch.autograd.grad(cell, x, retain_graph=True)
        places = gradient[0, 0].nonzero()
        spread = places.amax(0) - places.amin(0) + 1
        widest = (max(widest[0], int(spread[0])), max(widest[1], int(spread[1])))
    assert at(graph)[1] == widest
