"""From a name or a path to a :class:`Dataset`."""

from __future__ import annotations

import difflib
from pathlib import Path

import numpy as np

from explorer.data.clutter import clutter
from explorer.data.folder import read_folder
from explorer.data.idx import is_idx, read_idx
from explorer.data.npz import read_npz
from explorer.data.resize import to_size
from explorer.data.sets import Dataset, Parts, Split
from explorer.data.split import complete
from explorer.errors import DataError

SHIPPED = {
    "fashion": "Fashion-MNIST, 28x28x1, 10 classes, 6,000 + 2,000 + 2,000; a smoke test",
    "cluttered": "Fashion-MNIST at several scales among clutter, 32x32x3, 12,000 + 6,000 + 2,000",
}
FORMATS = "an .npz file, a folder of class folders, or IDX files"
_FASHION = Path(__file__).with_name("fashion.npz")
# One random stream for every time that the images of a split are cluttered. Validation images come
# three times, because most of the noise between two scores of a net is that of a finite sample.
_CLUTTER_STREAMS = {"train": (11, 21), "val": (12, 22, 32), "test": (13,)}


def load(name_or_path: str, seed: int = 0, *, size: int | None = None) -> Dataset:
    """Images or signals by a shipped name, or by the path of an npz file, a folder, or IDX files.

    A shipped name always means the shipped data; write ``./fashion`` for a path of that name.

    Args:
        name_or_path: a key of ``SHIPPED``, or a path.
        seed: decides which training images become validation images where the source has none
            (one in four of each class), and all that is drawn for ``cluttered``.
        size: bring all images to size x size pixels; None leaves them as they are stored, which
            for image files of their own sizes means 32. Signals keep their length.

    Raises:
        DataError: unknown name, unreadable file, data that breaks a rule of the formats, or a size
            for signals.
    """
    if name_or_path in SHIPPED:
        data = _shipped(name_or_path, seed)
    else:
        data = complete(name_or_path, _open(name_or_path, size), seed)
    return data if size is None else _resized(data, size)


def _shipped(name: str, seed: int) -> Dataset:
    plain = complete(name, read_npz(_FASHION), seed)
    if name == "fashion":
        return plain
    # Each split is cluttered with pieces of its own images only, so nothing leaks between them.
    made = {what: _cluttered(part, seed, _CLUTTER_STREAMS[what]) for what, part in plain.splits()}
    copies = len(_CLUTTER_STREAMS["val"])
    return Dataset(name, made["train"], made["val"], made["test"], plain.classes, copies)


def _cluttered(split: Split, seed: int, streams: tuple[int, ...]) -> Split:
    """The images of a split, each cluttered anew for every stream."""
    made = [clutter(split, seed, stream) for stream in streams]
    images = np.concatenate([part.images for part in made])
    return Split(images, np.concatenate([part.labels for part in made]))


def _open(text: str, size: int | None) -> Parts:
    try:
        return _read(text, _expanded(text), size)
    except OSError as error:  # no permission, or a name that no file system takes
        raise DataError(f"{text}: cannot be read ({error.strerror})") from error


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise DataError(f"{text}: there is no such user's home") from error


def _read(text: str, path: Path, size: int | None) -> Parts:
    if text and path.is_dir():
        holds_idx = any(is_idx(file) for file in path.iterdir())
        return read_idx(path) if holds_idx else read_folder(path, size)
    if not text or not path.exists():
        raise DataError(_unknown(text))
    if is_idx(path):
        return read_idx(path.parent)
    if path.suffix == ".npz":
        return read_npz(path)
    raise DataError(f"{path}: is no data file; allowed is {FORMATS}")


def _unknown(text: str) -> str:
    close = difflib.get_close_matches(text.lower(), SHIPPED, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return (
        f"data '{text}' is neither shipped nor a path that exists{hint}; "
        f"shipped: {', '.join(SHIPPED)}; paths: {FORMATS}"
    )


def _resized(data: Dataset, size: int) -> Dataset:
    if data.kind == "signals":
        raise DataError(
            f"{data.name}: holds signals of {data.size[0]} points; only images can be brought to "
            f"{size} px"
        )
    train, val, test = (Split(to_size(part.images, size), part.labels) for _, part in data.splits())
    return Dataset(data.name, train, val, test, data.classes, data.val_copies)
