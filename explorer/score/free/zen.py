"""Zen-score: how much a net's features change with its input (Lin et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from explorer.ops.norm import BatchNorm
from explorer.score.free.blocks import block_ends
from explorer.score.free.subject import Subject

_STEP = 0.01  # alpha of the paper's algorithm 1
_IMAGES, _REPEATS = 16, 2  # the paper repeats 32 times; between seeds nets differ by far less


def zen(subject: Subject) -> dict[str, float | None]:
    """The Zen-score: ln E ||f(x) - f(x + 0.01 e)|| + the sum over batch norms of ln sigma.

    "Zen-NAS: A Zero-Shot NAS for High-Performance Deep Image Recognition", algorithm 1. Weights, x
    and e are standard normal; f is what the last block puts out, before the pool over the whole
    grid; sigma^2 is the mean over channels of the variance that a batch normalisation divides by,
    so that the sum undoes what normalising took away. The paper takes residual sums out of a net
    first, which a graph in general does not stand; here they stay.

    Not defined for nets without a block or with inputs of ids, nor where features leave the range
    of float32, as those of deep nets without any norm do.
    """
    ends = block_ends(subject.graph)
    if not ends or any(node.shape.kind == "ids" for node in subject.graph.inputs):
        return {"zen": None}
    generator = subject.generator()
    found = [_one(subject, ends[-1], generator) for _ in range(_REPEATS)]
    return {"zen": sum(found) / len(found)}


@torch.inference_mode()
def _one(subject: Subject, end: int, generator: torch.Generator) -> float:
    net = subject.net()
    for layer in net.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            layer.weight.normal_(generator=generator)
    images = [_normal(node.shape.sizes, generator) for node in subject.graph.inputs]
    moved = [image + _STEP * _normal(image.shape[1:], generator) for image in images]
    first, deviations = _features(subject, net, end, images)
    second, _ = _features(subject, net, end, moved)
    change = float((first - second).flatten(1).double().norm(dim=1).mean())
    return math.log(change) + deviations if 0 < change < math.inf else math.nan


def _normal(sizes: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(_IMAGES, *sizes, generator=generator)


def _features(
    subject: Subject, net: nn.Module, end: int, images: list[Tensor]
) -> tuple[Tensor, float]:
    """What the node ``end`` puts out, and the sum of the logarithms of all deviations before it."""
    kept: list[Tensor] = []
    deviations: list[float] = []

    def rule(index: int, call: Callable[..., Tensor], *values: Tensor) -> Tensor:
        op = subject.graph.nodes[index].op
        if isinstance(op, BatchNorm) and index <= end:
            variance = float(values[0].movedim(1, 0).flatten(1).var(1, correction=0).mean())
            deviations.append(math.log(variance + float(op.eps)) / 2)
        value = call(*values)
        if index == end:
            kept.append(value)
        return value

    net.trace(rule, *images)  # type: ignore[operator]
    return kept[0], sum(deviations)
