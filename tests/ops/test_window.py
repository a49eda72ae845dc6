"""The arithmetic of windows against windows that are laid one by one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.ops import Cost, OpError, image, infer
from explorer.ops.conv import Conv
from explorer.ops.pool import MaxPool
from explorer.ops.window import padding, slide, window_conditions


def positions(n: int, k: int, s: int, p: int, d: int, ceil: bool) -> list[int]:
    """Where windows start on an axis of ``n`` cells with ``p`` zeros on each side.

    A window covers ``k`` cells that lie ``d`` apart. Without ``ceil`` all of it lies inside the
    padded axis. With ``ceil`` windows go on until the padded axis is covered to its end, but none
    starts in the padding on the right.
    """
    starts: list[int] = []
    start, covered = -p, -p
    while True:
        end = start + d * (k - 1) + 1
        inside = end <= n + p
        if not inside and not (ceil and covered < n + p and start < n):
            return starts
        starts.append(start)
        covered = end
        start += s


CASES = [
    case
    for case in product(range(1, 13), range(1, 6), range(1, 5), range(3), range(1, 3))
    if case[4] * (case[1] - 1) + 1 <= case[0] + 2 * case[3]
]


def test_floor_lays_as_many_windows_as_fit() -> None:
    assert len(CASES) > 1_000
    for n, k, s, p, d in CASES:
        expected = len(positions(n, k, s, p, d, ceil=False))
        assert slide((n,), (k,), (s,), (p,), (d,)) == (expected,), (n, k, s, p, d)


def test_ceil_lays_windows_until_the_axis_is_covered() -> None:
    pools = [case for case in CASES if case[4] == 1 and 2 * case[3] <= case[1]]
    assert len(pools) > 300
    for n, k, s, p, d in pools:
        expected = len(positions(n, k, s, p, d, ceil=True))
        assert slide((n,), (k,), (s,), (p,), (d,), ceil=True) == (expected,), (n, k, s, p)


def test_a_window_is_refused_exactly_when_it_does_not_fit() -> None:
    for n, k, p, d in product(range(1, 6), range(1, 6), range(3), range(1, 3)):
        (condition,) = window_conditions("conv", (n,), (k,), (p,), (d,))
        assert condition.bad == (not positions(n, k, 1, p, d, ceil=False))


def test_axes_do_not_mix() -> None:
    assert slide((10, 20), (3, 5), (1, 2), (1, 0), (1, 2)) == (10, 6)


@pytest.mark.parametrize(("kernel", "dilation"), list(product((1, 3, 5, 7), (1, 2, 3))))
def test_same_keeps_the_grid_at_stride_1(kernel: int, dilation: int) -> None:
    pad = padding("conv", "same", (kernel,), (1,), (dilation,))
    for n in range(1, 20):
        assert slide((n,), (kernel,), (1,), pad, (dilation,)) == (n,)


@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_same_with_a_stride_divides_the_grid_and_rounds_up(kernel: int) -> None:
    for n, stride in product(range(1, 20), (2, 3)):
        pad = padding("conv", "same", (kernel,), (stride,), (1,))
        assert slide((n,), (kernel,), (stride,), pad, (1,)) == (-(-n // stride),)


def test_an_even_kernel_has_no_same_at_stride_1() -> None:
    for kernel in (2, 4):
        with pytest.raises(OpError, match=f"'same' with kernel {kernel} at stride 1"):
            padding("conv", "same", (kernel,), (1,), (1,))
    assert padding("conv", "same", (2,), (1,), (2,)) == (1,)
    assert padding("conv", "same", (4,), (2,), (1,)) == (1,)
    assert padding("conv", "valid", (4,), (1,), (1,)) == (0,)
    assert padding("conv", 3, (4,), (1,), (1,)) == (3,)


def multiply_adds(conv: Conv, channels: int, grid: tuple[int, ...]) -> int:
    """Every product of a convolution, found one by one, zeros of the padding included."""
    axes = [
        len(positions(*axis, ceil=False))
        for axis in zip(grid, conv.kernel, conv.stride, conv.pad, conv.dilation, strict=True)
    ]
    pairs = sum(
        into // (channels // conv.groups) == out // (conv.channels // conv.groups)
        for into, out in product(range(channels), range(conv.channels))
    )
    taps = len(list(product(*(range(size) for size in conv.kernel))))
    return pairs * taps * len(list(product(*(range(size) for size in axes))))


sizes = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(st.integers(1, 3), sizes, sizes, sizes, sizes, sizes, sizes)
def test_a_convolution_costs_every_product(
    groups: int,
    width: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pad: tuple[int, int],
    dilation: tuple[int, int],
    extra: tuple[int, int],
) -> None:
    channels, out = groups * width[0], groups * width[1]
    grid = tuple(d * (k - 1) + e for d, k, e in zip(dilation, kernel, extra, strict=True))
    conv = Conv(kernel, out, stride, pad, dilation, groups, bias=True)
    source = image(channels, *grid)
    shape = infer(conv, (source,))
    cost = conv.cost((source,), shape)
    assert cost.macs == multiply_adds(conv, channels, grid)
    assert cost.params == channels * out // groups * kernel[0] * kernel[1] + out
    assert cost.activations == shape.elements


@given(sizes, sizes, st.integers(1, 12), st.integers(1, 12), st.booleans())
def test_every_window_of_a_pool_sees_a_cell(
    kernel: tuple[int, int], stride: tuple[int, int], height: int, width: int, ceil: bool
) -> None:
    pad = (kernel[0] // 2, kernel[1] // 2)
    pool = MaxPool(kernel, stride, pad, ceil)
    shape = infer(pool, (image(4, height, width),))
    assert shape.channels == 4
    for n, m, k, s, p in zip((height, width), shape.grid, kernel, stride, pad, strict=True):
        starts = positions(n, k, s, p, 1, ceil)
        assert len(starts) == m
        assert all(start < n and start + k > 0 for start in starts)


def test_costs_add_up_column_by_column() -> None:
    assert Cost(1, 2, 3) + Cost(10, 20, 30) == Cost(11, 22, 33)
