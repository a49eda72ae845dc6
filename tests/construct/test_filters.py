"""Filters of images: what is drawn, how shifts are counted, and what is found again."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.construct import (
    FilterModel,
    Filters,
    draw_filters,
    draw_maps,
    filter_quality,
    recover_filters,
)
from explorer.construct.filters.bank import Bank, centred, extent_of, overlaps
from explorer.construct.filters.decode import encode
from explorer.construct.filters.match import FilterQuality
from explorer.construct.filters.pairs import count_pairs
from explorer.construct.filters.planted import Output
from explorer.construct.filters.shifts import around, drawn, scores, units_at, with_margin
from explorer.errors import DataError, ExplorerError

SMALL = FilterModel((2, 2, 1), channels=8)


def found_again(
    model: FilterModel, images: int = 60, output: Output = "boolean", seed: int = 1
) -> tuple[FilterQuality, np.ndarray, Filters]:
    """How much of what was drawn is found, what was drawn, and what was found."""
    rng = np.random.default_rng(seed)
    truth = draw_filters(model, rng)
    found = recover_filters(draw_maps(truth, images, rng, output=output).maps)
    return filter_quality(found.weights, truth), truth, found


def is_exact(quality: FilterQuality) -> bool:
    return quality.filters == quality.positive == (1, 1)


@pytest.mark.parametrize("numbers", [(4, 2, 0), (2, 3, 2)])
def test_disjoint_filters_are_found_exactly(numbers: tuple[int, int, int]) -> None:
    quality, _, found = found_again(FilterModel(numbers, disjoint=True), images=100)
    assert is_exact(quality)
    assert sorted(found.extents.tolist()) == sorted(np.repeat((1, 3, 5), numbers).tolist())
    np.testing.assert_allclose(found.rates, 0.01, atol=0.003)


def test_overlapping_filters_are_found() -> None:
    quality, _, _ = found_again(SMALL)
    assert is_exact(quality)
    assert quality.extents == (1, 1)


def test_filters_that_share_all_units_but_one_are_told_apart() -> None:
    """What two filters of four channels share is a fixed point as well, and twice as frequent."""
    truth = np.zeros((2, 8, 5, 5), np.int8)
    truth[0, [2, 3, 4, 6], 2, 2] = truth[1, [2, 4, 6, 7], 2, 2] = 1
    found = recover_filters(draw_maps(truth, 40, np.random.default_rng(0)).maps)
    assert is_exact(filter_quality(found.weights, truth))


def test_a_filter_that_holds_a_pair_twice_is_one() -> None:
    """Six of the eighteen units of two channels: a pair of them stands for two of its shifts."""
    truth = np.zeros((1, 4, 5, 5), np.int8)
    truth[0, 1, [1, 1, 2, 3], [1, 2, 2, 1]] = truth[0, 3, [2, 3], [1, 3]] = 1
    found = recover_filters(draw_maps(truth, 40, np.random.default_rng(0)).maps)
    assert is_exact(filter_quality(found.weights, truth))


def test_negative_units_behind_a_relu() -> None:
    model = FilterModel((2, 2, 1), channels=8, units=(3, 5, 6), signed=True)
    quality, _, found = found_again(model, images=150, output="relu")
    assert quality.filters.recall >= 0.8
    assert min(quality.negative) >= 0.8
    assert found.weights.min() == -1


def test_real_maps_give_weights() -> None:
    model = FilterModel((1, 1, 1), channels=8, signed=True)
    rng = np.random.default_rng(2)
    truth = draw_filters(model, rng) * 2.5
    found = recover_filters(draw_maps(truth, 60, rng, output="real").maps)
    assert filter_quality(found.weights, truth)[2:] == ((1, 1), (1, 1))
    strong = abs(found.weights[found.weights != 0])
    np.testing.assert_allclose(strong, 2.5, rtol=0.15)


def test_maps_that_are_turned_give_filters_that_are_turned() -> None:
    rng = np.random.default_rng(3)
    maps = draw_maps(draw_filters(SMALL, rng), 60, rng).maps
    upright, turned = recover_filters(maps), recover_filters(maps[:, :, ::-1].copy())
    quality = filter_quality(turned.weights[:, :, ::-1], upright.weights)
    assert min(quality.positive) >= 0.95


def test_a_seed_decides_everything() -> None:
    rng = np.random.default_rng(4)
    maps = draw_maps(draw_filters(SMALL, rng), 30, rng).maps
    first, second = (recover_filters(maps, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.weights, second.weights)
    np.testing.assert_array_equal(first.rates, second.rates)


def test_of_many_images_some_are_looked_at() -> None:
    rng = np.random.default_rng(6)
    maps = draw_maps(draw_filters(SMALL, rng), 40, rng).maps
    few = recover_filters(maps, positions=20 * 32 * 32)
    every_other = np.linspace(0, 39, 20).round().astype(int)
    np.testing.assert_array_equal(few.weights, recover_filters(maps[every_other]).weights)


def test_numbers_are_read_as_what_is_on() -> None:
    rng = np.random.default_rng(7)
    maps = draw_maps(draw_filters(SMALL, rng), 30, rng).maps
    dim = recover_filters(maps * 0.5 + 0.1, level=0.3)
    assert ((dim.weights > 0) == (recover_filters(maps).weights > 0)).all()
    on = dim.weights[dim.weights > 0]
    np.testing.assert_allclose(on, 0.6, atol=0.1)


@pytest.mark.parametrize(
    "maps", [np.zeros((5, 3, 8, 8)), np.ones((5, 3, 8, 8)), np.ones((1, 1, 5, 5))]
)
def test_nothing_to_find_is_found(maps: np.ndarray) -> None:
    found = recover_filters(maps)
    assert found.weights.shape == (0, maps.shape[1], 5, 5)
    assert len(found) == len(found.extents) == len(found.rates) == 0


def test_independent_units_have_no_filter() -> None:
    maps = np.random.default_rng(8).random((30, 8, 24, 24)) < 0.05
    assert len(recover_filters(maps)) == 0


def test_a_window_of_one_clusters_channels() -> None:
    rng = np.random.default_rng(9)
    truth = draw_filters(FilterModel((3, 0, 0), channels=9, disjoint=True), rng)
    found = recover_filters(draw_maps(truth, 30, rng).maps, window=1)
    assert found.weights.shape[2:] == (1, 1)
    assert is_exact(filter_quality(np.pad(found.weights, ((0, 0), (0, 0), (2, 2), (2, 2))), truth))


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (np.zeros((2, 3, 8)), r"shape \(2, 3, 8\), must be numbers of \(images, channels"),
        (np.array([["a"]]), "must be numbers"),
        (np.zeros((0, 3, 8, 8)), "must hold an image of 5x5 or larger"),
        (np.zeros((2, 3, 8, 4)), "must hold an image of 5x5 or larger"),
        (np.full((1, 1, 5, 5), np.nan), "not finite"),
    ],
)
def test_maps_that_are_none(maps: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        recover_filters(maps)


def test_numbers_that_cannot_be() -> None:
    maps = np.zeros((2, 3, 8, 8))
    with pytest.raises(ExplorerError, match="window is 4, must be odd"):
        recover_filters(maps, window=4)
    with pytest.raises(ExplorerError, match="level is -1"):
        recover_filters(maps, level=-1)
    with pytest.raises(ExplorerError, match="positions is 0"):
        recover_filters(maps, positions=0)
    with pytest.raises(ExplorerError, match=r"numbers are \(0, 0, 0\)"):
        FilterModel((0, 0, 0))
    with pytest.raises(ExplorerError, match="channels is 4, so a filter has 1"):
        FilterModel((2, 2, 0), channels=4, disjoint=True)
    with pytest.raises(ExplorerError, match="too many filters of extent 1"):
        draw_filters(FilterModel((2, 0, 0), channels=2), np.random.default_rng(0))
    with pytest.raises(ExplorerError, match="rate is 1"):
        draw_maps(np.ones((1, 1, 5, 5)), 1, np.random.default_rng(0), rate=1)


@pytest.mark.parametrize("signed", [False, True])
def test_planted_filters_are_as_the_model_says(signed: bool) -> None:
    model = FilterModel((3, 3, 3), signed=signed)
    filters = draw_filters(model, np.random.default_rng(0))
    assert [extent_of(template) for template in filters > 0] == [1] * 3 + [3] * 3 + [5] * 3
    assert (filters > 0).sum(axis=(1, 2, 3)).tolist() == [4] * 3 + [6] * 3 + [8] * 3
    assert (filters < 0).sum() == signed * (filters > 0).sum()
    used = draw_filters(FilterModel((2, 3, 2), disjoint=True), np.random.default_rng(0)).any((2, 3))
    assert (used.sum(axis=0) <= 1).all()


def test_maps_are_what_filters_draw() -> None:
    rng = np.random.default_rng(1)
    filters = draw_filters(FilterModel((1, 1, 1), channels=4, units=(2, 4, 4)), rng)
    maps, states = draw_maps(filters, 3, rng, size=12, rate=0.05, noise=0, miss=0, output="real")
    inside = drawn(states, filters)[:, :, 2:-2, 2:-2]
    border = maps[:, :, 2:-2, 2:-2] - inside
    assert (border[:, :, 2:-2, 2:-2] == 0).all()  # further inside nothing comes from beyond
    assert (border >= 0).all()


def test_sums_over_shifts_are_those_of_loops() -> None:
    rng = np.random.default_rng(2)
    maps = with_margin(rng.random((3, 2, 9, 7)) < 0.3, 4)
    template = rng.random((2, 5, 5)) < 0.2
    inside = maps.inner
    assert maps.shape == (3, 9, 7)
    patch = maps.padded[1, :, 3 + 2 : 3 + 7, 4 + 2 : 4 + 7]
    assert scores(maps, template)[1, 3, 4] == (patch & template).sum()
    places = np.array([[1, 3, 4], [2, 0, 0]])
    assert units_at(maps, places, template)[0].tolist() == patch[template].tolist()
    both = maps.padded[1, :, 3 : 3 + 9, 4 : 4 + 9].astype(int) + maps.padded[2, :, :9, :9]
    assert (around(maps, places) == both).all()
    pairs = count_pairs(maps)
    assert pairs.both[0, 1, 4 + 1, 4 - 2] == (inside[:, 0, :-1, 2:] & inside[:, 1, 1:, :-2]).sum()


def test_states_and_what_they_draw_belong_together() -> None:
    """A filter that is on draws its template, and is found where it is on."""
    template = np.zeros((1, 2, 5, 5), bool)
    template[0, [0, 1, 1], [1, 2, 4], [3, 2, 0]] = True
    states = np.zeros((1, 1, 9, 9), bool)
    states[0, 0, 4, 5] = True
    maps = with_margin(drawn(states, template) > 0, 4)
    bank = Bank(template, np.array([3]), np.array([0.01]), np.array([1.0]))
    assert (encode(bank, maps) == states).all()


def test_templates_are_centred_by_their_extent() -> None:
    values = np.zeros((1, 9, 9))
    values[0, 0, 0], values[0, 1, 1], values[0, 8, 8] = 1, 1, 0.5
    found = centred(values, 5)
    assert np.argwhere(found).tolist() == [[0, 1, 1], [0, 2, 2]]
    assert extent_of(found > 0) == 3
    moved = np.roll(found > 0, (2, 1), axis=(1, 2))
    assert overlaps(found > 0, moved[None]).tolist() == [2]


def test_quality_knows_shifts_and_strangers() -> None:
    truth = draw_filters(SMALL, np.random.default_rng(3))
    moved = truth.copy()
    moved[0] = np.roll(truth[0], 1, axis=-1)
    assert filter_quality(moved, truth) == ((1, 1),) * 4
    half = filter_quality(truth[:2], truth)
    assert half.filters == (1, 0.4)
    more = filter_quality(np.concatenate([truth, truth[:1]]), truth)
    assert more.filters == (5 / 6, 1)
    assert filter_quality(truth[:0], truth).filters == (1, 0)
