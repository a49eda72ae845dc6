"""Cut the embedded data, ``explorer/data/fashion.npz``, from Fashion-MNIST.

The first 800 training and the first 200 test images of every class, in the order of the files:
nothing is drawn, so the cut can be checked by eye. Source: H. Xiao, K. Rasul, R. Vollgraf,
"Fashion-MNIST" (2017), MIT licence, as IDX files in Debian's package ``dataset-fashion-mnist``.

    apt-get install dataset-fashion-mnist
    python -m scripts.cut_fashion
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.idx import read_idx
from explorer.data.sets import Split
from explorer.errors import DataError

SOURCE = Path("/usr/share/datasets/fashion-mnist")
TARGET = Path(__file__).parents[1] / "explorer" / "data" / "fashion.npz"
TRAIN_PER_CLASS, TEST_PER_CLASS = 800, 200
CLASSES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def first_of_each(split: Split, per_class: int) -> Split:
    """The first ``per_class`` images of every class, in the order of the split.

    Raises:
        DataError: a class has fewer.
    """
    chosen = [np.flatnonzero(split.labels == label)[:per_class] for label in range(len(CLASSES))]
    for label, members in enumerate(chosen):
        if len(members) < per_class:
            raise DataError(f"class {label} has {len(members)} images; {per_class} are needed")
    return split.take(np.sort(np.concatenate(chosen)))


def cut(folder: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the embedded file: uint8 images N x 28 x 28 x 1 and labels, and class names."""
    parts = read_idx(folder)
    if parts.test is None:
        raise DataError(f"{folder}: has no t10k files; the cut takes its test images from them")
    train = first_of_each(parts.train, TRAIN_PER_CLASS)
    test = first_of_each(parts.test, TEST_PER_CLASS)
    return {
        "train_images": train.images,
        "train_labels": train.labels.astype(np.uint8),
        "test_images": test.images,
        "test_labels": test.labels.astype(np.uint8),
        "classes": np.array(CLASSES),
    }


def write(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """An npz file that holds no clock, user or system: the same arrays give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(member, buffer.getvalue())


def main() -> None:
    """Read the source, write the target, and say how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the IDX files")
    parser.add_argument("--target", type=Path, default=TARGET, help="npz file to write")
    options = parser.parse_args()
    write(options.target, cut(options.source))
    print(f"{options.target}: {options.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
