"""What a study found: computed, drawn, worded, and laid out as a page.

Names are loaded when they are first asked for, so that costs can be drawn without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from explorer.report.reliability import ReliabilityInfo, reliability_info

__all__ = [
    "ClosedNet",
    "CostRow",
    "FrontInfo",
    "LearningInfo",
    "Point",
    "ReliabilityInfo",
    "closed_net",
    "cost_rows",
    "front_info",
    "learning_info",
    "reliability_info",
    "write_report",
]

_ELSEWHERE = {
    "ClosedNet": "net",
    "closed_net": "net",
    "write_report": "page",
    "ReliabilityInfo": "reliability",
    "reliability_info": "reliability",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'explorer.report' has no attribute '{name}'")
    return getattr(import_module(f"explorer.report.{_ELSEWHERE.get(name, 'info')}"), name)
