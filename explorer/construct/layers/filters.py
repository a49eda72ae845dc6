"""Filters to begin with: what the clusters look like, each with both signs.

A rectifier keeps one sign of what a filter says, so every template is followed by its negative, as
Coates and Ng (2011, "The importance of encoding versus training with sparse coding and vector
quantization") do with their features.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from explorer.construct.layers.correlations import Array, Correlations, Shift
from explorer.construct.layers.rule import Seen, cluster_templates


def signed_templates(seen: Seen, window: Shift, size: int, number: int) -> Array:
    """Templates of all clusters for one window.

    Every cluster gives as many as its directions and its share of the window ask for. Those that a
    smaller window already gave come first among a cluster's principal components, and are passed
    over.

    Args:
        seen: of the maps that the filters will read.
        window: of the kernel.
        size: its place among the sizes of windows.
        number: of filters.

    Returns:
        of (number, channels, *window), each of norm 1.
    """
    wanted = np.array([c.directions * float(c.shares[size]) for c in seen.clusters])
    if wanted.sum() <= 0:
        wanted = np.array([c.directions for c in seen.clusters])
    wanted = wanted / wanted.sum() * number
    found = np.zeros((0, seen.found.channels, *window))
    scores = np.zeros(0)
    for cluster, share in zip(seen.clusters, wanted, strict=True):
        before = cluster.directions * float(cluster.shares[:size].sum())
        pairs = ceil(share / 2) + 1
        skipped = ceil(before / 2) if size else 0
        values, templates = cluster_templates(seen.found, cluster.channels, window, skipped + pairs)
        values, templates = values[skipped:], templates[skipped:]
        whole = np.zeros((len(templates), seen.found.channels, *window))
        whole[:, cluster.channels] = templates
        found = np.concatenate([found, whole])
        # The n-th template of a cluster that asks for s filters comes at (n + 1) / s.
        scores = np.concatenate([scores, (np.arange(len(values)) + 1) / max(share, 1e-9)])
    order = np.argsort(scores, kind="stable")[: ceil(number / 2)]
    return both_signs(found[order], number)


def principal_directions(found: Correlations, number: int) -> Array:
    """The strongest directions of all channels at one place, each with both signs.

    Returns:
        of (number, channels), each of norm 1.
    """
    one = (0,) * len(found.reach)
    values, vectors = np.linalg.eigh(found.at(one))
    strongest = vectors[:, np.argsort(-values)[: ceil(number / 2)]].T
    return both_signs(strongest, number)


def both_signs(templates: Array, number: int) -> Array:
    """Every template, then its negative; again from the first where they do not suffice."""
    signed = np.stack([templates, -templates], axis=1).reshape(-1, *templates.shape[1:])
    repeats = ceil(number / len(signed))
    found: Array = np.concatenate([signed] * repeats)[:number]
    return found
