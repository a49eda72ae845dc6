"""Translation-invariant correlations of feature maps."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.construct.layers.correlations import Array, correlations, window_shifts
from explorer.errors import DataError
from tests.construct.layers.fields import shared, smooth, white


def by_hand(maps: Array, a: int, b: int, shift: tuple[int, int]) -> float:
    """Correlation of channel a at a place with channel b at the place plus a shift."""
    units = maps.astype(float) - maps.mean(axis=0)
    units /= np.sqrt((units**2).mean(axis=(0, 2, 3)))[:, None, None]
    height, width = maps.shape[2:]
    products = [
        units[:, a, y, x] * units[:, b, y + shift[0], x + shift[1]]
        for y in range(height)
        for x in range(width)
        if 0 <= y + shift[0] < height and 0 <= x + shift[1] < width
    ]
    return float(np.mean(products))


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (-2, 3), (4, -4)])
def test_values_are_means_over_all_places(shift: tuple[int, int]) -> None:
    maps = smooth((3, 2))[:20, :, :9, :7] + np.random.default_rng(0).normal(size=(20, 2, 9, 7))
    found = correlations(maps)
    for a, b in ((0, 0), (0, 1), (1, 0)):
        assert found.at(shift)[a, b] == pytest.approx(by_hand(maps, a, b, shift), abs=1e-5)


def test_a_patch_is_symmetric_and_knows_its_shifts() -> None:
    maps = smooth((1, 3))
    found = correlations(maps)
    shifts = window_shifts((1, 3))
    assert shifts == [(0, -1), (0, 0), (0, 1)]
    patch = found.patch(np.array([0, 1]), shifts)
    assert np.allclose(patch, patch.T)
    assert np.allclose(np.diagonal(patch), 1, atol=1e-5)
    # Places next to each other share two thirds of their windows, others a third.
    assert patch[0, 2] == pytest.approx(2 / 3, abs=0.05)
    assert patch[0, 4] == pytest.approx(1 / 3, abs=0.05)
    assert abs(patch[0, 1]) < 0.05


def test_what_all_images_have_at_a_place_is_no_correlation() -> None:
    maps = white() + 10 * np.linspace(-1, 1, 12)
    assert np.abs(correlations(maps).at((0, 1))).max() < 0.05


def test_one_axis() -> None:
    found = correlations(white(2, 100, (40,)))
    assert found.values.shape == (2, 2, 9)
    assert found.reach == (4,)
    assert np.allclose(found.at((0,)), np.eye(2), atol=0.05)


def test_a_short_axis_has_a_short_reach() -> None:
    assert correlations(white(2, 50, (1, 3))).reach == (0, 2)


def test_a_channel_that_never_varies_is_not_alive() -> None:
    maps = white()
    maps[:, 1] = 7
    found = correlations(maps)
    assert found.alive.tolist() == [True, False, True]
    assert not found.values[1].any()


def test_strongest_is_over_all_shifts() -> None:
    maps = white(2)
    maps[:, 1, :, 2:] = maps[:, 0, :, :-2]
    strongest = correlations(maps).strongest()
    assert strongest[0, 1] == strongest[1, 0] > 0.8


def test_pieces_do_not_matter() -> None:
    maps = shared((2, 2))
    whole = correlations(maps)
    middle = correlations(np.pad(maps, ((0, 0), (0, 0), (11, 11), (11, 11)), mode="wrap"))
    assert whole.places == 200 * 100
    assert middle.places == 200 * 32 * 32  # of 32 on an axis, the middle


@pytest.mark.parametrize(
    ("maps", "told"),
    [
        (np.zeros((3, 4)), r"shape \(3, 4\)"),
        (np.zeros((0, 1, 4, 4)), "shape"),
        (np.zeros((9, 1, 4, 4)), "varies"),
        (np.full((9, 1, 4, 4), np.nan), "not finite"),
    ],
)
def test_wrong_maps(maps: Array, told: str) -> None:
    with pytest.raises(DataError, match=told):
        correlations(maps)
