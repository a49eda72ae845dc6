"""How a name or a path finds its reader, and what is said when it finds none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from explorer.data import Dataset, Split, load
from explorer.errors import DataError

FORMATS = "an .npz file, a folder of class folders, or IDX files"


def refused(text: str, **options: int) -> str:
    with pytest.raises(DataError) as caught:
        load(text, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("fasion", " (did you mean 'fashion'?)"),
        ("Cluttered", " (did you mean 'cluttered'?)"),
        ("imagenet", ""),
        ("", ""),
        ("/no/such/file.npz", ""),
    ],
)
def test_an_unknown_name(text: str, hint: str) -> None:
    assert refused(text) == (
        f"data '{text}' is neither shipped nor a path that exists{hint}; "
        f"shipped: fashion, cluttered; paths: {FORMATS}"
    )


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("a,b\n")
    assert refused(str(path)) == f"{path}: is no data file; allowed is {FORMATS}"


def test_a_name_that_no_file_system_takes() -> None:
    assert refused("x" * 1000) == f"{'x' * 1000}: cannot be read (File name too long)"


def test_a_home_of_nobody() -> None:
    assert refused("~nobody-by-this-name/x.npz") == (
        "~nobody-by-this-name/x.npz: there is no such user's home"
    )


def test_a_negative_seed() -> None:
    assert refused("fashion", seed=-1) == "seed -1 is negative; a seed is a whole number from 0"


def test_size_zero_is_not_taken_for_no_size() -> None:
    assert refused("fashion", size=0) == "image size 0 px; allowed is 1 to 4096"


def test_a_shipped_name_wins_over_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fashion: Dataset
) -> None:
    (tmp_path / "fashion").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("fashion").fingerprint == fashion.fingerprint
    assert refused("./fashion").startswith("fashion: has no class folders")


def test_an_empty_split_is_refused() -> None:
    some = Split(np.zeros((2, 4, 4, 1), np.uint8), np.array([0, 1]))
    with pytest.raises(DataError, match=r"^x: the test split is empty$"):
        Dataset("x", some, some, some.take(np.arange(0)), ("a", "b"))


def test_one_changed_pixel_or_label_changes_the_fingerprint() -> None:
    def made(pixel: int, label: int) -> str:
        images = np.zeros((4, 4, 4, 1), np.uint8)
        images[3, 3, 3] = pixel
        split = Split(images, np.array([0, 1, 0, label]))
        return Dataset("x", split, split, split, ("a", "b")).fingerprint

    assert made(0, 0) == made(0, 0)
    assert len({made(0, 0), made(1, 0), made(0, 1)}) == 3
    assert made(0, 0).startswith("d1:")


def test_reading_shipped_data_loads_neither_torch_nor_pillow() -> None:
    code = (
        "import sys; from explorer.data import load; load('fashion'); "
        "print({'torch', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
