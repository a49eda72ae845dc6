"""Two nets side by side: the levers in which they differ. Never torch."""

from explorer.compare.change import Change, Spot
from explorer.compare.difference import (
    FIGURES,
    ChoiceChange,
    Difference,
    Subject,
    Summary,
    choice_changes,
    compare,
    difference,
)
from explorer.compare.lines import lines

__all__ = [
    "FIGURES",
    "Change",
    "ChoiceChange",
    "Difference",
    "Spot",
    "Subject",
    "Summary",
    "choice_changes",
    "compare",
    "difference",
    "lines",
]
