from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.data import Dataset, load
from explorer.data.folder import _decode, read_folder
from explorer.errors import DataError

COLOURS = {"blue": (0, 0, 255), "green": (0, 255, 0), "red": (255, 0, 0)}


def fill(root: Path, count: int, names: tuple[str, ...] = tuple(COLOURS)) -> None:
    """Class folders with images of one colour, of varying size and format."""
    suffixes = ("png", "bmp", "gif", "PNG", "webp")
    for name in names:
        (root / name).mkdir(parents=True)
        for number in range(count):
            path = root / name / f"{number}.{suffixes[number % len(suffixes)]}"
            size = (20 + 7 * number, 45 - 3 * number)
            Image.new("RGB", size, COLOURS.get(name, (9, 9, 9))).save(path, lossless=True)


def refused(root: Path) -> str:
    with pytest.raises(DataError) as caught:
        load(str(root))
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(root), "ROOT")


def by_colour(data: Dataset) -> bool:
    return all(
        (image == COLOURS[data.classes[label]]).all()
        for _, split in data.splits()
        for image, label in zip(split.images, split.labels, strict=True)
    )


def test_class_folders_alone_are_split(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    data = load(str(tmp_path))
    assert data.classes == ("blue", "green", "red")
    assert [split.images.shape for _, split in data.splits()] == [
        (9, 32, 32, 3),
        (3, 32, 32, 3),
        (3, 32, 32, 3),
    ]
    assert by_colour(data)


@pytest.mark.parametrize("val", ["val", "validation"])
def test_split_folders(tmp_path: Path, val: str) -> None:
    fill(tmp_path / "train", 3)
    fill(tmp_path / val, 2)
    fill(tmp_path / "test", 1, ("red",))
    data = load(str(tmp_path), size=8)
    assert [split.images.shape for _, split in data.splits()] == [
        (9, 8, 8, 3),
        (6, 8, 8, 3),
        (1, 8, 8, 3),
    ]
    assert by_colour(data)


def test_hidden_names_and_other_files_are_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    (tmp_path / ".cache").mkdir()
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "red" / "._0.png").write_bytes(b"resource fork")
    (tmp_path / "red" / "notes.txt").write_text("about")
    data = load(str(tmp_path))
    assert sum(len(split) for _, split in data.splits()) == 9


def save(tmp_path: Path, image: Image.Image, name: str = "x.png", **options: object) -> Path:
    path = tmp_path / name
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def test_the_middle_square_is_cut_out(tmp_path: Path) -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 200
    path = save(tmp_path, Image.fromarray(pixels))
    assert (_decode(path, 10) == 200).all()
    assert (_decode(path, 5)[:, 1:-1] == 200).all()


def test_the_exif_orientation_is_followed(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8), np.uint8)
    pixels[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by half
    decoded = _decode(save(tmp_path, Image.fromarray(pixels), exif=exif), 8)
    assert (decoded[4:] == 255).all()
    assert (decoded[:4] == 0).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 4, 8))
    if mode == "P":
        image = Image.new("P", (8, 8), 1)
        image.putpalette([0, 0, 0, 7, 7, 7])
        image.paste(0, (0, 0, 4, 8))
        path = save(tmp_path, image, transparency=bytes([255, 0]))
    else:
        path = save(tmp_path, image.convert(mode))
    decoded = _decode(path, 8)
    assert (decoded[:, :4] == 0).all()
    assert (decoded[:, 4:] == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "CMYK"])
def test_other_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    path = save(tmp_path, Image.new(mode, (4, 4), 0), "x.jpg" if mode == "CMYK" else "x.png")
    assert _decode(path, 4).shape == (4, 4, 3)


def test_sixteen_bits_are_refused_not_clipped(tmp_path: Path) -> None:
    path = save(tmp_path, Image.fromarray(np.full((4, 4), 999, np.uint16)))
    with pytest.raises(DataError) as caught:
        _decode(path, 4)
    message = str(caught.value).replace("mode I;16", "mode I")  # Pillow 10 widens it to I
    assert message == (
        f"{path}: is not an image that can be read (mode I: only 8 bits per channel are read)"
    )


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n\0\0"])
def test_an_unreadable_image_is_named(tmp_path: Path, content: bytes) -> None:
    fill(tmp_path, 2)
    (tmp_path / "red" / "bad.png").write_bytes(content)
    assert refused(tmp_path) == (
        "ROOT/red/bad.png: is not an image that can be read (cannot identify image file)"
    )


def test_a_truncated_image_is_named(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    path = save(tmp_path, Image.fromarray(pixels), "red/cut.jpg")
    path.write_bytes(path.read_bytes()[:900])
    message = refused(tmp_path)
    assert message.startswith("ROOT/red/cut.jpg: is not an image that can be read (image file is t")


def test_an_image_that_would_fill_the_memory_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    path = save(tmp_path, Image.new("RGB", (8, 8)))
    with pytest.raises(DataError, match="decompression bomb"):
        _decode(path, 4)


def test_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, 1)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert refused(tmp_path) == (
        "ROOT/blue/0.png: images are decoded by Pillow; pip install pillow"
    )


LAYOUT = "<class>/*.png or train/<class>/*.png (val, test likewise)"


def test_an_empty_folder(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"ROOT: has no class folders; allowed is {LAYOUT}"


def test_images_without_class_folders(tmp_path: Path) -> None:
    save(tmp_path, Image.new("RGB", (8, 8)))
    assert refused(tmp_path) == f"ROOT: has no class folders; allowed is {LAYOUT}"


def test_a_class_without_images(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path) == (
        "ROOT/empty: has no images; read are .bmp, .gif, .jpeg, .jpg, .png, .webp"
    )


def test_a_test_folder_without_classes(tmp_path: Path) -> None:
    fill(tmp_path / "train", 2)
    (tmp_path / "test").mkdir()
    assert refused(tmp_path) == f"ROOT/test: has no class folders; allowed is {LAYOUT}"


def test_a_test_class_that_train_does_not_have(tmp_path: Path) -> None:
    fill(tmp_path / "train", 2, ("red", "blue"))
    fill(tmp_path / "test", 2, ("rde",))
    assert refused(tmp_path) == "ROOT/test/rde: is no class of train; allowed: blue, red"


def test_test_without_train(tmp_path: Path) -> None:
    fill(tmp_path / "test", 2)
    fill(tmp_path / "training", 2)
    assert refused(tmp_path) == "ROOT: has a folder 'test' but no 'train'; add or rename it"


def test_two_validation_folders(tmp_path: Path) -> None:
    for name in ("train", "val", "validation"):
        fill(tmp_path / name, 2)
    assert refused(tmp_path) == "ROOT: has val and validation; keep one"


@pytest.mark.parametrize("size", [0, 4097])
def test_an_absurd_size(tmp_path: Path, size: int) -> None:
    with pytest.raises(DataError, match=rf"^image size {size} px; allowed is 1 to 4096$"):
        read_folder(tmp_path, size)
