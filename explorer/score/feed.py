"""What a training run is fed: images or signals on a device, a batch at a time.

Images stay uint8 in memory and become float, normalised and augmented a batch at a time, on the
device that trains. Layout is channels-last: on a CPU that is 1.7 to 2 times as fast for Inception
nets, because pooling is. Hardware and figures: docs/protocol.md.

Signals stay as they were read, uint8 or float32, and are normalised and shifted likewise; torch has
no channels-last layout of one dimension.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.data import Dataset, Split
from explorer.data.sets import Images, Signals
from explorer.score.protocol import Recipe


class Feed:
    """Images (or signals) on a device: as stored in, normalised and augmented float batches out."""

    def __init__(self, data: Dataset, device: torch.device) -> None:
        self.device = device
        is_plain = device.type == "mps" or data.kind == "signals"
        self.layout = torch.contiguous_format if is_plain else torch.channels_last
        self.train, self.train_labels = self._put(data.train)
        self.val, self.val_labels = self._put(data.val)
        mean, deviation = moments(data.train.images)
        self.mean = self._everywhere(mean)
        self.scale = self._everywhere(1 / _divisors(data.train.images, mean, deviation))

    def _put(self, split: Split) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(np.ascontiguousarray(split.images)).to(self.device)  # N H W C
        return images.movedim(-1, 1), torch.from_numpy(split.labels).to(self.device)

    def _everywhere(self, values: Any) -> Tensor:
        """A value a channel, repeated for every pixel: arithmetic on whole images is vectorised."""
        channels = torch.tensor(values, dtype=torch.float32, device=self.device)
        return channels.expand(1, *self.train.shape[2:], -1).contiguous().movedim(-1, 1)

    def floats(self, images: Tensor) -> Tensor:
        """N x C x H x W (or N x C x L) as stored, uint8 or float32, to normalised float32."""
        is_bytes = images.dtype == torch.uint8
        floats = images.float().div_(255) if is_bytes else images.clone()
        floats = floats.sub_(self.mean).mul_(self.scale)
        return floats.contiguous(memory_format=self.layout)

    def epoch(self, recipe: Recipe, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One pass in a fresh order, augmented; the last, smaller batch is left out."""
        count = min(recipe.images or len(self.train), len(self.train))
        order = torch.randperm(len(self.train), generator=generator)[:count]
        batch = min(recipe.batch, count)
        for chosen in torch.split(order[: count - count % batch], batch):
            where = chosen.to(self.device)
            # An image at a time: train[where] copies byte by byte and takes ten times as long.
            images = self.train.movedim(1, -1).index_select(0, where).movedim(-1, 1)
            images = augment(images, recipe, generator)
            yield self.floats(images), self.train_labels[where]


def moments(images: Images | Signals) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean and the standard deviation of each channel; uint8 is taken to be from 0 to 1.

    Args:
        images: N x grid x C.
    """
    channels = np.moveaxis(images, -1, 0)
    if images.dtype == np.uint8:
        return _counted(channels)
    # One channel at a time, since numpy copies to float64 what it takes the deviation of.
    mean = np.array([each.mean(dtype=np.float64) for each in channels])
    return mean, np.array([each.std(dtype=np.float64) for each in channels])


def _counted(channels: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counting the 256 values is exact, and an eighth of the work and memory of floats for all."""
    counts = np.stack([np.bincount(each.ravel(), minlength=256) for each in channels])  # C x 256
    shares, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256) / 255
    mean = shares @ values
    squares = (values - mean[:, None]) ** 2
    return mean, np.sqrt((shares * squares).sum(axis=1))


def _divisors(
    images: Images | Signals, mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The deviation of each channel, but nothing is blown up that hardly changes.

    Floats have no range that a small deviation could be a share of. What is left alone, but for its
    mean, is a channel that changes by less than a millionth of it, about what float32 resolves.
    """
    if images.dtype == np.uint8:
        return np.maximum(deviation, 1e-3)
    least = np.maximum(1e-6 * np.abs(mean), 1e-30)
    return np.where(deviation > least, deviation, 1.0)


def augment(images: Tensor, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """Mirror half of the images, and shift each by up to ``recipe.shift`` pixels.

    All at once, by gathering rows and then columns: three times as fast as both in one step. Pixels
    shifted in repeat the border. Shifts that can only be 0 are drawn too: a seed's order depends on
    it.

    Signals, N x C x L, are shifted alone: mirrored in time, most would mean something else.
    """
    if images.dim() == 3:
        return _shift(images, recipe.shift, generator)
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


def _shift(signals: Tensor, shift: int, generator: torch.Generator) -> Tensor:
    """Each of N x C x L by up to ``shift`` points; what is shifted in repeats the end."""
    count, channels, length = signals.shape
    if not shift:
        return signals
    points = _indices(count, length, shift, generator).to(signals.device)
    return signals.gather(2, points[:, None].expand(-1, channels, -1))


def _indices(count: int, size: int, shift: int, generator: torch.Generator) -> Tensor:
    """Count x size: for each image the source index of every row (or column)."""
    moved = torch.randint(-shift, shift + 1, (count, 1), generator=generator)
    return (torch.arange(size)[None, :] + moved).clamp_(0, size - 1)
