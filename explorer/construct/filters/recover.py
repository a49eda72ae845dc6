"""Filters of images: hidden units that occur at every position, from Boolean or real maps.

The layer of ``construct.recover`` with weights that are shared by all positions: pairs, triples and
the fixed point are counted over all places, so one filter is learned from all of its occurrences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.construct.filters.bank import Bank, extent_of, no_filters
from explorer.construct.filters.decode import decode, encode, rates_inside, refit
from explorer.construct.filters.edges import checked, measured_weights, negative_units
from explorer.construct.filters.grow import grow
from explorer.construct.filters.pairs import count_pairs, unexplained
from explorer.construct.filters.prune import distinct, supported
from explorer.construct.filters.shifts import Maps, drawn, with_margin
from explorer.construct.samples import Array
from explorer.construct.thresholds import ADAPTIVE, Adaptive
from explorer.errors import DataError, ExplorerError

WINDOW, POSITIONS = 5, 400_000
_RESIDUES = 2  # times that what is unexplained is searched again
_PATIENCE = 60  # pairs in a row that lead to nothing new
_NEEDED = 0.4  # least support, once units are checked
_SAME = 0.8  # of the larger in common: found twice


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters that were found, the most frequent ones first.

    Attributes:
        weights: float32 of (filters, channels, window, window), what ``extents`` speaks of in the
            middle. Over Boolean maps 1 and -1; over real ones mean values of units that are on, but
            -1 for a unit that a filter switches off in maps that are never negative.
        extents: side of the smallest odd square with a filter's units (for maps that are never
            negative, its positive ones), of (filters,).
        rates: how often each filter is on, at each position, of (filters,).
    """

    weights: Array
    extents: Array
    rates: Array

    def __len__(self) -> int:
        return len(self.weights)


def recover_filters(
    maps: object,
    window: int = WINDOW,
    *,
    level: float = 0.0,
    thresholds: Adaptive = ADAPTIVE,
    positions: int = POSITIONS,
    seed: int = 0,
) -> Filters:
    """The filters that explain which units of images are on together, wherever that is.

    Memory: some 25 bytes for each unit that is looked at (measured with 13 filters of 16 channels),
    50 of maps with negative values, however many there are beyond ``positions``.

    Args:
        maps: array of (images, channels, height, width), Boolean (0 and 1) or real. Of real maps, a
            unit is on where it is larger than ``level``; where values are negative, units under
            -level count as others of their own, and a filter may have both kinds.
        window: odd side of the largest extent.
        level: see ``maps``.
        thresholds: cuts, as ``recover_layer`` has them.
        positions: how many are looked at, over all images together. Where there are more, images
            are chosen evenly.
        seed: decides which places are looked at where a template is on at many.

    Raises:
        DataError: not four axes, an axis without elements, not numbers, values that are not
            finite, or images smaller than the window.
    """
    if window < 1 or window % 2 == 0:
        raise ExplorerError(f"window is {window}, must be odd and at least 1")
    if not level >= 0:
        raise ExplorerError(f"level is {level}, must be at least 0")
    if positions < 1:
        raise ExplorerError(f"positions is {positions}, must be at least 1")
    values = _read(maps, window, positions)
    halved = bool((values < -level).any())
    observed = with_margin(_halves(values, level, halved), window - 1)
    bank = _bank(observed, window, thresholds, np.random.default_rng(seed))
    states = decode(bank, observed)
    rates = rates_inside(states, bank.templates)
    weights = _weights(values, level, states, bank, observed)
    order = np.argsort(-rates, kind="stable")
    extents = np.array([extent_of(template) for template in bank.templates], int)
    return Filters(weights[order], extents[order], rates[order])


def _read(maps: object, window: int, positions: int) -> Array:
    """Maps of as many images as have so many positions, evenly chosen; bool if all are 0 or 1."""
    found = np.asarray(maps)
    if found.ndim != 4 or found.dtype.kind not in "biuf":
        raise DataError(
            f"maps are {found.dtype} of shape {found.shape}, "
            "must be numbers of (images, channels, height, width)"
        )
    if 0 in found.shape or min(found.shape[2:]) < window:
        raise DataError(
            f"maps have the shape {found.shape}, must hold an image of {window}x{window} or larger"
        )
    most = max(1, positions // (found.shape[2] * found.shape[3]))
    if len(found) > most:
        found = found[np.linspace(0, len(found) - 1, most).round().astype(int)]
    if not np.isfinite(found).all():
        raise DataError("maps hold values that are not finite")
    return found if ((found != 0) & (found != 1)).any() else found.astype(bool)


def _halves(values: Array, level: float, halved: bool) -> Array:
    """Which units are on; of real maps with negative values, which are over and which under."""
    on: Array = values > level
    return np.concatenate([on, values < -level], axis=1) if halved else on


def _bank(maps: Maps, window: int, rules: Adaptive, rng: np.random.Generator) -> Bank:
    """All filters, with their positive units checked."""
    none = no_filters(maps.channels, window)
    bank = distinct(refit(_sought(maps, none, rules, rng, 3), maps), _SAME)
    bank = supported(bank, maps, rules.support)
    for _ in range(_RESIDUES):
        rest = maps.inner & (drawn(encode(bank, maps), bank.templates) == 0)
        more = _sought(with_margin(rest, maps.reach), none, rules, rng, 2)
        before = len(bank)
        bank = supported(bank.join(refit(more, maps)), maps, rules.support, known=before)
        if len(bank) == before:
            break
    bank = distinct(bank, _SAME)
    bank = checked(bank, maps)
    bank = distinct(refit(bank.take(bank.sizes >= 2), maps), _SAME)
    bank = refit(bank, maps, decode(bank, maps))
    return supported(bank, maps, _NEEDED)


def _sought(
    maps: Maps, bank: Bank, rules: Adaptive, rng: np.random.Generator, smallest: int
) -> Bank:
    """Filters from the strongest pairs that none explains yet, until pairs bring nothing new."""
    pairs = count_pairs(maps)
    means = maps.inner.mean(axis=(0, 2, 3))
    untried = np.ones(pairs.both.shape, bool)
    idle = 0
    while idle < _PATIENCE:
        left = np.where(untried, unexplained(pairs, bank, maps.positions), 0)
        if not left.any():
            break
        first, second, y, x = np.unravel_index(np.argmax(left), left.shape)
        untried[first, second, y, x] = False
        pair = int(first), int(second), int(y) - maps.reach, int(x) - maps.reach
        new = grow(maps, means, pair, bank.templates.shape[-1], rules, rng)
        new = new.take(new.sizes >= smallest)
        before = len(bank)
        bank = distinct(_pure(bank.join(new), rules), _SAME)
        idle = 0 if len(bank) > before else idle + 1
    return bank


def _pure(bank: Bank, rules: Adaptive) -> Bank:
    """Without mixtures, which have half the lift of others."""
    if not len(bank):
        return bank
    large = bank.sizes > np.median(bank.sizes)
    least = np.where(large, rules.purity_large, rules.purity) * np.median(bank.lifts)
    return bank.take(bank.lifts >= least)


def _weights(values: Array, level: float, states: Array, bank: Bank, maps: Maps) -> Array:
    """Weights of all filters, of (filters, channels, window, window)."""
    channels = values.shape[1]
    templates = bank.templates
    if maps.channels > channels:
        templates = templates[:, :channels] | templates[:, channels:]
        return measured_weights(values, abs(values) > level, states, templates, maps.reach)
    negative = negative_units(states, templates, maps).astype(np.float32)
    if values.dtype == bool:
        return templates - negative
    return measured_weights(values, maps.inner, states, templates, maps.reach) - negative
