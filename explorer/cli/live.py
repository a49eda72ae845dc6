"""The search as it runs: a bar, the front as a picture of characters, and the front as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from explorer.report.unit import ACCURACY, Unit, unit_of
from explorer.score.rungs import WHOLE, Rungs
from explorer.search.records import StudyRecord, Trial
from explorer.search.trials.confirm import count_missing
from explorer.search.workers.supervisor import Effort
from explorer.units import format_count

_WIDTH, _HEIGHT = 64, 14  # characters of the picture


def watch(states: Iterator[StudyRecord], effort: Effort, console: Console) -> StudyRecord:
    """Draw the states of a study until it ends; returns the last one.

    On a terminal everything is redrawn in place; elsewhere every finished trial is one line.
    """
    return _draw(states, effort, console) if console.is_terminal else _list(states, effort, console)


def _draw(states: Iterator[StudyRecord], effort: Effort, console: Console) -> StudyRecord:
    progress = Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )
    task = progress.add_task("", total=None, done="")
    record = None
    with Live(console=console, refresh_per_second=4) as live:
        for record in states:
            candidates = None if effort.seconds and effort.trials >= 10**6 else effort.trials
            again = sum(1 for t in record.trials if t.seed and t.is_complete)
            done = f"{len(record.complete)}{f' of {candidates}' if candidates else ''} candidates"
            done += f", {again} scored again" if again else ""
            progress.update(
                task,
                description=unit_of(record.settings).doing,
                total=candidates and candidates + work_again(record, effort.confirm),
                completed=work_done(record),
                done=done,
            )
            live.update(Group(progress, picture(record), front_table(record, live=True)))
    assert record is not None
    return record


def _list(states: Iterator[StudyRecord], effort: Effort, console: Console) -> StudyRecord:
    told: set[int] = set()
    record = None
    for record in states:
        unit, rungs = unit_of(record.settings), record.settings.protocol.ladder
        first = {trial.candidate: trial.number for trial in record.complete}
        for trial in record.trials:
            if trial.number not in told and trial.state in ("complete", "failed"):
                told.add(trial.number)
                note = f"  (trial {first[trial.candidate]} again)" if trial.seed else ""
                console.print(line(trial, unit, rungs) + note, soft_wrap=True)
    assert record is not None
    return record


def work_done(record: StudyRecord) -> float:
    """Candidates that were scored or failed, and the share of epochs done of those at work.

    Every time that one was scored again counts as one more.
    """
    epochs = record.settings.protocol.recipe.epochs
    ended = {(t.candidate, t.seed) for t in record.trials if t.state in ("complete", "failed")}
    running = {
        (trial.candidate, trial.seed): len(trial.curve) / epochs
        for trial in record.trials
        if trial.state == "running" and (trial.candidate, trial.seed) not in ended
    }
    return len(ended) + sum(running.values())


def work_again(record: StudyRecord, confirm: int) -> int:
    """How often candidates were and will be scored again, if the front stays as it is."""
    begun = len({(trial.candidate, trial.seed) for trial in record.trials if trial.seed})
    return begun + count_missing(record.trials, record.settings.protocol.ladder.top, confirm)


def line(trial: Trial, unit: Unit = ACCURACY, rungs: Rungs = WHOLE) -> str:
    """A finished trial in one line; where there are rungs, whom it took to which of them."""
    who = f"trial {trial.number:3}"
    if rungs.top:
        who += f"  candidate {trial.candidate:3} at rung {trial.rung + 1} of {rungs.top + 1}"
    net = f"{who}  {format_count(trial.cost.macs):>8} macs"
    if trial.state == "failed":
        return f"{net}  failed: {escape(trial.reason)}"
    return f"{net}  {unit.name} {unit.bare(trial.first)}  {trial.seconds:.0f} s"


def picture(record: StudyRecord) -> Panel:
    """Scores over macs: the front as filled circles, the rest as dots, the budget as a line."""
    title = f"{escape(record.name)}: {unit_of(record.settings).name} over macs"
    if not record.complete:
        return Panel(Text("waiting for the first candidate"), title=title, width=_WIDTH + 12)
    canvas = _Canvas(record)
    for trial in record.complete:
        canvas.put(trial.cost.macs, trial.accuracy, "·", "dim")
    for trial in record.front:
        canvas.put(trial.cost.macs, trial.accuracy, "●", "bold cyan")
    if record.reference:
        canvas.put(record.reference.cost.macs, record.reference.accuracy, "★", "bold yellow")
    legend = "● front  · dominated  │ budget" + ("  ★ defaults" if record.reference else "")
    width = _WIDTH + 6 + canvas.margin
    return Panel(canvas.text(), title=title, subtitle=legend, width=width)


class _Canvas:
    """A grid of characters with axes; macs are spread by their logarithm."""

    def __init__(self, record: StudyRecord) -> None:
        points = [(t.cost.macs, t.accuracy) for t in record.complete]
        if record.reference:
            points.append((record.reference.cost.macs, record.reference.accuracy))
        self.budget = record.settings.budget.macs
        macs = [point[0] for point in points] + ([self.budget] if self.budget else [])
        self.left, self.right = math.log(min(macs) * 0.95), math.log(max(macs) * 1.05)
        scores, unit = [point[1] for point in points], unit_of(record.settings)
        beyond = unit.margin(min(scores), max(scores))
        self.low, self.high = min(scores) - beyond, max(scores) + beyond
        self.labels = {0: unit.bare(self.high), _HEIGHT - 1: unit.bare(self.low)}
        self.margin = max(6, *map(len, self.labels.values()))  # characters to the left
        self.cells = [[(" ", "")] * _WIDTH for _ in range(_HEIGHT)]
        if self.budget:
            for row in range(_HEIGHT):
                self.cells[row][self._column(self.budget)] = ("│", "red")

    def _column(self, macs: int) -> int:
        share = (math.log(macs) - self.left) / (self.right - self.left)
        return round(share * (_WIDTH - 1))

    def put(self, macs: int, score: float, sign: str, style: str) -> None:
        share = (score - self.low) / (self.high - self.low)
        row = _HEIGHT - 1 - round(share * (_HEIGHT - 1))
        self.cells[row][self._column(macs)] = (sign, style)

    def text(self) -> Text:
        result = Text()
        for index, row in enumerate(self.cells):
            result.append(f"{self.labels.get(index, ''):>{self.margin}} ")
            for sign, style in row:
                result.append(sign, style)
            result.append("\n")
        left, right = (
            format_count(round(math.exp(self.left))),
            format_count(round(math.exp(self.right))),
        )
        result.append(f"{'':{self.margin + 1}}{left}{right:>{_WIDTH - len(left)}}")
        return result


def front_table(record: StudyRecord, live: bool = False) -> Table:
    """The front, from the cheapest net to the best."""
    table = Table(box=None, title="the front" if live else None, title_justify="left")
    unit = unit_of(record.settings)
    for name in ("trial", unit.name, "macs", "of budget", "params"):
        table.add_column(name, justify="right")
    budget = record.settings.budget.macs
    shown = record.front[-8:] if live else record.front
    for trial in shown:
        share = f"{trial.cost.macs / budget:.0%}" if budget else "-"
        macs, params = format_count(trial.cost.macs), format_count(trial.cost.params)
        table.add_row(str(trial.number), unit.bare(trial.accuracy), macs, share, params)
    return table
