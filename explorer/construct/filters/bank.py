"""Filters as they are found: templates in the middle of a window, and when they are on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.construct.samples import Array


@dataclass(frozen=True, slots=True)
class Bank:
    """Filters; the convolutional sister of ``Units``.

    Attributes:
        templates: positive units, bool of (filters, channels, window, window), extents in the
            middle.
        thresholds: a filter is on where so many of its units are.
        rates: how often it is on, at each position.
        lifts: mean over its units of P(on | filter on) - P(on).
    """

    templates: Array
    thresholds: Array
    rates: Array
    lifts: Array

    def __len__(self) -> int:
        return len(self.templates)

    @property
    def sizes(self) -> Array:
        """Units of each."""
        found: Array = self.templates.sum(axis=(1, 2, 3))
        return found

    def take(self, chosen: Array) -> Bank:
        """Some of them, by number or by mask."""
        return Bank(
            self.templates[chosen], self.thresholds[chosen], self.rates[chosen], self.lifts[chosen]
        )

    def join(self, other: Bank) -> Bank:
        """These, then the others."""
        return Bank(
            np.concatenate([self.templates, other.templates]),
            np.concatenate([self.thresholds, other.thresholds]),
            np.concatenate([self.rates, other.rates]),
            np.concatenate([self.lifts, other.lifts]),
        )


def no_filters(channels: int, window: int) -> Bank:
    """None yet."""
    nothing = np.zeros(0)
    return Bank(np.zeros((0, channels, window, window), bool), nothing, nothing, nothing)


def extent_of(template: Array) -> int:
    """The side of the smallest odd square that holds a template; 0 if it is empty."""
    if not template.any():
        return 0
    _, *places = np.nonzero(template)
    side = max(int(np.ptp(axis)) + 1 for axis in places)
    return side + (side + 1) % 2


def centred(values: Array, window: int) -> Array:
    """The best part of a patch, moved to the middle of a window.

    Kept is what lies in the square of the window's size with the largest sum. A template of an
    even side is put into the next odd square, at the left or the top.

    Args:
        values: of (channels, size, size), at least 0; the template is where they are larger.
        window: odd side of the result, at most the size.

    Returns:
        of (channels, window, window).
    """
    by_place = values.sum(axis=0)
    squares = np.lib.stride_tricks.sliding_window_view(by_place, (window, window))
    sums = squares.sum(axis=(2, 3))
    top, left = np.unravel_index(np.argmax(sums), sums.shape)
    part = values[:, top : top + window, left : left + window]
    extent = extent_of(part > 0)
    if not extent:
        return part
    for axis in (1, 2):
        used = np.flatnonzero((part > 0).any(axis=(0, 3 - axis)))
        spare = (extent - (used[-1] - used[0] + 1)) // 2
        part = np.roll(part, (window - extent) // 2 + spare - used[0], axis=axis)
    return part


def overlaps(template: Array, others: Array) -> Array:
    """How many units a template has in common with others, under the best shift of each.

    Args:
        template: of (channels, window, window).
        others: of (others, channels, window, window).

    Returns:
        of (others,).
    """
    moved = shifted(template).reshape(-1, template.size).astype(np.float32)
    flat = others.reshape(-1, template.size).astype(np.float32)
    found: Array = (moved @ flat.T).max(axis=0)
    return found


def shifted(template: Array) -> Array:
    """A template under all shifts that leave something in the window.

    Returns:
        of (2 window - 1, 2 window - 1, channels, window, window).
    """
    window = template.shape[-1]
    reach = window - 1
    wide = np.pad(template, ((0, 0), (reach, reach), (reach, reach)))
    every = np.lib.stride_tricks.sliding_window_view(wide, (window, window), axis=(1, 2))
    return np.moveaxis(every, 0, 2)
