"""A batch of images from data, as training would see them."""

from __future__ import annotations

import torch

from explorer.data import Dataset
from explorer.score.feed import Feed
from explorer.score.free.subject import Batch

IMAGES = 64  # of a batch: four groups of SWAP's 16


def draw_batch(data: Dataset, images: int = IMAGES, seed: int = 0) -> Batch:
    """Training images with their labels, drawn without replacement and normalised.

    Args:
        data: at the resolution that nets are scored at.
        images: how many; all, where there are fewer.
        seed: decides which.
    """
    feed = Feed(data, torch.device("cpu"))
    order = torch.randperm(len(feed.train), generator=torch.Generator().manual_seed(seed))
    chosen = order[:images]
    return Batch((feed.floats(feed.train[chosen]),), feed.train_labels[chosen])
