"""Small data made on the spot, and the shipped data read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.data import Dataset, load

Arrays = dict[str, NDArray[Any]]


def make_arrays(count: int = 40, classes: int = 4, channels: int = 3) -> Arrays:
    """Images 6 x 8, every one different, with labels 0, 1, ... in turn."""
    values = np.arange(count * 6 * 8 * channels) * 37 % 251
    images = values.reshape(count, 6, 8, channels).astype(np.uint8)
    images[:, 0, 0, 0] = np.arange(count)
    return {"x_train": images, "y_train": np.arange(count) % classes}


@pytest.fixture
def arrays() -> Arrays:
    return make_arrays()


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    return tmp_path / "set.npz"


@pytest.fixture(scope="session")
def fashion() -> Dataset:
    return load("fashion")


@pytest.fixture(scope="session")
def cluttered() -> Dataset:
    return load("cluttered")
