"""Pictures of nets: computed as numbers first, then drawn."""

from explorer.picture.draw import check_suffix, draw, save
from explorer.picture.layout import layout
from explorer.picture.picture import Picture

__all__ = ["Picture", "check_suffix", "draw", "layout", "save"]
