"""The space around a net: its widths, depths and kernels opened for search. Without torch."""

from explorer.around.plan import FACTORS
from explorer.around.space import MOST, around

__all__ = ["FACTORS", "MOST", "around"]
