"""Data in IDX files, as MNIST and its descendants are published.

The format (Y. LeCun, C. Cortes, C. Burges, "The MNIST database"): two zero bytes, a type code, the
number of axes, each length as a big-endian 32-bit number, and the values, last axis fastest.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.data.check import make_split
from explorer.data.sets import Parts, Split
from explorer.errors import DataError

_UNSIGNED_BYTE = 8
_NAME = re.compile(r"(train|t10k)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?")


def is_idx(path: Path) -> bool:
    """Whether a file has one of the names that :func:`read_idx` looks for."""
    return _NAME.fullmatch(path.name) is not None


def read_idx(folder: Path) -> Parts:
    """``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte`` and, if there, the ``t10k`` pair.

    Each may be compressed (``.gz``), and the hyphen before ``idx`` may be a dot.

    Raises:
        DataError: a file is missing, damaged, or not IDX.
    """
    files = {_key(path): path for path in sorted(folder.iterdir()) if is_idx(path)}
    train = _split(folder, files, "train")
    test = _split(folder, files, "t10k") if any(key[0] == "t10k" for key in files) else None
    return Parts(train, test=test)


def read_array(path: Path) -> NDArray[np.uint8]:
    """The bytes of one IDX file, in the shape that its header states.

    Raises:
        DataError: the file is damaged, not IDX, of another type than unsigned bytes, or its length
            is not what the header says.
    """
    content = _content(path)
    lengths = _header(path, content)
    start = 4 + 4 * len(lengths)
    expected, got = math.prod(lengths), len(content) - start
    if got != expected:
        raise DataError(
            f"{path}: the header says {expected} bytes, {'x'.join(map(str, lengths))}; "
            f"the file has {got}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(lengths).copy()


def _content(path: Path) -> bytes:
    try:
        packed = path.read_bytes()
        return gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def _header(path: Path, content: bytes) -> tuple[int, ...]:
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DataError(f"{path}: starts with bytes {content[:4].hex()}; an IDX file with 0000")
    if content[2] != _UNSIGNED_BYTE:
        raise DataError(f"{path}: IDX type {content[2]:#04x}; only unsigned bytes, 0x08, are read")
    axes = content[3]
    if len(content) < 4 + 4 * axes:
        raise DataError(f"{path}: ends inside its header of {axes} lengths")
    return struct.unpack_from(f">{axes}I", content, 4)


def _key(path: Path) -> tuple[str, str]:
    which, _, what = path.name.partition("-")
    return which, what[: len("images")]


def _split(folder: Path, files: dict[tuple[str, str], Path], which: str) -> Split:
    for what, axes in (("images", 3), ("labels", 1)):
        if (which, what) not in files:
            raise DataError(f"{folder}: has no {which}-{what}-idx{axes}-ubyte, plain or .gz")
    images, labels = files[which, "images"], files[which, "labels"]
    return make_split(read_array(images), read_array(labels), str(images), str(labels))
