"""The other way to recover filters: random patches of images as samples of a layer without shifts.

Each filter is a hidden unit at each of its places in a patch, and learned at each place alone.
Templates that a patch's border may have cut off go, and shifts of one template are put together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.construct import Filters, recover_layer
from explorer.construct.filters.bank import Bank, centred, extent_of
from explorer.construct.filters.prune import distinct

PATCHES = 20_000
_DOUBLE = 0.6  # shifts of one template have so much of the larger in common


def recover_by_patches(
    maps: NDArray[np.bool_], *, window: int = 5, patches: int = PATCHES, seed: int = 0
) -> Filters:
    """Filters from patches of 2 window - 1; positive weights alone.

    Args:
        maps: bool of (images, channels, height, width).
        window: odd side of the largest extent.
        patches: how many are cut out, at random places.
        seed: of the places, and of the recovery.
    """
    size = 2 * window - 1
    every = np.lib.stride_tricks.sliding_window_view(maps, (size, size), axis=(2, 3))
    rng = np.random.default_rng(seed)
    images, channels, height, width = every.shape[:4]
    image, y, x = (rng.integers(most, size=patches) for most in (images, height, width))
    samples = every[image, :, y, x].reshape(patches, -1)
    units = recover_layer(samples, seed=seed).units
    templates = units.children.toarray().reshape(-1, channels, size, size) > 0
    whole = np.array([_is_whole(template, window) for template in templates], bool)
    windows = [centred(template, window) for template in templates[whole]]
    bank = Bank(
        np.array(windows, bool).reshape(-1, channels, window, window),
        *(values[whole] for values in (units.thresholds, units.rates, units.lifts)),
    )
    bank = distinct(bank, _DOUBLE)
    extents = np.array([extent_of(template) for template in bank.templates], int)
    return Filters(bank.templates.astype(np.float32), extents, bank.rates)


def _is_whole(template: NDArray[np.bool_], window: int) -> bool:
    """Whether a template lies inside its patch, with room for what may be missing of the window."""
    _, *places = np.nonzero(template)
    size = template.shape[-1]
    return all(
        np.ptp(axis) < window and axis.max() < size - 1 and axis.min() > 0 for axis in places
    )
