from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from explorer.data import load
from explorer.data.idx import read_array
from explorer.errors import DataError
from scripts.cut_fashion import CLASSES, cut, write


def packed(array: np.ndarray) -> bytes:
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_pair(folder: Path, which: str, count: int, classes: int = 4, suffix: str = "") -> None:
    images = (np.arange(count * 20) * 7 % 256).astype(np.uint8).reshape(count, 5, 4)
    labels = (np.arange(count) % classes).astype(np.uint8)
    for what, array in (("images-idx3", images), ("labels-idx1", labels)):
        content = packed(array)
        path = folder / f"{which}-{what}-ubyte{suffix}"
        path.write_bytes(gzip.compress(content) if suffix else content)


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load(str(path))
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_of_both_pairs(tmp_path: Path, suffix: str) -> None:
    write_pair(tmp_path, "train", 40, suffix=suffix)
    write_pair(tmp_path, "t10k", 8, suffix=suffix)
    data = load(str(tmp_path))
    assert [split.images.shape for _, split in data.splits()] == [
        (32, 5, 4, 1),
        (8, 5, 4, 1),
        (8, 5, 4, 1),
    ]
    assert data.test.images[1, 0, :, 0].tolist() == [140, 147, 154, 161]
    assert data.test.labels.tolist() == [0, 1, 2, 3] * 2


def test_a_path_to_one_file_means_its_folder(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 40)
    whole = load(str(tmp_path)).fingerprint
    assert load(str(tmp_path / "train-images-idx3-ubyte")).fingerprint == whole


def test_a_dot_before_idx_is_the_same_name(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 40)
    path = tmp_path / "train-images-idx3-ubyte"
    path.rename(tmp_path / "train-images.idx3-ubyte")
    assert len(load(str(tmp_path)).train) == 24


def test_without_t10k_test_is_cut_from_train(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 40)
    assert [len(split) for _, split in load(str(tmp_path)).splits()] == [24, 8, 8]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "starts with bytes ; an IDX file with 0000"),
        (b"\x1f\x8b\x08\0\0", "starts with bytes 1f8b0800; an IDX file with 0000"),
        (b"\0\0\x0d\x03", "IDX type 0x0d; only unsigned bytes, 0x08, are read"),
        (b"\0\0\x08\x03\0\0\0\x01", "ends inside its header of 3 lengths"),
        (
            b"\0\0\x08\x03" + struct.pack(">3I", 2, 3, 4) + bytes(23),
            "the header says 24 bytes, 2x3x4; the file has 23",
        ),
        (
            b"\0\0\x08\x03" + struct.pack(">3I", *[2**32 - 1] * 3),
            f"the header says {(2**32 - 1) ** 3} bytes, 4294967295x4294967295x4294967295; "
            "the file has 0",
        ),
        (
            b"\0\0\x08\x01" + struct.pack(">I", 3) + bytes(3),
            "has shape (3,); images are N x height x width x channels or N x height x width",
        ),
    ],
)
def test_a_malformed_file(tmp_path: Path, content: bytes, message: str) -> None:
    write_pair(tmp_path, "train", 40)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(content)
    assert refused(tmp_path).removeprefix(str(path)).lstrip(": ") == message


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 40, suffix=".gz")
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    assert refused(tmp_path).startswith(f"{path}: cannot be read (")


@pytest.mark.parametrize("missing", ["train-labels-idx1", "t10k-images-idx3"])
def test_a_missing_file(tmp_path: Path, missing: str) -> None:
    write_pair(tmp_path, "train", 40)
    write_pair(tmp_path, "t10k", 8)
    (tmp_path / f"{missing}-ubyte").unlink()
    assert refused(tmp_path) == f"{tmp_path}: has no {missing}-ubyte, plain or .gz"


def test_the_array_may_be_written_to(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 4)
    assert read_array(tmp_path / "train-labels-idx1-ubyte").flags.writeable


def test_the_cut_is_balanced_in_order_and_the_same_twice(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 8010, classes=10)
    write_pair(tmp_path, "t10k", 2010, classes=10)
    arrays = cut(tmp_path)
    assert arrays["train_labels"].tolist() == list(range(10)) * 800
    assert arrays["test_labels"].tolist() == list(range(10)) * 200
    assert arrays["train_images"].shape == (8000, 5, 4, 1)
    files = [tmp_path / "first.npz", tmp_path / "second.npz"]
    for file in files:
        write(file, arrays)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert load(str(files[0])).classes == CLASSES


def test_the_cut_needs_enough_of_every_class(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 40, classes=10)
    with pytest.raises(DataError, match="has no t10k files"):
        cut(tmp_path)
    write_pair(tmp_path, "t10k", 40, classes=10)
    with pytest.raises(DataError, match=r"^class 0 has 4 images; 800 are needed$"):
        cut(tmp_path)
