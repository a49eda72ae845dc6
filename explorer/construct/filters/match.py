"""How much of planted filters was found: filters have no names and no place, so they are matched.

The convolutional sister of ``construct.match``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.construct.filters.bank import extent_of, overlaps
from explorer.construct.match import Quality
from explorer.construct.samples import Array


class FilterQuality(NamedTuple):
    """Precision and recall of three things.

    Attributes:
        filters: that have all units of the true one and no other, and so its extent.
        extents: filters that have half of the units of the true one and its extent.
        units: positive units (channel, dy, dx) of matched filters.
    """

    filters: Quality
    extents: Quality
    units: Quality


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
    common = [overlaps(template, truth) for template in found]
    return np.array(common).reshape(len(found), len(truth)) / np.maximum(sizes, 1)


def filter_quality(found: Array, truth: Array) -> FilterQuality:
    """How many filters and units were found, by positive weights; see ``FilterQuality``.

    Args:
        found: weights of (filters, channels, window, window).
        truth: weights of the planted filters, of the same channels and window.
    """
    ours, theirs = found > 0, truth > 0
    partner = match_filters(ours, theirs)
    same = half = common = 0
    for template, number in zip(ours, partner, strict=True):
        if number >= 0:
            other = theirs[number]
            shared = int(overlaps(template, other[None])[0])
            larger = max(template.sum(), other.sum())
            common += shared
            same += shared == larger
            half += 2 * shared >= larger and extent_of(template) == extent_of(other)
    return FilterQuality(
        _shares(same, len(ours), len(theirs)),
        _shares(half, len(ours), len(theirs)),
        _shares(common, int(ours.sum()), int(theirs.sum())),
    )


def _shares(right: int, found: int, there: int) -> Quality:
    return Quality(right / max(found, 1), right / max(there, 1))
