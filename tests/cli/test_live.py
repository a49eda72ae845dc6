"""The search as it runs: what the bar counts, and what a line says."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from explorer.cli.live import line, watch, work_again, work_done
from explorer.search import Effort, StudyRecord
from tests.report.studies import confirmed, measured


def shown(record: StudyRecord, effort: Effort) -> str:
    console = Console(width=120, height=60, force_terminal=True, record=True, file=StringIO())
    watch(iter([record]), effort, console)
    return console.export_text()


def test_the_bar_counts_candidates_and_scores_of_the_front() -> None:
    before = measured(12)
    front = len(before.front)
    assert (work_done(before), work_again(before, 0), work_again(before, 2)) == (12, 0, 2 * front)
    after = confirmed(before, 2, sigma=0.03)
    again = len(after.trials) - 12
    assert (work_done(after), work_again(after, 2)) == (12 + again, again)
    running = replace(after.trials[-1], state="running", curve=after.trials[-1].curve[:1])
    begun = replace(after, trials=(*after.trials[:-1], running))
    epochs = after.settings.protocol.recipe.epochs
    assert work_done(begun) == 12 + again - 1 + 1 / epochs
    assert work_again(begun, 2) >= again


def test_what_is_scored_again_is_counted_apart() -> None:
    record = confirmed(measured(12), 1)
    again = len(record.trials) - 12
    text = shown(record, Effort(12, confirm=1))
    assert f"12 of 12 candidates, {again} scored again" in text
    endless = shown(record, Effort(10**6, seconds=60, confirm=1))
    assert f"12 candidates, {again} scored again" in endless
    assert "scored again" not in shown(measured(12), Effort(12))


def test_a_line_gives_the_score_of_its_own_seed() -> None:
    record = confirmed(measured(12), 1, sigma=0.05)
    last = record.trials[-1]
    assert f"accuracy {last.first:.3f}" in line(last)
