"""Cluttered images: an object of random size and place, coloured, among pieces of others, in noise.

After the cluttered MNIST of V. Mnih et al. (2014, "Recurrent models of visual attention") and
M. Jaderberg et al. (2015, "Spatial transformer networks"). An object may fill the frame or a fifth
of it, so a network gains by looking at several scales at once, which plain Fashion-MNIST does not
ask for. Only whole numbers are used: the images are the same on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.random import PCG64
from numpy.typing import NDArray

from explorer.data.draws import below, octets, stream
from explorer.data.resize import to_size
from explorer.data.sets import Images, Split

SIDE = 32  # px, of the finished image
OBJECT = (14, 28)  # px, smallest and largest: half to all of the original
PIECE = 8  # px
PIECES = (2, 4)  # of other images, fewest and most
# Of each colour channel. The ranges only meet, so an object is faint where its cloth is dark, not
# because it was painted in the colour of the background.
BRIGHT = (128, 256)
DARK = (0, 80)
NOISE = 1  # times a triangular number from -15 to 15: standard deviation 6.5 of 255


def clutter(split: Split, seed: int, path: int) -> Split:
    """One cluttered image for each image, from images of this split alone.

    Args:
        split: N x 28 x 28 x 1.
        seed: of everything drawn.
        path: keeps the splits of one seed apart.

    Returns:
        N x 32 x 32 x 3, with the labels of the split.
    """
    bits = stream(seed, path)
    count = len(split)
    canvas = np.empty((count, SIDE, SIDE, 3), np.uint8)
    canvas[:] = _colours(bits, count, DARK)
    _scatter_pieces(bits, canvas, split.images)
    mask = _place_objects(bits, split.images)
    canvas = _paint(canvas, mask, _colours(bits, count, BRIGHT))
    return Split(_add_noise(bits, canvas), split.labels)


def _colours(bits: PCG64, count: int, bounds: tuple[int, int]) -> Images:
    low, high = bounds
    return (low + below(bits, high - low, count, 1, 1, 3)).astype(np.uint8)


def _paint(ground: Images, mask: Images, colour: Images) -> Images:
    """The colour where the mask is 255, the ground where it is 0, mixed between."""
    weight = mask.astype(np.uint16)
    weight += weight >> 7  # 0 .. 256, so that a shift divides; 255 * 256 + 128 still fits 16 bits
    mixed = ground * (256 - weight) + colour * weight + np.uint16(128)
    return (mixed >> 8).astype(np.uint8)


def _place_objects(bits: PCG64, images: Images) -> Images:
    """Every image at a random size in a random place, N x 32 x 32 x 1."""
    count = len(images)
    smallest, largest = OBJECT
    sizes = smallest + below(bits, largest - smallest + 1, count)
    corners = below(bits, 1 << 16, count, 2) * (SIDE - sizes + 1)[:, None] >> 16
    mask = np.zeros((count, SIDE, SIDE, 1), np.uint8)
    for size in range(smallest, largest + 1):
        (members,) = np.nonzero(sizes == size)
        mask[_windows(members, corners[members], size)] = to_size(images[members], size)
    return mask


def _scatter_pieces(bits: PCG64, canvas: Images, images: Images) -> None:
    """Paint 4 to 6 small crops of other images on every canvas, in place."""
    count, height, width, _ = images.shape
    fewest, most = PIECES
    pieces = fewest + below(bits, most - fewest + 1, count)
    for number in range(most):
        # At least one further on, at most once around: never the image itself.
        others = (np.arange(count) + 1 + below(bits, count - 1, count)) % count
        sources = below(bits, min(height, width) - PIECE + 1, count, 2)
        targets = below(bits, SIDE - PIECE + 1, count, 2)
        colours = _colours(bits, count, BRIGHT)
        (members,) = np.nonzero(number < pieces)
        mask = images[_windows(others[members], sources[members], PIECE)]
        place = _windows(members, targets[members], PIECE)
        canvas[place] = _paint(canvas[place], mask, colours[members])


def _windows(
    members: NDArray[np.int64], corners: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """An index of the ``size`` x ``size`` pixels from each member's corner (row, column)."""
    span = np.arange(size)
    rows = corners[:, 0, None, None] + span[:, None]
    columns = corners[:, 1, None, None] + span
    return members[:, None, None], rows, columns


def _add_noise(bits: PCG64, canvas: Images) -> Images:
    octet = octets(bits, *canvas.shape)
    triangular = (octet & 15).astype(np.int16) + (octet >> 4) - 15
    noisy: NDArray[np.int16] = canvas + NOISE * triangular
    return noisy.clip(0, 255).astype(np.uint8)
