"""Networks from the correlations of what they are to explain: recovery and clustering."""

from explorer.construct.cluster import Clustering, cluster
from explorer.construct.correlate import correlations, linked_pairs, pair_counts, streamed_counts
from explorer.construct.exact import best_clustering
from explorer.construct.filters import (
    FilterModel,
    FilterQuality,
    Filters,
    draw_filters,
    draw_maps,
    filter_quality,
    recover_filters,
)
from explorer.construct.match import LayerQuality, Quality, matching, network_quality, quality
from explorer.construct.model import Bottom, Model, draw_network, draw_samples
from explorer.construct.recover import Layer, recover_layer, recover_network, recover_real_layer
from explorer.construct.signed import SignedGraph, agreement, signed_graph
from explorer.construct.thresholds import ADAPTIVE, Adaptive, Paper

__all__ = [
    "ADAPTIVE",
    "Adaptive",
    "Bottom",
    "Clustering",
    "FilterModel",
    "FilterQuality",
    "Filters",
    "Layer",
    "LayerQuality",
    "Model",
    "Paper",
    "Quality",
    "SignedGraph",
    "agreement",
    "best_clustering",
    "cluster",
    "correlations",
    "draw_filters",
    "draw_maps",
    "draw_network",
    "draw_samples",
    "filter_quality",
    "linked_pairs",
    "matching",
    "network_quality",
    "pair_counts",
    "quality",
    "recover_filters",
    "recover_layer",
    "recover_network",
    "recover_real_layer",
    "signed_graph",
    "streamed_counts",
]
