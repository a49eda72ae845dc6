"""Signals of one dimension: how they are told from images, kept, and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.cli import main
from explorer.data import Dataset, Split, load
from explorer.errors import DataError

Array = NDArray[Any]
LABELS = np.arange(40) % 4


def waves(*shape: int) -> Array:
    """Forty signals, every value different."""
    count = 40 * int(np.prod(shape))
    return (np.arange(count) * 37 % count / 100 - 3).reshape(40, *shape)


def saved(path: Path, train: Array, **more: Array) -> str:
    np.savez(path, x_train=train, y_train=LABELS, **more)
    return str(path)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize("shape", [(12,), (12, 1), (12, 3)])
def test_floats_are_kept_as_float32(npz: Path, kind: str, shape: tuple[int, ...]) -> None:
    values = waves(*shape).astype(kind)
    data = load(saved(npz, values, x_val=values, y_val=LABELS, x_test=values, y_test=LABELS))
    assert (data.kind, data.size, data.channels) == ("signals", (12,), (*shape, 1)[1])
    for _, split in data.splits():
        assert split.images.dtype == np.float32
        assert (split.images == values.astype(np.float32).reshape(40, 12, -1)).all()


def test_bytes_of_two_axes_are_signals_and_of_three_are_images(npz: Path) -> None:
    values = np.arange(40 * 12, dtype=np.uint16).astype(np.uint8).reshape(40, 12)
    data = load(saved(npz, values))
    assert (data.kind, data.shape) == ("signals", "1x12")
    assert data.train.images.dtype == np.uint8
    data = load(saved(npz, values.reshape(40, 4, 3)))
    assert (data.kind, data.size, data.shape) == ("images", (4, 3), "1x4x3")


def test_missing_splits_are_cut_from_train(npz: Path) -> None:
    values = waves(12)
    data = load(saved(npz, values))
    assert [len(split) for _, split in data.splits()] == [24, 8, 8]
    kept = np.concatenate([split.images[:, :, 0] for _, split in data.splits()])
    assert (np.sort(kept, axis=None) == np.sort(values.astype(np.float32), axis=None)).all()


def test_the_fingerprint_knows_values_and_types(npz: Path) -> None:
    values = waves(12).astype(np.float32)
    first = load(saved(npz, values)).fingerprint
    assert load(saved(npz, values.astype(">f4"))).fingerprint == first
    values[3, 5] = np.nextafter(values[3, 5], np.float32(9))
    assert load(saved(npz, values)).fingerprint != first
    ones = [
        Dataset("ones", *[Split(np.zeros((2, 8, 1), kind), np.arange(2))] * 3, ("a", "b"))
        for kind in (np.uint8, np.float32)
    ]
    assert ones[0].fingerprint != ones[1].fingerprint


SHAPES = "signals are N x length or N x length x channels, with more points than channels"
MISTAKES: list[tuple[str, dict[str, Array], str]] = [
    (
        "not a number",
        {"x_train": np.where(np.arange(480).reshape(40, 12) == 27, np.nan, 1.0)},
        "'x_train' has the value nan in signal 2; allowed is -1e+30 to 1e+30",
    ),
    (
        "infinite",
        {"x_test": np.full((40, 12), -np.inf, np.float16), "y_test": LABELS},
        "'x_test' has the value -inf in signal 0; allowed is -1e+30 to 1e+30",
    ),
    (
        "beyond float32",
        {"x_train": np.full((40, 12, 2), 1e39)},
        "'x_train' has the value 1e+39 in signal 0; allowed is -1e+30 to 1e+30",
    ),
    (
        "channels first",
        {"x_train": waves(3, 12)},
        f"'x_train' is float64 of shape (40, 3, 12); {SHAPES}; images are uint8",
    ),
    (
        "grey images as floats",
        {"x_train": waves(6, 6).astype(np.float32)},
        f"'x_train' is float32 of shape (40, 6, 6); {SHAPES}; images are uint8",
    ),
    (
        "one point",
        {"x_train": waves(1)},
        f"'x_train' is float64 of shape (40, 1); {SHAPES}; images are uint8",
    ),
    (
        "no points",
        {"x_train": np.zeros((40, 0))},
        "'x_train' is empty: its shape is (40, 0)",
    ),
    (
        "whole numbers",
        {"x_train": np.zeros((40, 12), np.int16)},
        "'x_train' is int16 of shape (40, 12); images are uint8, 0 to 255; signals are floats, "
        "N x length or N x length x channels",
    ),
    (
        "lengths",
        {"y_train": LABELS[1:]},
        "'x_train' has 40 signals but PATH: 'y_train' has 39 labels; there must be one label for "
        "each signal",
    ),
    (
        "another length in test",
        {"x_test": waves(10), "y_test": LABELS},
        "test signals are 10x1 and train signals are 12x1 (length x channels); all must agree",
    ),
    (
        "images in val",
        {"x_val": np.zeros((40, 12, 1, 1), np.uint8), "y_val": LABELS},
        "val images are 12x1x1 and train signals are 12x1 (length x channels); all must agree",
    ),
    (
        "bytes in test",
        {"x_test": np.zeros((40, 12), np.uint8), "y_test": LABELS},
        "test signals are uint8 and train signals are float32; all must agree",
    ),
]


@pytest.mark.parametrize(
    ("change", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_mistakes(npz: Path, change: dict[str, Array], message: str) -> None:
    np.savez(npz, **{"x_train": waves(12), "y_train": LABELS} | change)
    with pytest.raises(DataError) as caught:
        load(str(npz))
    assert str(caught.value).replace(str(npz), "PATH") == f"PATH: {message}"


def test_signals_keep_their_length(npz: Path) -> None:
    with pytest.raises(DataError, match=r"holds signals of 12 points; only images can be brought"):
        load(saved(npz, waves(12)), size=8)


def test_the_verb_says_what_a_file_holds(npz: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", saved(npz, waves(12, 3))]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{npz}: 3x12, 4 classes"
    assert said[1].split() == ["train", "24", "signals"]
