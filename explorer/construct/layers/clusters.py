"""Clusters of channels, and how many directions they have.

Arora et al. (arXiv 1310.6343) make units that correlate children of common hidden units; Szegedy et
al. 2014 (section 3) would cover such clusters with convolutions. A cluster here is of channels: its
places are alike.
"""

from __future__ import annotations

import numpy as np

from explorer.construct.cluster import cluster
from explorer.construct.layers.correlations import Array, Correlations
from explorer.construct.signed import signed_graph


def channel_clusters(found: Correlations, seed: int = 0) -> list[Array]:
    """All channels that vary, in clusters; the largest first.

    Two channels want to be together when their strongest correlation at any shift is above the mean
    of all pairs, so the rule knows no scale of its own.
    """
    alive = np.flatnonzero(found.alive)
    if len(alive) == 1:
        return [alive]
    strongest = found.strongest()[np.ix_(alive, alive)]
    typical = strongest[~np.eye(len(alive), dtype=bool)].mean()
    labels = cluster(signed_graph(strongest, float(typical)), restarts=1, seed=seed).labels
    groups = [alive[labels == label] for label in range(int(labels.max()) + 1)]
    return sorted(groups, key=lambda channels: (-len(channels), int(channels[0])))


def effective_rank(units: Array) -> float:
    """Exp of the entropy of the eigenvalues' shares (Roy & Vetterli 2007): 1 to len(units)."""
    values = np.maximum(np.linalg.eigvalsh(units), 0)
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def components(units: Array, share: float) -> int:
    """How many principal components hold this share of the variance."""
    values = np.sort(np.maximum(np.linalg.eigvalsh(units), 0))[::-1]
    return int(np.searchsorted(np.cumsum(values), share * values.sum() - 1e-12)) + 1
