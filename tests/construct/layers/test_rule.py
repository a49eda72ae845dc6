"""From correlations to a module."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.construct.layers.clusters import channel_clusters, components, effective_rank
from explorer.construct.layers.correlations import Array, correlations
from explorer.construct.layers.coverage import coverage
from explorer.construct.layers.dependence import agreeing, dropped
from explorer.construct.layers.plan import Branch, Module
from explorer.construct.layers.rule import (
    Seen,
    can_halve,
    choose_module,
    choose_stem,
    halved,
    look,
    nonlinear_share,
)
from tests.construct.layers.fields import shared, smooth, white


def seen(maps: Array) -> Seen:
    return look(correlations(maps), maps)


def filters(module: Module) -> dict[tuple[int, ...], float]:
    return {branch.window: branch.filters for branch in module.branches}


# ---- how many units agree


def test_as_many_agree_as_are_copies() -> None:
    found = correlations(shared((4,), noise=0.001))
    assert agreeing(found, np.arange(4), (1, 1)) == pytest.approx(4, rel=0.01)
    assert agreeing(found, np.arange(1), (1, 1)) == pytest.approx(1, rel=0.01)


def test_strangers_do_not_agree() -> None:
    found = correlations(white(6))
    assert agreeing(found, np.arange(6), (3, 3)) == pytest.approx(1, abs=0.05)


def test_a_window_agrees_as_far_as_the_field_is_smooth() -> None:
    found = correlations(smooth((1, 5)))
    one, line, column = (
        float(agreeing(found, np.arange(1), w)[0]) for w in ((1, 1), (1, 3), (3, 1))
    )
    assert one == pytest.approx(1, abs=0.01)
    expected = np.array([[1, 0.8, 0.6], [0.8, 1, 0.8], [0.6, 0.8, 1]])  # shared parts of windows
    left = 1 - np.linalg.inv(expected + np.eye(3))[1, 1]
    assert line == pytest.approx(1 / left - 1, rel=0.02)
    assert column == pytest.approx(1, abs=0.05)


def test_what_two_neighbours_tell() -> None:
    found = correlations(smooth((1, 4)))
    # Correlations of 3/4 and 1/2: R squared = 2 (3/4)^2 / (1 + 1/2).
    assert dropped(found, np.arange(2), 1) == pytest.approx(0.75, abs=0.03)
    assert dropped(found, np.arange(2), 0) < 0.02


# ---- clusters


def test_channels_of_one_field_are_one_cluster() -> None:
    found = channel_clusters(correlations(shared((3, 5, 2))))
    assert [channels.tolist() for channels in found] == [[3, 4, 5, 6, 7], [0, 1, 2], [8, 9]]


def test_dead_channels_are_in_no_cluster() -> None:
    maps = shared((2, 2))
    maps[:, 3] = 0
    found = channel_clusters(correlations(maps))
    assert sorted(np.concatenate(found).tolist()) == [0, 1, 2]


def test_ranks() -> None:
    assert effective_rank(np.eye(5)) == pytest.approx(5)
    assert effective_rank(np.ones((5, 5))) == pytest.approx(1)
    assert components(np.diag([8.0, 1.0, 0.6, 0.4]), 0.9) == 2
    assert components(np.eye(4), 1.0) == 4


# ---- the module


def test_groups_at_one_place_make_1x1_filters() -> None:
    found = seen(shared((4, 4, 4)))
    assert found.shares[0] > 0.95
    # Of four channels that correlate by 1 / 1.09: one direction with most of the variance.
    small = (1 - 1 / 1.09) / 4
    alone = np.exp(-(1 - 3 * small) * np.log(1 - 3 * small) - 3 * small * np.log(small))
    assert found.directions == pytest.approx(3 * alone, rel=0.01)
    assert set(filters(choose_module(found, 32))) == {(1, 1)}


def test_noise_makes_1x1_filters_only() -> None:
    assert set(filters(choose_module(seen(white(8)), 32))) == {(1, 1)}


def test_smooth_fields_make_larger_filters() -> None:
    found = seen(smooth((3, 3), channels=4))
    wide = seen(smooth((6, 6), channels=4))
    assert found.shares[1] > 0.8
    assert wide.shares[2] > found.shares[2] > 0.02
    assert sum(filters(choose_module(found, 32)).values()) == pytest.approx(
        32 * (1 - found.pooled), rel=0.01
    )


def test_a_field_that_is_smooth_along_one_axis_gets_lines() -> None:
    windows = set(filters(choose_module(seen(smooth((1, 5), channels=4)), 32)))
    assert (1, 3) in windows
    assert not any(window[0] > 1 and window[0] >= window[1] for window in windows)


def test_reductions_keep_the_directions_that_there_are() -> None:
    maps = np.repeat(smooth((3, 3), channels=4), 6, axis=1)
    maps = maps + 0.05 * np.random.default_rng(3).normal(size=maps.shape).astype(np.float32)
    module = choose_module(seen(maps), 48)
    (three,) = (branch for branch in module.branches if branch.window == (3, 3))
    assert three.reduced == 4


def test_a_pool_says_nothing_new_of_ramps_but_of_spikes() -> None:
    steps = np.random.default_rng(4).random((50, 1, 1, 1)).astype(np.float32)
    ramps = steps * np.arange(12, dtype=np.float32) + np.zeros((50, 1, 12, 1), np.float32)
    assert nonlinear_share(ramps) == pytest.approx(0, abs=1e-6)
    spikes = (np.random.default_rng(4).random((100, 2, 12, 12)) < 0.05).astype(np.float32)
    assert nonlinear_share(spikes) > 0.15


# ---- grids


def test_an_axis_is_halved_where_it_repeats_itself() -> None:
    maps = np.repeat(white(2, 200, (12, 6)), 8, axis=3)
    weights = np.hanning(17)[1:-1]
    blurred = np.apply_along_axis(np.convolve, 3, maps, weights / weights.sum(), mode="valid")
    found = seen(blurred.astype(np.float32))
    assert halved(found) == (1, 2)
    assert choose_stem(found, 8).stride == (1, 2)
    assert can_halve(found) == (2, 2)
    assert halved(seen(white())) == (1, 1)


def test_small_grids_are_not_halved() -> None:
    assert can_halve(seen(white(2, 100, (7, 8)))) == (1, 2)


@pytest.mark.parametrize("grid", [(4, 4), (3, 9), (1, 6), (2, 2)])
def test_windows_are_no_larger_than_small_grids(grid: tuple[int, int]) -> None:
    maps = smooth((3, 3), channels=4)[:, :, : grid[0], : grid[1]]
    module = choose_module(seen(maps), 16)
    for branch in module.branches:
        assert all(side <= length for side, length in zip(branch.window, grid, strict=True))


# ---- what it covers


def test_a_dense_branch_wastes_what_lies_between_clusters() -> None:
    found = seen(shared((4, 4)))
    covered = coverage(choose_module(found, 16), found)
    assert covered.clustered > 0.95
    assert covered.wasted == pytest.approx(0.5, abs=0.01)
    assert covered.within[0] > 0.9
    assert covered.within[2] == pytest.approx(1)


def test_branches_cover_what_their_windows_see() -> None:
    found = seen(smooth((3, 3), channels=4))
    point, three = Branch((1, 1), 8), Branch((3, 3), 8, reduced=4)
    alone = coverage(Module((point,), None, (3, 3)), found)
    both = coverage(Module((point, three), None, (3, 3)), found)
    lying = coverage(Module((Branch((1, 5), 8),), None, (3, 3)), found)
    assert alone.reached == alone.within[0] < both.reached == both.within[1] < both.within[2]
    assert alone.within[0] < lying.reached < 1
    assert alone.reading == 1


def test_what_lies_behind_a_reduction_reads_the_branch() -> None:
    found = seen(smooth((3, 3), channels=4))
    kinds = (
        (Branch((3, 3), 6, reduced=2), 4 * 2, 9 * 2 * 6),
        (Branch((5, 5), 6, reduced=2, crossed=True), 4 * 2, 5 * 2 * 6 + 5 * 6 * 6),
        (Branch((5, 5), 6, crossed=True), 5 * 4 * 6, 5 * 6 * 6),
        (Branch((3, 3), 6), 9 * 4 * 6, 0),
    )
    for branch, reads, behind in kinds:
        covered = coverage(Module((branch,), 4, (3, 3)), found)
        assert covered.reading == pytest.approx(reads / (reads + behind))
