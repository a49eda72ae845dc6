"""The embedded data: what it is, that it never changes, and that nothing leaks in it."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

import explorer.data
from explorer.data import SHIPPED, Dataset, Split, load
from explorer.data.clutter import clutter

FOLDER = Path(explorer.data.__file__).parent

# Whoever changes one of these makes every earlier score incomparable.
GOLDEN = {
    "fashion": "d1:3c7d5d25cefdad6a095f36bf9c6dafe8107f9fbb7782f1d2bc45c6acb4112e33",
    "cluttered": "d1:dc8c5cbdf066b00c5cd398cd9c428b7fc59b933b97cf59418bc9ea0f512754a2",
}

# Cluttered training images come twice, validation images three times, each time cluttered anew.
SIZES = {"fashion": (6000, 2000, 2000), "cluttered": (12_000, 6000, 2000)}


def digests(split: Split) -> set[bytes]:
    return {hashlib.sha256(image.tobytes()).digest() for image in split.images}


def test_every_shipped_name_has_a_golden_fingerprint(fashion: Dataset, cluttered: Dataset) -> None:
    assert {data.name: data.fingerprint for data in (fashion, cluttered)} == GOLDEN
    assert set(SHIPPED) == set(GOLDEN)


def test_the_fingerprint_is_computed_once(fashion: Dataset) -> None:
    assert fashion.fingerprint is fashion.fingerprint


@pytest.mark.parametrize(("name", "shape"), [("fashion", (28, 28, 1)), ("cluttered", (32, 32, 3))])
def test_shapes_types_and_balance(
    name: str, shape: tuple[int, ...], request: pytest.FixtureRequest
) -> None:
    data: Dataset = request.getfixturevalue(name)
    assert (*data.size, data.channels) == shape
    assert len(data.classes) == 10
    for (_, split), count in zip(data.splits(), SIZES[name], strict=True):
        assert split.images.shape == (count, *shape)
        assert split.images.dtype == np.uint8
        assert split.labels.dtype == np.int64
        assert np.bincount(split.labels).tolist() == [count // 10] * 10


@pytest.mark.parametrize("name", SHIPPED)
def test_no_image_is_in_two_splits(name: str, request: pytest.FixtureRequest) -> None:
    data: Dataset = request.getfixturevalue(name)
    train, val, test = (digests(split) for _, split in data.splits())
    assert (len(train), len(val), len(test)) == SIZES[name]
    assert len(train | val | test) == sum(SIZES[name])


def test_a_seed_moves_validation_images_but_never_test_images(fashion: Dataset) -> None:
    other = load("fashion", seed=1)
    assert digests(other.test) == digests(fashion.test)
    assert digests(other.val) != digests(fashion.val)
    both = digests(other.train) | digests(other.val)
    assert both == digests(fashion.train) | digests(fashion.val)


def test_cluttered_images_keep_the_labels_of_the_plain(
    fashion: Dataset, cluttered: Dataset
) -> None:
    for (_, plain), (_, made) in zip(fashion.splits(), cluttered.splits(), strict=True):
        times = len(made) // len(plain)
        assert (np.tile(plain.labels, times) == made.labels).all()


def test_size_resizes_every_split(fashion: Dataset) -> None:
    small = load("fashion", size=14)
    assert [split.images.shape[1:] for _, split in small.splits()] == [(14, 14, 1)] * 3
    assert small.fingerprint != fashion.fingerprint


def test_clutter_uses_only_the_images_of_its_split(fashion: Dataset) -> None:
    """Of an all-black split nothing but background and noise can remain."""
    black = Split(np.zeros((50, 28, 28, 1), np.uint8), np.zeros(50, np.int64))
    images = clutter(black, 0, 1).images.astype(int)
    spread = images.reshape(50, -1, 3).max(1) - images.reshape(50, -1, 3).min(1)
    assert spread.max() <= 60  # noise spans -30 to 30
    white = Split(np.full((50, 28, 28, 1), 255, np.uint8), black.labels)
    images = clutter(white, 0, 1).images.astype(int)
    spread = images.reshape(50, -1, 3).max(1) - images.reshape(50, -1, 3).min(1)
    assert spread.max() > 100


def test_clutter_shows_the_object_at_many_scales() -> None:
    """White squares on black: the object is a square of its own colour and known size."""
    white = Split(np.full((200, 28, 28, 1), 255, np.uint8), np.zeros(200, np.int64))
    images = clutter(white, 0, 1).images.astype(int)
    sides = set()
    for image in images:
        centre = np.median(image[12:20, 12:20].reshape(-1, 3), axis=0)
        near = (abs(image - centre) <= 30).all(-1)
        sides.add(int(np.sqrt(near.sum())))
    assert min(sides) <= 15
    assert max(sides) >= 26


def test_clutter_depends_on_seed_and_path(fashion: Dataset) -> None:
    few = fashion.val.take(np.arange(20))
    images = [clutter(few, seed, path).images for seed, path in ((0, 1), (0, 1), (0, 2), (1, 1))]
    assert (images[0] == images[1]).all()
    assert (images[0] != images[2]).any()
    assert (images[0] != images[3]).any()


def test_the_embedded_file_holds_no_clock_and_is_small() -> None:
    path = FOLDER / "fashion.npz"
    assert path.stat().st_size < 6_000_000
    with zipfile.ZipFile(path) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_licence_lies_beside_the_data() -> None:
    text = (FOLDER / "fashion.LICENSE").read_text("utf-8")
    assert "2017 Zalando SE" in text
    assert "Permission is hereby granted, free of charge" in text
