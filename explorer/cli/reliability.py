"""The reliability of a study for the terminal: a table, and the words of the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isfinite
from typing import Any

from rich.markup import escape
from rich.table import Table

from explorer.cli.tables import console
from explorer.report import correlations, trust
from explorer.report.info import FrontInfo, front_info
from explorer.report.page import facts_of
from explorer.report.reliability import ReliabilityInfo, reliability_info
from explorer.score.noise import Ceiling
from explorer.score.reliability import Interval
from explorer.search import StudyRecord


def print_reliability(record: StudyRecord, as_json: bool) -> None:
    """Print what a study knows of its scores.

    Raises:
        ExplorerError: the facts of its protocol were not stored, and its data cannot be opened.
    """
    front = front_info(record, facts_of(record).get("validation objects", 0))
    info = reliability_info(record, front)
    if as_json:
        print(json.dumps({"study": record.name, **to_json(front, info)}, allow_nan=False))
    else:
        _print(record.name, front, info)


def _print(name: str, front: FrontInfo, info: ReliabilityInfo) -> None:
    out = console()
    out.print(f"{escape(name)}  ·  how far to trust the scores", style="bold")
    _say(trust.noise(front, info))
    if front.best is None:
        return
    if info.rows:
        out.print()
        out.print(_table(info))
    _say([" ".join(correlations.notes(info))], "dim")
    _say(correlations.ceiling(info))
    _say(trust.verdict(front, info), "bold")


def _say(texts: list[str], style: str = "") -> None:
    out = console()
    for text in texts:
        out.print()
        out.print(escape(text.replace("\N{NO-BREAK SPACE}", " ")), style=style)


def _table(info: ReliabilityInfo) -> Table:
    title = escape(correlations.table_caption(info))
    table = Table(title=title, title_justify="left", box=None)
    first, *others = correlations.columns(info)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    before = info.rows[0].kind
    for row in info.rows:
        if row.kind != before:
            table.add_section()
        table.add_row(*map(escape, correlations.cells(info, row)))
        before = row.kind
    return table


# ---- for machines


def to_json(front: FrontInfo, info: ReliabilityInfo) -> dict[str, Any]:
    """The numbers, shares as they are and what is not known as null, and the last words."""
    ceiling = info.ceiling
    return {
        "complete": info.complete,
        "trained_twice": info.twice,
        "second_trainings_diverged": info.diverged,
        "noise_between_seeds": asdict(info.seeds) if info.seeds else None,
        "spread_of_scores": info.spread,
        "bands_of_macs": info.bands,
        "rank_correlations": [
            {field.name: _plain(getattr(row, field.name)) for field in fields(row)}
            for row in info.rows
        ],
        "kendall_between_seeds": _plain(info.agreement),
        "ceiling": _ceiling(ceiling) if ceiling else None,
        "front": asdict(info.verdict) if info.verdict else None,
        "confirmed": asdict(front.confirmation) if front.confirmation else None,
        "in_words": trust.verdict(front, info),
    }


def _ceiling(found: Ceiling) -> Mapping[str, Any]:
    return {"retrained": _plain(found.retrained), "perfect": _plain(found.perfect)}


def _plain(value: object) -> Any:
    """An interval by names; null for what is not defined."""
    if isinstance(value, Interval):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
