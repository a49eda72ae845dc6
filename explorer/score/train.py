"""One training run, from top to bottom.

Images stay uint8 in memory and become float, normalised and augmented a batch at a time, on the
device that trains. Layout is channels-last: on a CPU that is 1.7 to 2 times as fast for Inception
nets, because pooling is. Hardware and figures: docs/protocol.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from explorer.build.machine import keep_memory
from explorer.data import Dataset, Split
from explorer.score.protocol import Recipe

_PEEK = 1_000  # validation images looked at between epochs; the last look is at all of them
_EVALUATED = 250  # images a step: larger batches fall out of the cache


@dataclass(frozen=True, slots=True)
class Training:
    """What a run found.

    Attributes:
        curve: accuracy after every epoch, 0 to 1: on a sample of the validation images, and on
            all of them after the last.
        seconds: wall clock of the run.
        images: training images seen.
    """

    curve: tuple[float, ...]
    seconds: float
    images: int

    @property
    def accuracy(self) -> float:
        return self.curve[-1]


class DivergedError(Exception):
    """The loss stopped being a number."""


class Feed:
    """Images on a device: uint8 in, normalised and augmented float batches out."""

    def __init__(self, data: Dataset, device: torch.device) -> None:
        self.device = device
        on_apple = device.type == "mps"
        self.layout = torch.contiguous_format if on_apple else torch.channels_last
        self.train, self.train_labels = self._put(data.train)
        self.val, self.val_labels = self._put(data.val)
        pixels = data.train.images.reshape(-1, data.channels).astype(np.float64) / 255
        self.mean = self._everywhere(pixels.mean(0))
        self.scale = self._everywhere(1 / np.maximum(pixels.std(0), 1e-3))

    def _put(self, split: Split) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(np.ascontiguousarray(split.images)).to(self.device)  # N H W C
        return images.permute(0, 3, 1, 2), torch.from_numpy(split.labels).to(self.device)

    def _everywhere(self, values: Any) -> Tensor:
        """A value a channel, repeated for every pixel: arithmetic on whole images is vectorised."""
        channels = torch.tensor(values, dtype=torch.float32, device=self.device)
        height, width = self.train.shape[2:]
        return channels.expand(1, height, width, -1).contiguous().permute(0, 3, 1, 2)

    def floats(self, images: Tensor) -> Tensor:
        """uint8 N x C x H x W to normalised float32."""
        floats = images.float().div_(255).sub_(self.mean).mul_(self.scale)
        return floats.contiguous(memory_format=self.layout)

    def epoch(self, recipe: Recipe, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One pass in a fresh order, augmented; the last, smaller batch is left out."""
        count = min(recipe.images or len(self.train), len(self.train))
        order = torch.randperm(len(self.train), generator=generator)[:count]
        batch = min(recipe.batch, count)
        for chosen in torch.split(order[: count - count % batch], batch):
            where = chosen.to(self.device)
            # An image at a time: train[where] copies byte by byte and takes ten times as long.
            images = self.train.permute(0, 2, 3, 1).index_select(0, where).permute(0, 3, 1, 2)
            images = augment(images, recipe, generator)
            yield self.floats(images), self.train_labels[where]


def augment(images: Tensor, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """Mirror half of the images, and shift each by up to ``recipe.shift`` pixels.

    All at once, by gathering rows and then columns: three times as fast as both in one step. Pixels
    shifted in repeat the border. Shifts that can only be 0 are drawn too: a seed's order depends on
    it.
    """
    count, channels, height, width = images.shape
    rows = _indices(count, height, recipe.shift, generator)
    columns = _indices(count, width, recipe.shift, generator)
    if recipe.mirror:
        mirrored = torch.rand(count, generator=generator) < 0.5
        columns = torch.where(mirrored[:, None], columns.flip(1), columns)
    elif not recipe.shift:
        return images
    rows = rows + torch.arange(0, count * height, height)[:, None]
    values = columns[:, :, None] * channels + torch.arange(channels)  # within a row
    lines = images.permute(0, 2, 3, 1).reshape(count * height, width * channels)
    lines = lines.index_select(0, rows.flatten().to(images.device))
    where = values.view(count, 1, -1).to(images.device).expand(-1, height, -1)
    pixels = lines.view(count, height, -1).gather(2, where)
    return pixels.view(count, height, width, channels).permute(0, 3, 1, 2)


def _indices(count: int, size: int, shift: int, generator: torch.Generator) -> Tensor:
    """Count x size: for each image the source index of every row (or column)."""
    moved = torch.randint(-shift, shift + 1, (count, 1), generator=generator)
    return (torch.arange(size)[None, :] + moved).clamp_(0, size - 1)


@keep_memory()  # memory given back is asked for again every step: 2,000 page faults, 5 % of it
def train(
    net: nn.Module,
    feed: Feed,
    recipe: Recipe,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda epoch, accuracy: None,
    heads: tuple[float, ...] = (),
) -> Training:
    """Train ``net`` in place by the recipe and measure it on the validation images.

    Args:
        net: takes N x C x H x W, gives N x classes.
        feed: the images, on the device to train on.
        recipe: how.
        seed: of the order of the images and the augmentation; dropout follows torch's own seed.
        on_epoch: told the number of epochs done and the accuracy after each.
        heads: weights of the losses of the net's auxiliary heads, in their order.

    Raises:
        DivergedError: the loss became infinite or not a number.
    """
    started = time.perf_counter()
    net.to(feed.device, memory_format=feed.layout)  # type: ignore[call-overload]
    generator = torch.Generator().manual_seed(seed)
    optimizer, schedule = _optimizer(net, feed, recipe)
    parameters = list(net.parameters())
    average = _average(net, recipe.average)
    curve, seen = [], 0
    for epoch in range(recipe.epochs):
        net.train()
        for images, labels in feed.epoch(recipe, generator):
            with _autocast(feed.device):
                loss = _loss(net(images), labels, recipe.smoothing, heads)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(parameters, recipe.clip)
            optimizer.step()
            schedule.step()
            if average is not None:
                average.update_parameters(net)
            seen += len(labels)
        if not torch.isfinite(loss):
            raise DivergedError(f"the loss became {loss.item()} in epoch {epoch + 1}")
        last = epoch + 1 == recipe.epochs
        measured = net if average is None else average.module
        curve.append(accuracy(measured, feed, sample=None if last else _PEEK))
        on_epoch(epoch + 1, curve[-1])
    if average is not None:
        net.load_state_dict(average.module.state_dict())
    return Training(tuple(curve), time.perf_counter() - started, seen)


def _average(net: nn.Module, decay: float) -> AveragedModel | None:
    """A copy of the net that follows it slowly, statistics of its norms and all."""
    if not decay:
        return None
    mean = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return AveragedModel(net, multi_avg_fn=mean, use_buffers=True)


def _loss(outputs: Any, labels: Tensor, smoothing: float, heads: tuple[float, ...]) -> Tensor:
    """The loss of the net, and by their weights those of its auxiliary heads."""
    results = outputs if heads else (outputs,)
    losses = [F.cross_entropy(result, labels, label_smoothing=smoothing) for result in results]
    return sum(
        (weight * loss for weight, loss in zip(heads, losses[1:], strict=True)), start=losses[0]
    )


@torch.no_grad()
def accuracy(net: nn.Module, feed: Feed, sample: int | None = None) -> float:
    """The share of validation images that the net gets right.

    Args:
        net: takes N x C x H x W, gives N x classes.
        feed: the images.
        sample: look at about this many, taken evenly; None looks at all.
    """
    net.eval()
    step = max(1, len(feed.val) // sample) if sample else 1
    chosen, truth = feed.val[::step], feed.val_labels[::step]
    right = 0
    batches = zip(torch.split(chosen, _EVALUATED), torch.split(truth, _EVALUATED), strict=True)
    for images, labels in batches:
        with _autocast(feed.device):
            right += int((net(feed.floats(images)).argmax(1) == labels).sum())
    return right / len(truth)


def _optimizer(
    net: nn.Module, feed: Feed, recipe: Recipe
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """SGD and its rate over the whole run: up in a straight line, then down to nothing."""
    images = min(recipe.images or len(feed.train), len(feed.train))
    optimizer = torch.optim.SGD(
        _groups(net, recipe.decay),
        lr=recipe.rate,
        momentum=recipe.momentum,
        nesterov=True,
        fused=feed.device.type in ("cpu", "cuda"),
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=recipe.rate,
        total_steps=images // min(recipe.batch, images) * recipe.epochs,
        pct_start=recipe.warmup,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    return optimizer, schedule


def _groups(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for weights alone: biases and normalisation keep their freedom."""
    weights = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [
        {"params": weights, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _autocast(device: torch.device) -> Any:
    """Half precision where it pays: on CUDA devices."""
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()
