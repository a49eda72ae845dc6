"""Filters of images: hidden units that occur at every position."""

from explorer.construct.filters.match import FilterQuality, filter_quality, match_filters
from explorer.construct.filters.planted import Drawn, FilterModel, draw_filters, draw_maps
from explorer.construct.filters.recover import Filters, recover_filters

__all__ = [
    "Drawn",
    "FilterModel",
    "FilterQuality",
    "Filters",
    "draw_filters",
    "draw_maps",
    "filter_quality",
    "match_filters",
    "recover_filters",
]
