"""Data to train and compare candidates on: numpy arrays, from a name or a path.

>>> from explorer.data import load
>>> load("fashion").train.images.shape
(6000, 28, 28, 1)
"""

from __future__ import annotations

from explorer.data.load import SHIPPED, load
from explorer.data.sets import Dataset, Split

__all__ = ["SHIPPED", "Dataset", "Split", "load"]
