"""The arithmetic of sliding windows, shared by convolutions and pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from explorer.ops.base import Argument, Condition, OpError, Parameter, per_axis

KERNEL = Parameter("kernel", Argument.SIZES)
STRIDE = Parameter("stride", Argument.SIZES, default=1)
PADDING_FLAGS: Mapping[str, tuple[str, object]] = {
    "same": ("pad", "same"),
    "valid": ("pad", "valid"),
}

Sizes = tuple[int, ...]


def padding(name: str, pad: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """Zeros on each side of every axis: 'same' is d(k-1)/2, 'valid' none.

    Raises:
        OpError: 'same' with an even kernel at stride 1, which no symmetric padding can be.
    """
    if pad == "valid":
        return (0,) * len(kernel)
    if pad != "same":
        return per_axis(f"{name} pad", pad, len(kernel))
    for size, step, spread in zip(kernel, stride, dilation, strict=True):
        if step == 1 and spread * (size - 1) % 2:
            raise OpError(
                f"'same' with kernel {size} at stride 1 cannot keep the grid: "
                "use an odd kernel, 'valid', or pad="
            )
    return tuple(spread * (size - 1) // 2 for size, spread in zip(kernel, dilation, strict=True))


def slide(
    grid: Sizes, kernel: Sizes, stride: Sizes, pad: Sizes, dilation: Sizes, ceil: bool = False
) -> Sizes:
    """The grid that a window leaves: floor((n + 2p - d(k-1) - 1) / s) + 1 on each axis.

    With ``ceil`` the division rounds up, and a last window that would start in the right padding
    is dropped, as torch does.
    """
    return tuple(
        _slide_axis(*axis, ceil) for axis in zip(grid, kernel, stride, pad, dilation, strict=True)
    )


def _slide_axis(n: int, k: int, s: int, p: int, d: int, ceil: bool) -> int:
    room = n + 2 * p - d * (k - 1) - 1
    if not ceil:
        return room // s + 1
    windows = -(-room // s) + 1
    return windows - ((windows - 1) * s >= n + p)


def spanned(cells: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """The cells that so many neighbouring windows cover together: s(n-1) + d(k-1) + 1."""
    axes = zip(cells, kernel, stride, dilation, strict=True)
    return tuple(s * (n - 1) + d * (k - 1) + 1 for n, k, s, d in axes)


def window_conditions(
    name: str, grid: Sizes, kernel: Sizes, pad: Sizes, dilation: Sizes
) -> Iterator[Condition]:
    """A window must not be larger than the padded grid it slides over."""
    for n, k, p, d in zip(grid, kernel, pad, dilation, strict=True):
        yield Condition(
            d * (k - 1) + 1 > n + 2 * p,
            lambda: (
                f"{name} kernel {shown(kernel)} is larger than the grid {shown(grid)}"
                + (f" padded by {shown(pad)}" if any(pad) else "")
            ),
        )


def shown(sizes: Sizes) -> str:
    return "x".join(str(size) for size in sizes)
