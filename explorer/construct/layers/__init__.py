"""Convolutional nets from correlations: look at the maps of a layer, make the next one, go on.

What trains needs torch, and loads it when it is called.
"""

from explorer.construct.layers.construct import Construction, Step, construct
from explorer.construct.layers.correlations import Correlations, correlations
from explorer.construct.layers.coverage import Coverage
from explorer.construct.layers.rule import Seen, look

__all__ = [
    "Construction",
    "Correlations",
    "Coverage",
    "Seen",
    "Step",
    "construct",
    "correlations",
    "look",
]
