"""The grid search of compound scaling: every point trained by one protocol, at about one cost.

Tan & Le 2019, section 3.3, step 1: which alpha, beta and gamma? Runs that are finished are lines of
a file and are not done again.
"""

from explorer.search.grid.bill import Bill, bill
from explorer.search.grid.points import Grid, Point
from explorer.search.grid.result import Result, Row, result
from explorer.search.grid.scores import Score, ScoreFile
from explorer.search.grid.train import Trainer

__all__ = [
    "Bill",
    "Grid",
    "Point",
    "Result",
    "Row",
    "Score",
    "ScoreFile",
    "Trainer",
    "bill",
    "result",
]
