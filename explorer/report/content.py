"""Everything that a page says, as values: what its sections read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.report.changes import Changes
from explorer.report.info import CostRow, FrontInfo
from explorer.report.net import ClosedNet
from explorer.report.reliability import ReliabilityInfo
from explorer.search import StudyRecord


@dataclass(frozen=True)
class Content:
    """Everything that a page says.

    Attributes:
        facts: of the protocol, as :func:`explorer.score.describe` gives them.
        reliability: of the scores.
        changes: of each trial on the front, by number.
        net: of the best trial, with what its pieces cost; None without one.
        drawings: the figures as SVG, by name.
        files: what lies in the folder, and what it is.
    """

    record: StudyRecord
    folder: Path
    facts: Mapping[str, Any]
    front: FrontInfo
    reliability: ReliabilityInfo
    changes: Mapping[int, Changes]
    net: ClosedNet | None
    costs: Sequence[CostRow]
    drawings: Mapping[str, str]
    files: Mapping[str, str]
