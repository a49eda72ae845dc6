"""AZ-NAS: what blocks put out, and how gradients pass through them (Lee & Ham 2024).

"AZ-NAS: Assembling Zero-Cost Proxies for Network Architecture Search", CVPR 2024,
section 3. Blocks are those of :func:`~explorer.score.free.blocks.block_ends`. The paper's fourth
part, complexity, is macs; its score is of a set of nets, which
:func:`~explorer.score.free.combine.combine` makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import prod
from statistics import fmean

import torch
from torch import Tensor

from explorer.score.free.blocks import block_ends
from explorer.score.free.subject import Subject

_TINY = 1e-8


class Entropies:
    """How many directions the channels of each block use, as one forward pass shows it.

    **expressivity**: the sum over blocks of the entropy (in nats) of the eigenvalues, as shares of
    their sum, of the covariance of a block's channels over images and places.

    **progressivity**: the least growth of that entropy from one block to the next.

    Not defined for nets without a block, progressivity not for nets with only one.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._ends = set(block_ends(subject.graph))
        self._found: list[float] = []

    def see(self, index: int, value: Tensor) -> None:
        """Add what a node puts out, if it ends a block."""
        if index in self._ends:
            self._found.append(_entropy(_channels_last(value, self._subject, index)))

    def scores(self) -> dict[str, float | None]:
        growth = [after - before for before, after in pairwise(self._found)]
        return {
            "expressivity": sum(self._found) if self._found else None,
            "progressivity": min(growth, default=None),
        }


def trainability(subject: Subject) -> dict[str, float | None]:
    """**trainability**: the mean over blocks of 2 - s - 1/s.

    s is the largest singular value of a block's Jacobian J, estimated from random signs g that are
    sent back through the block, as that of the mean over images and places of (J^T g) g^T; it is
    best when gradients keep their length.

    Each block is left behind before the next begins, so memory is that of one block. Not defined
    for nets of fewer than two blocks.
    """
    ends = block_ends(subject.graph)
    before = dict(zip(ends[1:], ends, strict=False))
    net, generator = subject.net().requires_grad_(False), subject.generator()
    entered: list[Tensor] = []  # what the block before put out
    found: list[float] = []

    def rule(index: int, call: Callable[..., Tensor], *values: Tensor) -> Tensor:
        value = call(*values)
        if index not in ends:
            return value
        if entered:
            signs = torch.randint(2, value.shape, generator=generator).to(value) * 2 - 1
            back = _sent_back(value, entered.pop(), signs)
            found.append(
                _kept(
                    _channels_last(back, subject, before[index]),
                    _channels_last(signs, subject, index),
                )
            )
        entered.append(value.detach().requires_grad_())
        return entered[0]

    net.trace(rule, *subject.inputs())
    return {"trainability": fmean(found) if found else None}


def _sent_back(outer: Tensor, inner: Tensor, signs: Tensor) -> Tensor:
    """J^T g of the block from ``inner`` to ``outer``; zeros where the block does not read it."""
    if not outer.requires_grad:
        return torch.zeros_like(inner)
    (back,) = torch.autograd.grad(outer, inner, signs)
    return back


def _kept(back: Tensor, sent: Tensor) -> float:
    """2 - s - 1/s of gradients N x grid x C that were sent and came back."""
    got, sent = _aligned(back, sent)
    mean = got.T @ sent / len(sent)
    product = mean.T @ mean if mean.shape[0] >= mean.shape[1] else mean @ mean.T
    largest = float(torch.linalg.eigvalsh(product)[-1].clamp(min=0).sqrt())
    return 2 - largest - 1 / (largest + 1e-6)


def _channels_last(value: Tensor, subject: Subject, index: int) -> Tensor:
    """N x grid x C."""
    shape = subject.graph.nodes[index].shape
    return value if shape.kind == "tokens" else value.movedim(1, -1)


def _entropy(value: Tensor) -> float:
    """Of the principal components of N x grid x C, in nats."""
    rows = value.flatten(0, -2)
    rows = rows - rows.mean(0)
    # A matrix and its transpose have the same singular values: the smaller product will do.
    product = rows.T @ rows if rows.shape[0] >= rows.shape[1] else rows @ rows.T
    eigenvalues = torch.linalg.eigvalsh(product).clamp_(min=0).double()
    shares = eigenvalues / eigenvalues.sum().clamp(min=_TINY)
    return -float((shares * (shares + _TINY).log()).sum())


def _aligned(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Two N x grid x C as places x channels, for the places of the smaller grid.

    The places of the larger one that fall on a place of the smaller become its channels, as in the
    paper. Grids of different rank are taken as rows of places.
    """
    grids = first.shape[1:-1], second.shape[1:-1]
    nested = [all(a >= b for a, b in zip(*pair, strict=False)) for pair in (grids, grids[::-1])]
    if len(grids[0]) != len(grids[1]) or not any(nested):
        first, second = first.flatten(1, -2), second.flatten(1, -2)
        grids = first.shape[1:-1], second.shape[1:-1]
    grid = min(grids, key=prod)
    return _folded(first, grid), _folded(second, grid)


def _folded(value: Tensor, grid: torch.Size) -> Tensor:
    """N x larger grid x C as (N grid) x (places on a place, C); what is over at the end is cut."""
    for axis, size in enumerate(grid, start=1):
        ratio = value.shape[axis] // size
        value = torch.unflatten(value.narrow(axis, 0, size * ratio), axis, (size, ratio))
        value = value.movedim(axis + 1, -2)
    return value.flatten(len(grid) + 1).flatten(0, -2)
