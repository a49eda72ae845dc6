"""Data in a folder of class folders, one image per file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.data.check import make_split
from explorer.data.resize import LARGEST
from explorer.data.sets import Images, Parts, Split
from explorer.errors import DataError

DEFAULT_SIZE = 32
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
_SPLITS = {"train": ("train",), "val": ("val", "validation"), "test": ("test",)}
_ALLOWED = "<class>/*.png or train/<class>/*.png (val, test likewise)"


def read_folder(root: Path, size: int | None = None) -> Parts:
    """``root/<class>/<image>`` or ``root/{train,val,test}/<class>/<image>``.

    Classes are the folder names in alphabetical order. An image becomes RGB, upright by its EXIF
    tag, on white where it is transparent, its shorter side brought to ``size`` pixels (32
    unless told), and the middle square cut out. Names that start with a dot are passed over.

    Raises:
        DataError: no such layout, a class without images, an image that cannot be decoded, or no
            Pillow.
    """
    size = DEFAULT_SIZE if size is None else size
    if not 1 <= size <= LARGEST:
        raise DataError(f"image size {size} px; allowed is 1 to {LARGEST}")
    roots = {what: _one_of(root, names) for what, names in _SPLITS.items()}
    if roots["train"] is None:
        roots = {"train": _unsplit(root, roots)}
    train_root = roots["train"] or root
    classes = tuple(folder.name for folder in _folders(train_root))
    if not classes:
        raise DataError(f"{train_root}: has no class folders; allowed is {_ALLOWED}")
    read = {what: _split(path, classes, size) for what, path in roots.items() if path is not None}
    return Parts(read["train"], read.get("val"), read.get("test"), classes)


def _one_of(root: Path, names: tuple[str, ...]) -> Path | None:
    found = [root / name for name in names if (root / name).is_dir()]
    if len(found) > 1:
        raise DataError(f"{root}: has {' and '.join(path.name for path in found)}; keep one")
    return found[0] if found else None


def _unsplit(root: Path, roots: dict[str, Path | None]) -> Path:
    for path in roots.values():
        if path is not None:
            raise DataError(f"{root}: has a folder '{path.name}' but no 'train'; add or rename it")
    return root


def _folders(root: Path) -> list[Path]:
    return [path for path in _visible(root) if path.is_dir()]


def _visible(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if not path.name.startswith("."))


def _split(root: Path, classes: tuple[str, ...], size: int) -> Split:
    images: list[Images] = []
    labels: list[int] = []
    for folder in _folders(root):
        if folder.name not in classes:
            raise DataError(f"{folder}: is no class of train; allowed: {', '.join(classes)}")
        pixels = [_decode(path, size) for path in _files(folder)]
        images += pixels
        labels += [classes.index(folder.name)] * len(pixels)
    if not images:
        raise DataError(f"{root}: has no class folders; allowed is {_ALLOWED}")
    return make_split(np.stack(images), np.array(labels), str(root), str(root))


def _files(folder: Path) -> list[Path]:
    files = [path for path in _visible(folder) if path.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(f"{folder}: has no images; read are {', '.join(SUFFIXES)}")
    return files


def _decode(path: Path, size: int) -> Images:
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise DataError(f"{path}: images are decoded by Pillow; pip install pillow") from error
    try:
        with Image.open(path) as image:
            if image.mode[0] in "IF":
                raise ValueError(f"mode {image.mode}: only 8 bits per channel are read")
            upright = ImageOps.exif_transpose(image)
        if "A" in upright.mode.upper() or "transparency" in upright.info:
            white = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(white, upright.convert("RGBA"))
        square = ImageOps.fit(upright.convert("RGB"), (size, size), Image.Resampling.BILINEAR)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).split("\n")[0].removesuffix(f" {str(path)!r}")
        raise DataError(f"{path}: is not an image that can be read ({reason})") from error
    return np.asarray(square)
