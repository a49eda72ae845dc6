"""One training run, from top to bottom; it may stop after any epoch and go on later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from explorer.build.machine import keep_memory
from explorer.score.feed import Feed
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


class Run:
    """A training in progress: it may stop after any epoch and go on elsewhere as if it had not.

    Args:
        net: takes N x C x H x W, gives N x classes; trained in place.
        feed: the images, on the device to train on.
        recipe: how.
        seed: of the order of the images and the augmentation; dropout follows torch's own seed.
        heads: weights of the losses of the net's auxiliary heads, in their order.
    """

    def __init__(
        self, net: nn.Module, feed: Feed, recipe: Recipe, seed: int, heads: tuple[float, ...] = ()
    ) -> None:
        net.to(feed.device, memory_format=feed.layout)  # type: ignore[call-overload]
        self.net, self.feed, self.recipe, self.heads = net, feed, recipe, heads
        self._order = torch.Generator().manual_seed(seed)
        self._optimizer, self._schedule = _optimizer(net, feed, recipe)
        self._average = _average(net, recipe.average)
        self.curve: list[float] = []
        self.seconds = 0.0
        self.seen = 0

    @property
    def epochs(self) -> int:
        """How many are done."""
        return len(self.curve)

    @keep_memory()  # memory given back is asked for again every step: 2,000 page faults, 5 % of it
    def advance(
        self, epochs: int, on_epoch: Callable[[int, float], None] = lambda epoch, accuracy: None
    ) -> Training:
        """Train until so many epochs are done in all, and measure after each.

        Raises:
            DivergedError: the loss became infinite or not a number.
        """
        started, before = time.perf_counter(), self.seconds
        while self.epochs < epochs:
            self._epoch()
            last = self.epochs + 1 == epochs
            measured = self.net if self._average is None else self._average.module
            self.curve.append(accuracy(measured, self.feed, sample=None if last else _PEEK))
            self.seconds = before + time.perf_counter() - started
            on_epoch(self.epochs, self.curve[-1])
        if self._average is not None and self.epochs == self.recipe.epochs:
            self.net.load_state_dict(self._average.module.state_dict())
        return Training(tuple(self.curve), self.seconds, self.seen)

    def _epoch(self) -> None:
        for last in self.steps():
            loss = last
        if not torch.isfinite(loss):
            raise DivergedError(f"the loss became {loss.item()} in epoch {self.epochs + 1}")

    def steps(self) -> Iterator[Tensor]:
        """One pass over the images, a step at a time; yields the loss of each."""
        self.net.train()
        parameters = list(self.net.parameters())
        for images, labels in self.feed.epoch(self.recipe, self._order):
            with _autocast(self.feed.device):
                loss = _loss(self.net(images), labels, self.recipe.smoothing, self.heads)
            self._optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(parameters, self.recipe.clip)
            self._optimizer.step()
            self._schedule.step()
            if self._average is not None:
                self._average.update_parameters(self.net)
            self.seen += len(labels)
            yield loss.detach()

    def state(self) -> dict[str, Any]:
        """Everything that the rest of the run depends on: tensors, numbers and text alone."""
        return {
            "net": self.net.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "average": None if self._average is None else self._average.state_dict(),
            "order": self._order.get_state(),
            "dropout": torch.get_rng_state(),
            "curve": list(self.curve),
            "seconds": self.seconds,
            "seen": self.seen,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state` of a run that was begun with the same arguments.

        Raises:
            KeyError, RuntimeError, ValueError: the state is of another net or recipe.
        """
        self.net.load_state_dict(state["net"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        if self._average is not None:
            self._average.load_state_dict(state["average"])
        self._order.set_state(state["order"])
        torch.set_rng_state(state["dropout"])
        self.curve = list(state["curve"])
        self.seconds, self.seen = state["seconds"], state["seen"]


def train(
    net: nn.Module,
    feed: Feed,
    recipe: Recipe,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda epoch, accuracy: None,
    heads: tuple[float, ...] = (),
) -> Training:
    """Train ``net`` in place by the recipe, from its first epoch to its last: see :class:`Run`.

    Raises:
        DivergedError: the loss became infinite or not a number.
    """
    return Run(net, feed, recipe, seed, heads).advance(recipe.epochs, on_epoch)


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
