"""How much of planted filters was found: filters have no names and no place, so they are matched.

The convolutional sister of ``construct.match``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.construct.filters.bank import extent_of, overlaps, shifted
from explorer.construct.match import Quality
from explorer.construct.samples import Array


class FilterQuality(NamedTuple):
    """Precision and recall; filters that match none are false, and so are their units.

    Attributes:
        filters: with all positive units of the true one and no other, and so with its extent.
        extents: filters with the extent of the true one.
        positive: positive units (channel, dy, dx).
        negative: negative units, at the place at which positive ones match best.
    """

    filters: Quality
    extents: Quality
    positive: Quality
    negative: Quality


def match_filters(found: Array, truth: Array) -> Array:
    """For every filter that was found the true one with the most units in common, but for a shift.

    Greedy, the largest overlap first, relative to the larger of both; each true filter once.

    Args:
        found: templates, bool of (filters, channels, window, window).
        truth: the same of the filters that maps were drawn from.

    Returns:
        numbers of true filters, -1 for none.
    """
    partner = np.full(len(found), -1)
    taken = np.zeros(len(truth), bool)
    alike = _alike(found, truth)
    for place in np.argsort(-alike, axis=None, kind="stable"):
        ours, theirs = np.unravel_index(place, alike.shape)
        if alike[ours, theirs] > 0 and partner[ours] < 0 and not taken[theirs]:
            partner[ours], taken[theirs] = theirs, True
    return partner


def _alike(found: Array, truth: Array) -> Array:
    """Units in common as a share of the larger, of (found, truth)."""
    sizes = np.maximum.outer(found.sum(axis=(1, 2, 3)), truth.sum(axis=(1, 2, 3)))
    common = np.zeros(sizes.shape)
    for row, template in zip(common, found, strict=True):
        row[:] = overlaps(template, truth)
    alike: Array = common / np.maximum(sizes, 1)
    return alike


def filter_quality(found: Array, truth: Array) -> FilterQuality:
    """How much of planted filters was found.

    Args:
        found: weights of (filters, channels, window, window).
        truth: weights of the planted filters, of the same channels and window.
    """
    partner = match_filters(found > 0, truth > 0)
    right = np.zeros(4, int)
    for weights, number in zip(found, partner, strict=True):
        if number >= 0:
            right += _right(weights, truth[number])
    there = [
        (len(signs), len(signs), int((signs > 0).sum()), int((signs < 0).sum()))
        for signs in (found, truth)
    ]
    return FilterQuality(*(_shares(*counts) for counts in zip(right.tolist(), *there, strict=True)))


def _right(found: Array, truth: Array) -> tuple[bool, bool, int, int]:
    """What is right of one filter: all, its extent, how many units of each sign."""
    moved = shifted(found).reshape(-1, *found.shape)
    positive, negative = (
        ((sign * moved > 0) & (sign * truth > 0)).sum(axis=(1, 2, 3)) for sign in (1, -1)
    )
    best = int(np.argmax(positive))
    same = positive[best] == max((found > 0).sum(), (truth > 0).sum())
    extent = extent_of(found > 0) == extent_of(truth > 0)
    return bool(same), extent, int(positive[best]), int(negative[best])


def _shares(right: int, found: int, there: int) -> Quality:
    """Precision and recall; without anything to find or found they are 1."""
    return Quality(right / found if found else 1.0, right / there if there else 1.0)
