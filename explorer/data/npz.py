"""Data in one ``.npz`` file."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from explorer.data.check import make_split
from explorer.data.sets import Parts, Split
from explorer.errors import DataError

_SPLITS = {
    "train": ("train",),
    "val": ("val", "valid", "validation"),
    "test": ("test",),
}
_STYLES = (("{}_images", "{}_labels"), ("x_{}", "y_{}"))
_ALLOWED = "train_images + train_labels or x_train + y_train; val and test likewise, if any"
# All that numpy and zipfile raise on files that are damaged, encrypted, or claim absurd lengths.
_BROKEN = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_npz(path: Path) -> Parts:
    """The arrays ``train_images`` (uint8, N x H x W x C or N x H x W), ``train_labels`` (N), ...

    Floats of N x L or N x L x C are signals: see :func:`make_split`. Also under the names
    ``x_train``, ``y_train``, ...; an optional ``classes`` holds a name for every label. Arrays by
    other names are left alone.

    Raises:
        DataError: no npz file, a missing or a pickled array, or what ``make_split`` refuses.
    """
    with path.open("rb") as file, _archive(path, file) as archive:
        return _parts(path, archive)


def _archive(path: Path, file: BinaryIO) -> NpzFile:
    # The file is opened by the caller: numpy forgets to close one that turns out to be damaged.
    try:
        archive = np.load(file, allow_pickle=False)
    except _BROKEN as error:
        reason = _short(error) if zipfile.is_zipfile(file) else "it is no zip archive"
        raise DataError(f"{path}: is not an npz file ({reason})") from error
    if not isinstance(archive, NpzFile):
        raise DataError(f"{path}: is a single array; an npz file holds {_ALLOWED}")
    return archive


def _parts(path: Path, archive: NpzFile) -> Parts:
    train = _split(path, archive, "train")
    if train is None:
        got = ", ".join(archive.files) or "nothing"
        raise DataError(f"{path}: holds {got}; it must hold {_ALLOWED}")
    val, test = _split(path, archive, "val"), _split(path, archive, "test")
    return Parts(train, val, test, _classes(path, archive))


def _split(path: Path, archive: NpzFile, what: str) -> Split | None:
    pairs = [(image.format(a), label.format(a)) for a in _SPLITS[what] for image, label in _STYLES]
    found = [pair for pair in pairs if set(pair) & set(archive.files)]
    if not found:
        return None
    if len(found) > 1:
        names = " and ".join(f"'{key}'" for pair in found for key in pair if key in archive.files)
        raise DataError(f"{path}: holds {names}; only one of the names for {what} may be used")
    images, labels = (_array(path, archive, key) for key in found[0])
    return make_split(images, labels, *(f"{path}: '{key}'" for key in found[0]))


def _array(path: Path, archive: NpzFile, key: str) -> NDArray[Any]:
    if key not in archive.files:
        raise DataError(f"{path}: has no '{key}'; it must hold {_ALLOWED}")
    try:
        array = archive[key]
    except _BROKEN as error:
        raise DataError(f"{path}: '{key}' cannot be read ({_short(error)})") from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path}: '{key}' is not an array")
    return array


def _classes(path: Path, archive: NpzFile) -> tuple[str, ...] | None:
    if "classes" not in archive.files:
        return None
    names = _array(path, archive, "classes")
    if names.dtype.kind != "U" or names.ndim != 1:
        raise DataError(
            f"{path}: 'classes' is {names.dtype} of shape {names.shape}; allowed is one row of text"
        )
    return tuple(str(name) for name in names)


def _short(error: Exception) -> str:
    """The first line of what a library said, without its advice."""
    return str(error).split("\n")[0].split(". ")[0] or type(error).__name__
