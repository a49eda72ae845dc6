"""Scores of nets at random weights: what can be known of a candidate before it is trained."""

from explorer.score.free.combine import DEFAULT, combine
from explorer.score.free.draw import IMAGES, draw_batch
from explorer.score.free.patterns import regularised
from explorer.score.free.subject import Batch
from explorer.score.free.table import FREE_SCORES, FreeScore, Scores, free_scores

__all__ = [
    "DEFAULT",
    "FREE_SCORES",
    "IMAGES",
    "Batch",
    "FreeScore",
    "Scores",
    "combine",
    "draw_batch",
    "free_scores",
    "regularised",
]
