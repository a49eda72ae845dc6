from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.data.resize import _weights, to_size
from explorer.errors import DataError


def row(*values: int) -> NDArray[np.uint8]:
    """One grey image whose rows are all the same."""
    return np.tile(np.array(values, np.uint8), (len(values), 1))[None, :, :, None]


def test_an_image_of_that_size_is_returned_itself() -> None:
    images = row(1, 2, 3)
    assert to_size(images, 3) is images


def test_halving_averages_four_pixels() -> None:
    image = np.array([[0, 100], [20, 200]], np.uint8)[None, :, :, None]
    assert to_size(image, 1).item() == 80


def test_shrinking_to_two_thirds_shares_the_middle_pixel() -> None:
    shrunk = to_size(row(0, 90, 240), 2)[0, 0, :, 0]
    assert shrunk.tolist() == [30, 190]  # (0 + 90 / 2) / 1.5 and (90 / 2 + 240) / 1.5


def test_doubling_interpolates_between_pixel_centres() -> None:
    assert to_size(row(0, 100), 4)[0, 0, :, 0].tolist() == [0, 25, 75, 100]


@pytest.mark.parametrize("size", [1, 5, 13, 28, 29, 56, 100])
def test_a_flat_image_stays_flat(size: int) -> None:
    images = np.full((2, 28, 20, 3), 255, np.uint8)
    resized = to_size(images, size)
    assert resized.shape == (2, size, size, 3)
    assert (resized == 255).all()


@pytest.mark.parametrize(("source", "target"), [(28, 14), (28, 19), (7, 20), (1, 5), (5, 1)])
def test_weights_are_whole_with_one_sum(source: int, target: int) -> None:
    weights = _weights(source, target)
    assert weights.shape == (target, source)
    assert (weights == weights.astype(np.int64)).all()
    assert len(set(weights.sum(1))) == 1
    assert (weights[::-1, ::-1] == weights).all()  # a mirrored image is resized to a mirrored one


@pytest.mark.parametrize("size", [5, 11])
def test_the_result_is_the_exact_fraction_rounded_to_even(size: int) -> None:
    image = (np.arange(8 * 9 * 2) * 89 % 256).astype(np.uint8).reshape(1, 8, 9, 2)
    rows, columns = _weights(8, size).astype(int), _weights(9, size).astype(int)
    whole = int(rows[0].sum() * columns[0].sum())
    sums = np.einsum("ih,nhwc,jw->nijc", rows, image.astype(int), columns)
    exact = [round(Fraction(int(total), whole)) for total in sums.ravel()]
    assert to_size(image, size).ravel().tolist() == exact


def test_each_image_is_resized_by_itself() -> None:
    images = np.random.default_rng(0).integers(0, 256, (600, 6, 6, 1), dtype=np.uint8)
    together = to_size(images, 4)
    assert (together[577:578] == to_size(images[577:578], 4)).all()


@pytest.mark.parametrize("size", [0, -3, 5000])
def test_an_absurd_size_is_refused(size: int) -> None:
    with pytest.raises(DataError, match=rf"^image size {size} px; allowed is 1 to 4096$"):
        to_size(row(1, 2), size)
