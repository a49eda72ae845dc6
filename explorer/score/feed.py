"""What a training run is fed: images on a device, a batch at a time.

Images stay uint8 in memory and become float, normalised and augmented a batch at a time, on the
device that trains. Layout is channels-last: on a CPU that is 1.7 to 2 times as fast for Inception
nets, because pooling is. Hardware and figures: docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.data import Dataset, Split
from explorer.data.sets import Images
from explorer.score.protocol import Recipe


class Feed:
    """Images on a device: uint8 in, normalised and augmented float batches out."""

    def __init__(self, data: Dataset, device: torch.device) -> None:
        self.device = device
        on_apple = device.type == "mps"
        self.layout = torch.contiguous_format if on_apple else torch.channels_last
        self.train, self.train_labels = self._put(data.train)
        self.val, self.val_labels = self._put(data.val)
        mean, deviation = moments(data.train.images)
        self.mean = self._everywhere(mean)
        self.scale = self._everywhere(1 / np.maximum(deviation, 1e-3))

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


def moments(images: Images) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean and the standard deviation of each channel, of values from 0 to 1.

    Counting the 256 values is exact, and an eighth of the work and memory of floats for all pixels.

    Args:
        images: N x H x W x C.
    """
    channels = np.moveaxis(images, -1, 0)
    counts = np.stack([np.bincount(each.ravel(), minlength=256) for each in channels])  # C x 256
    shares, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256) / 255
    mean = shares @ values
    squares = (values - mean[:, None]) ** 2
    return mean, np.sqrt((shares * squares).sum(axis=1))


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
