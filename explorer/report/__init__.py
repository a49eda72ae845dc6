"""What a study found: computed, drawn, worded, and laid out as a page."""

from explorer.report.info import (
    CostRow,
    FrontInfo,
    LearningInfo,
    Point,
    cost_rows,
    front_info,
    learning_info,
)
from explorer.report.net import ClosedNet, closed_net
from explorer.report.page import write_report

__all__ = [
    "ClosedNet",
    "CostRow",
    "FrontInfo",
    "LearningInfo",
    "Point",
    "closed_net",
    "cost_rows",
    "front_info",
    "learning_info",
    "write_report",
]
