"""Batches from data."""

from __future__ import annotations

import numpy as np
import torch

from explorer.data import Dataset, Split
from explorer.score.free import Batch, draw_batch


def data() -> Dataset:
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        images = rng.integers(0, 255, (count, 4, 4, 3)).astype(np.uint8)
        return Split(images, np.arange(count) % 3)

    return Dataset("noise", split(30), split(9), split(9), ("a", "b", "c"))


def test_a_batch_is_of_training_images_with_their_labels() -> None:
    whole = data()
    batch = draw_batch(whole, 10)
    assert batch.inputs[0].shape == (10, 3, 4, 4)
    everything = draw_batch(whole, 100)
    assert len(everything) == 30
    labels, all_labels = batch.labels, everything.labels
    assert labels is not None and all_labels is not None
    known = {tuple(image.flatten().tolist()): int(label) for image, label in _pairs(everything)}
    assert all(known[tuple(i.flatten().tolist())] == int(label) for i, label in _pairs(batch))
    assert abs(float(everything.inputs[0].mean())) < 1e-5


def _pairs(batch: Batch) -> zip[tuple[torch.Tensor, torch.Tensor]]:
    assert batch.labels is not None
    return zip(batch.inputs[0], batch.labels, strict=True)


def test_the_seed_decides_which() -> None:
    whole = data()
    first, same, other = (draw_batch(whole, 10, seed).inputs[0] for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_batch_sorts_itself() -> None:
    images, labels = torch.rand(6, 2, 3, 3), torch.arange(6)
    one = Batch((images,), labels)
    two = Batch((images.flip(0),), labels.flip(0))
    assert torch.equal(one.inputs[0], two.inputs[0])
    assert one.labels is not None and two.labels is not None
    assert torch.equal(one.labels, two.labels)
    assert torch.equal(images[one.labels], one.inputs[0])
