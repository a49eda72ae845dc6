"""A layer as a torch module: begun with the clusters' filters, trained briefly, applied.

Only the newest layer and a linear classifier over the mean of its maps are trained; what lies
beneath stays as it is, so its maps are computed once (greedy layer-wise training, Bengio et al.
2007). The statistics of the next layer are those of maps that serve the task.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from explorer.build import Net, build
from explorer.construct.layers.correlations import Array, Shift
from explorer.construct.layers.filters import principal_directions, signed_templates
from explorer.construct.layers.plan import Branch, Layer, Module, Stem, body_text, lines_of
from explorer.construct.layers.rule import SIZES, Seen
from explorer.space import bind
from explorer.space.library import Text

STEPS, BATCH, RATE, MOMENTUM = 120, 32, 0.05, 0.9
_HELD = 5  # one image in so many is not trained on, to measure with
_EVALUATED = 100  # images a step

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Grown:
    """What a layer makes of the maps beneath it.

    Attributes:
        maps: of (images, channels, *grid), on the device.
        accuracy: of the classifier over the mean of its maps, on images that it was not trained
            on; nan for a layer that learns nothing.
    """

    maps: Tensor
    accuracy: float


def on_device(values: Array, device: str) -> Tensor:
    """An array as a tensor where the training is."""
    return torch.from_numpy(np.ascontiguousarray(values)).to(device)


def grow(
    layer: Layer,
    seen: Seen,
    maps: Tensor,
    labels: Tensor,
    seed: int,
    on_progress: Progress = lambda share: None,
) -> Grown:
    """Train one layer above maps, and apply it to them.

    Args:
        layer: at the widths of the statistics.
        seen: of the maps; gives the filters to begin with.
        maps: of (images, channels, *grid).
        labels: of (images,).
        seed: of the weights that no cluster gives, and of the order of the images.
        on_progress: told the share that is done.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        graph = bind(Text("layer", body_text(layer, maps.shape[1:])).space()).graph
        net = build(graph)
        head = nn.Linear(graph.nodes[-1].shape.channels, int(labels.max()) + 1)
    if isinstance(layer, (Stem, Module)):
        begin(net, layer, seen)
    net.to(maps.device)
    head.to(maps.device)
    accuracy = float("nan")
    if any(True for _ in net.parameters()):
        accuracy = _train(net, head, maps, labels, generator, on_progress)
    return Grown(_applied(net, maps), accuracy)


def _train(
    net: Net, head: nn.Linear, maps: Tensor, labels: Tensor, order: torch.Generator, told: Progress
) -> float:
    """Train on most of the images; the accuracy on the others."""
    held = torch.arange(len(labels)) % _HELD == 0
    chosen = torch.nonzero(~held).flatten()
    batch = min(BATCH, len(chosen))
    epochs = -(-STEPS * batch // len(chosen))
    steps = epochs * (len(chosen) // batch)
    parameters = [*net.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=RATE, momentum=MOMENTUM, nesterov=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    net.train()
    done = 0
    for _ in range(epochs):
        for part in torch.split(chosen[torch.randperm(len(chosen), generator=order)], batch):
            if len(part) < batch:
                continue  # a norm over a few images would be noise
            where = part.to(maps.device)
            loss = F.cross_entropy(head(_pooled(net(maps[where]))), labels[where])
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            told(done / steps)
    return _accuracy(net, head, maps[held.to(maps.device)], labels[held.to(maps.device)])


@torch.no_grad()
def _accuracy(net: Net, head: nn.Linear, maps: Tensor, labels: Tensor) -> float:
    net.eval()
    right = 0
    for part, truth in zip(_parts(maps), _parts(labels), strict=True):
        right += int((head(_pooled(net(part))).argmax(1) == truth).sum())
    return right / len(labels)


@torch.no_grad()
def _applied(net: Net, maps: Tensor) -> Tensor:
    net.eval()
    return torch.cat([net(part) for part in _parts(maps)])


def _parts(values: Tensor) -> tuple[Tensor, ...]:
    found: tuple[Tensor, ...] = torch.split(values, _EVALUATED)
    return found


def _pooled(maps: Tensor) -> Tensor:
    return maps.flatten(2).mean(2)


# ---- weights to begin with


def begin(net: Net, layer: Stem | Module, seen: Seen) -> None:
    """Give a layer's convolutions the clusters' templates; norms scale what comes out."""
    kernels: list[Tensor] = [
        m.weight for m in net.modules() if isinstance(m, (nn.Conv1d, nn.Conv2d))
    ]
    if isinstance(layer, Stem):
        size = SIZES.index(max(layer.window))
        _set(kernels[0], signed_templates(seen, layer.window, size, kernels[0].shape[0]))
        return
    for branch in layer.branches:
        kernels = _begin_branch(kernels, branch, seen)
    if layer.projected is not None:
        _set(kernels[0], _points(principal_directions(seen.found, len(kernels[0])), layer.window))


def _begin_branch(kernels: list[Tensor], branch: Branch, seen: Seen) -> list[Tensor]:
    """Set the kernels of a branch, which are the first of those given; returns the others."""
    templates = signed_templates(
        seen, branch.window, _size(branch), _last(kernels, branch).shape[0]
    )
    if branch.reduced is not None:
        directions = principal_directions(seen.found, len(kernels[0]))
        _set(kernels[0], _points(directions, branch.window))
        # Behind the 1x1 and its rectifier, the difference of a direction's two signs is the
        # direction itself: the template, as far as the directions span it.
        templates = np.einsum("fc...,dc->fd...", templates, directions)
        kernels = kernels[1:]
    if not branch.crossed:
        _set(kernels[0], templates)
        return kernels[1:]
    return _begin_crossed(kernels, branch, templates)


def _begin_crossed(kernels: list[Tensor], branch: Branch, templates: Array) -> list[Tensor]:
    """A line along the last axis for each filter, then its line along the other axis alone."""
    first, second = kernels[:2]
    rows = templates.shape[2]
    flat = templates.reshape(len(templates), -1, rows, templates.shape[-1])
    across = np.moveaxis(flat, 2, 1).reshape(len(flat), rows, -1)  # rows x (channels * columns)
    left, _, right = np.linalg.svd(across, full_matrices=False)
    lines = right[:, 0].reshape(len(flat), flat.shape[1], 1, -1)
    _set(first, lines)
    own = np.zeros(second.shape)
    own[np.arange(len(flat)), np.arange(len(flat)), :, 0] = left[:, :, 0]
    _set(second, own)
    return kernels[2:]


def _last(kernels: list[Tensor], branch: Branch) -> Tensor:
    number = (branch.reduced is not None) + (len(lines_of(branch.window)) if branch.crossed else 1)
    return kernels[number - 1]


def _size(branch: Branch) -> int:
    return SIZES.index(max(branch.window))


def _points(directions: Array, window: Shift) -> Array:
    return directions.reshape(*directions.shape, *(1 for _ in window))


@torch.no_grad()
def _set(kernel: Tensor, values: Array) -> None:
    kernel.copy_(torch.from_numpy(np.ascontiguousarray(values)).to(kernel.dtype))
