"""Scores of binary codes: which units each image turns on.

A unit is an element that an elementwise activation puts out; an image turns it on where what enters
the activation is positive. For ReLU, which the papers are about, that is where its output is; every
other activation of the language is monotone where it matters, so that a threshold on its output
tells the same. Softmax has no unit of its own sign and is passed over. A net without any activation
has no codes: it is linear in its images, and these scores are not defined for it.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor

from explorer.ops.elementwise import (
    ACTIVATIONS,
    Activation,
    Hardsigmoid,
    Sigmoid,
    Softmax,
    Softplus,
)
from explorer.score.free.subject import Subject

# Images of a pattern. The more there are, the fewer units share one: with 64, nearly every unit of
# a net has a pattern to itself, and their number only says how many units there are.
GROUP = 16

# What an activation puts out for an input of zero, where that is not zero.
_AT_ZERO: dict[type[Activation], float] = {Sigmoid: 0.5, Hardsigmoid: 0.5, Softplus: math.log(2)}
_CODED = tuple(op for op in ACTIVATIONS if op is not Softmax)


class Codes:
    """The codes of the images of a batch over all units, as one forward pass makes them.

    **swap** (Peng et al. 2024, "SWAP-NAS", section 3): for N images and V units, the number of
    distinct rows of the V x N matrix of which image turns on which unit. At most min(V, 2^N); more
    of them mean that units part the images in more ways. N is 16 here; of a larger batch the score
    is the mean over its groups of 16, what is left over being left out.

    **naswot** (Mellor et al. 2021, "Neural Architecture Search without Training", section 3): ln
    det K, where K_ij is the number of units in which the codes of the images i and j agree. Images
    with equal codes make K singular; so K has 1 added on its diagonal, as if each image had one
    more unit to itself, and the score is finite and never negative.
    """

    def __init__(self, subject: Subject) -> None:
        self._graph = subject.graph
        self.images = len(subject.batch)
        self.units = 0
        self._agreement = np.zeros((self.images, self.images))
        size = min(GROUP, self.images)
        groups = self.images // size
        self._seen = np.zeros((groups, 2**size), bool)
        # Groups x images: an image counts as a power of two in its group, and nothing elsewhere.
        powers = torch.kron(torch.eye(groups), 2.0 ** torch.arange(size)[None])
        self._weights = F.pad(powers, (0, self.images - groups * size))

    def see(self, index: int, value: Tensor) -> None:
        """Add the units of a node, if it is an activation."""
        op = self._graph.nodes[index].op
        if isinstance(op, _CODED):
            self.add(value, _AT_ZERO.get(type(op), 0.0))

    def add(self, value: Tensor, threshold: float) -> None:
        """Add the units of one activation, by what it puts out."""
        # Bits as numbers: agreements and patterns are then products of matrices, several times as
        # fast as bits, and sums of fewer than 2^24 whole numbers are exact.
        bits = _rows((value > threshold).float())
        self.units += bits.shape[1]
        for part in torch.split(bits, 2**23, dim=1):
            both = (part @ part.T).double().numpy()
            on = both.diagonal()
            self._agreement += part.shape[1] + 2 * both - on[:, None] - on
        for seen, patterns in zip(self._seen, self._weights @ bits, strict=True):
            seen[patterns.int().numpy()] = True

    def scores(self) -> dict[str, float | None]:
        if not self.units:
            return {"swap": None, "naswot": None}
        return {"swap": self.distinct(), "naswot": self.logdet()}

    def distinct(self) -> float:
        """How many different rows the matrix of units x images has; the mean over the groups."""
        return float(self._seen.sum(1).mean())

    def logdet(self) -> float:
        """The logarithm of the determinant of the kernel of agreements."""
        return float(np.linalg.slogdet(self._agreement + np.eye(self.images)).logabsdet)


def _rows(bits: Tensor) -> Tensor:
    """N x units, without a copy where the channels lie last; the order of units is of no matter."""
    return (bits.movedim(1, -1) if bits.dim() > 2 else bits).flatten(1)


def regularised(swap: float, params: int, mu: float, sigma: float) -> float:
    """SWAP times exp(-(params - mu)^2 / sigma), which leans on nets of mu parameters.

    Peng et al. 2024, section 3; mu and sigma have no value of their own: they say what size is
    wanted and how much, in the unit of the parameters.
    """
    return swap * math.exp(-((params - mu) ** 2) / sigma)
