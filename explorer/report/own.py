"""What a page says of scores by a function of the user's own, of which it knows the name alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.search import StudyRecord

NOT_DONE = "The search itself trained no proxy, opened no data, and took no training-free score."


def scoring(record: StudyRecord, facts: Mapping[str, Any], again: str) -> list[str]:
    """How candidates were scored.

    Args:
        record: of the study.
        facts: of the function: ``about`` is the first line of its docstring.
        again: which candidates have more than one score, and why.
    """
    about = facts.get("about")
    return [
        f"Each candidate was scored by the function “{record.settings.score}”"
        f"{f' ({again})' if again else ''}, which is given the candidate and a seed and returns a "
        f"number; more is better.{f' It says of itself: “{about}”' if about else ''}",
        "What it looks at, and on which data, is its own affair: the study holds its name and what "
        "it returned, not its text. The costs are those of the nets themselves.",
    ]


IMAGES = (
    "The search chose by these scores. Whether data were kept aside, on which the best nets could "
    "be judged without having been chosen by them, is the function's affair."
)
