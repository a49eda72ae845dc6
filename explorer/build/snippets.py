"""Small modules that torch.nn lacks. An export copies the ones it needs, as they stand here.

Each class uses ``torch``, ``nn`` and ``Tensor`` and nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation of N x C x grid over the channels of each cell (Ba et al. 2016)."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class LayerScale(nn.Module):
    """A learned factor for each channel, in front of ``axes`` axes (Touvron et al. 2021)."""

    def __init__(self, channels: int, init: float, axes: int = 0) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((channels, *[1] * axes), init))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class DropPath(nn.Module):
    """Zeroes a share p of the images in training, and makes up for it (Huang et al. 2016)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.empty(x.shape[0], *[1] * (x.dim() - 1), dtype=x.dtype, device=x.device)
        return x * kept.bernoulli_(1 - self.p) / (1 - self.p)


class Tokens(nn.Module):
    """N x D x grid to N x T x D: every cell is a token, row by row."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).transpose(1, 2)


class Grid(nn.Module):
    """N x T x D to N x D x grid: every token is a cell, row by row."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.sizes = sizes

    def forward(self, x: Tensor) -> Tensor:
        return torch.unflatten(x.transpose(1, 2), 2, self.sizes)


class ClassToken(nn.Module):
    """One learned token in front of N x T x D (Devlin et al. 2019)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.token = nn.Embedding(1, channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.token.weight.expand(x.shape[0], 1, -1), x], dim=1)


class Positions(nn.Module):
    """Adds a learned vector to each token of N x T x D (Gehring et al. 2017)."""

    def __init__(self, length: int, channels: int) -> None:
        super().__init__()
        self.position = nn.Embedding(length, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.position.weight


class Attention(nn.Module):
    """Multi-head attention of N x T x D to itself or to N x S x E (Vaswani et al. 2017)."""

    def __init__(
        self, channels: int, heads: int, memory_channels: int | None = None, causal: bool = False
    ) -> None:
        super().__init__()
        memory_channels = memory_channels or channels
        self.heads, self.causal = heads, causal
        self.scale = (channels // heads) ** -0.5
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(memory_channels, channels)
        self.value = nn.Linear(memory_channels, channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        memory = x if memory is None else memory
        query, key = self.split(self.query(x)), self.split(self.key(memory))
        scores = torch.matmul(query * self.scale, key.transpose(2, 3))
        if self.causal:
            later = torch.ones(scores.shape[2:], dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(later, float("-inf"))
        mixed = torch.matmul(scores.softmax(3), self.split(self.value(memory)))
        result: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return result

    def split(self, x: Tensor) -> Tensor:
        """N x T x D to N x heads x T x D/heads."""
        return torch.unflatten(x, 2, (self.heads, -1)).transpose(1, 2)
