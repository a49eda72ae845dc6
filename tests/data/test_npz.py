from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.data import load
from explorer.errors import DataError

Arrays = dict[str, Any]


def refused(path: Path) -> str:
    """The one line with which loading fails, without the path in front."""
    with pytest.raises(DataError) as caught:
        load(str(path))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ").replace(str(path), "PATH")


@pytest.mark.parametrize("style", [("x_{}", "y_{}"), ("{}_images", "{}_labels")])
@pytest.mark.parametrize("val", ["val", "valid", "validation"])
def test_both_styles_of_names(npz: Path, arrays: Arrays, style: tuple[str, str], val: str) -> None:
    image, label = style
    names = ("train", val, "test")
    contents = {image.format(name): arrays["x_train"] for name in names}
    contents |= {label.format(name): arrays["y_train"] for name in names}
    np.savez(npz, **contents, classes=np.array(["a", "b", "c", "d"]))
    data = load(str(npz))
    assert data.name == str(npz)
    assert (data.size, data.channels, data.classes) == ((6, 8), 3, ("a", "b", "c", "d"))
    for _, split in data.splits():
        assert (split.images == arrays["x_train"]).all()
        assert (split.labels == arrays["y_train"]).all()


def test_missing_splits_are_cut_from_train(npz: Path, arrays: Arrays) -> None:
    np.savez_compressed(npz, **arrays, speaker_train=np.array(["x"]))
    data = load(str(npz))
    assert [len(split) for _, split in data.splits()] == [24, 8, 8]
    assert load(str(npz)).fingerprint == data.fingerprint
    assert load(str(npz), seed=1).fingerprint != data.fingerprint


def test_grey_images_and_a_column_of_labels(npz: Path, arrays: Arrays) -> None:
    labels = arrays["y_train"][:, None].astype(np.uint8)
    np.savez(npz, train_images=arrays["x_train"][..., 0], train_labels=labels)
    data = load(str(npz))
    assert data.channels == 1
    assert data.train.labels.shape == (24,)
    assert data.train.labels.dtype == np.int64


ALLOWED = "train_images + train_labels or x_train + y_train; val and test likewise, if any"
Change = Callable[[Arrays], Arrays]

MISTAKES: list[tuple[str, Change, str]] = [
    ("other keys", lambda a: {"data": a["x_train"]}, f"holds data; it must hold {ALLOWED}"),
    ("nothing", lambda a: {}, f"holds nothing; it must hold {ALLOWED}"),
    ("no labels", lambda a: {"x_train": a["x_train"]}, f"has no 'y_train'; it must hold {ALLOWED}"),
    (
        "test without labels",
        lambda a: a | {"test_images": a["x_train"]},
        f"has no 'test_labels'; it must hold {ALLOWED}",
    ),
    (
        "two names",
        lambda a: a | {"train_images": a["x_train"]},
        "holds 'train_images' and 'x_train' and 'y_train'; only one of the names for train may be "
        "used",
    ),
    (
        "float images",
        lambda a: a | {"x_train": a["x_train"] / 255},
        "'x_train' is float64 of shape (40, 6, 8, 3); images are uint8, 0 to 255; signals are "
        "floats, N x length or N x length x channels",
    ),
    (
        "too many axes",
        lambda a: a | {"x_train": np.zeros((40, 2, 3, 4, 5), np.uint8)},
        "'x_train' has shape (40, 2, 3, 4, 5); images are N x height x width x channels or "
        "N x height x width",
    ),
    (
        "channels first",
        lambda a: a | {"x_train": np.zeros((40, 3, 32, 32), np.uint8)},
        "'x_train' has shape (40, 3, 32, 32), so 32 channels; channels come last and allowed is "
        "1 to 16",
    ),
    (
        "no images",
        lambda a: {"x_train": a["x_train"][:0], "y_train": a["y_train"][:0]},
        "'x_train' is empty: its shape is (0, 6, 8, 3)",
    ),
    (
        "no pixels",
        lambda a: a | {"x_train": a["x_train"][:, :0]},
        "'x_train' is empty: its shape is (40, 0, 8, 3)",
    ),
    (
        "lengths",
        lambda a: a | {"y_train": a["y_train"][:-1]},
        "'x_train' has 40 images but PATH: 'y_train' has 39 labels; there must be one label for "
        "each image",
    ),
    (
        "float labels",
        lambda a: a | {"y_train": a["y_train"] / 1},
        "'y_train' is float64; labels are whole numbers from 0",
    ),
    (
        "one-hot labels",
        lambda a: a | {"y_train": np.eye(4, dtype=int)[a["y_train"]]},
        "'y_train' has shape (40, 4); labels are one number for each image",
    ),
    (
        "negative label",
        lambda a: a | {"y_train": a["y_train"] - 1},
        "'y_train' has labels from -1 to 2; allowed is 0 to 99999",
    ),
    (
        "huge label",
        lambda a: a | {"y_train": a["y_train"].astype(np.uint64) + np.uint64(2**63)},
        f"'y_train' has labels from {2**63} to {2**63 + 3}; allowed is 0 to 99999",
    ),
    (
        "labels from 1",
        lambda a: a | {"y_train": a["y_train"] + 1},
        "no train image has label 0 (class '0'); labels count from 0 without gaps",
    ),
    (
        "one class",
        lambda a: a | {"y_train": a["y_train"] * 0},
        "there is 1 class; at least 2 are needed",
    ),
    (
        "too few names",
        lambda a: a | {"classes": np.array(["a", "b"])},
        "train labels go from 0 to 3; with 2 classes allowed is 0 to 1",
    ),
    (
        "too many names",
        lambda a: a | {"classes": np.array(list("abcde"))},
        "no train image has label 4 (class 'e'); labels count from 0 without gaps",
    ),
    (
        "names of numbers",
        lambda a: a | {"classes": np.arange(4)},
        "'classes' is int64 of shape (4,); allowed is one row of text",
    ),
    (
        "an unknown label in test",
        lambda a: a | {"x_test": a["x_train"], "y_test": a["y_train"] + 1},
        "test labels go from 1 to 4; with 4 classes allowed is 0 to 3",
    ),
    (
        "another size in val",
        lambda a: a | {"x_val": a["x_train"][:, :5], "y_val": a["y_train"]},
        "val images are 5x8x3 and train images are 6x8x3 (height x width x channels); "
        "all must agree",
    ),
    (
        "pickled",
        lambda a: a | {"y_train": a["y_train"].astype(object)},
        "'y_train' cannot be read (Object arrays cannot be loaded when allow_pickle=False)",
    ),
]


@pytest.mark.parametrize(
    ("change", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_mistakes(npz: Path, arrays: Arrays, change: Change, message: str) -> None:
    np.savez(npz, **change(arrays))
    assert refused(npz) == message


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x80\x04]."])
def test_a_file_that_is_no_archive(npz: Path, content: bytes) -> None:
    npz.write_bytes(content)
    assert refused(npz) == "is not an npz file (it is no zip archive)"


def test_a_single_array(npz: Path, arrays: Arrays) -> None:
    with npz.open("wb") as file:
        np.save(file, arrays["x_train"])
    assert refused(npz) == f"is a single array; an npz file holds {ALLOWED}"


def test_a_truncated_archive(npz: Path, arrays: Arrays) -> None:
    np.savez(npz, **arrays)
    npz.write_bytes(npz.read_bytes()[:-100])
    assert refused(npz) == "is not an npz file (it is no zip archive)"


def test_a_damaged_member(npz: Path, arrays: Arrays) -> None:
    np.savez(npz, **arrays)
    content = bytearray(npz.read_bytes())
    content[1000] ^= 0xFF
    npz.write_bytes(content)
    assert refused(npz) == "'x_train' cannot be read (Bad CRC-32 for file 'x_train.npy')"


def test_a_header_that_only_a_tokenizer_chokes_on(npz: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((2, 2), np.uint8))
    content = buffer.getvalue().replace(b"(2, 2), }", b"(2, 2),  ")
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x_train.npy", content)
        archive.writestr("y_train.npy", content)
    assert refused(npz).startswith("'x_train' cannot be read (")


def test_a_member_that_is_no_array(npz: Path) -> None:
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("x_train", b"text")
        archive.writestr("y_train", b"text")
    assert refused(npz) == "'x_train' is not an array"
