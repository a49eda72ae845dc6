"""The difference of two nets for people, drawn with rich."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from explorer.cli.tables import console
from explorer.compare import FIGURES, ChoiceChange, Difference, lines


def print_difference(found: Difference, everything: bool = False) -> None:
    """The choices, the levers and the cost in which two nets differ."""
    out = console()
    if found.choices:
        out.print(_choices(found))
    for line in lines(found.changes, everything):
        lever, _, rest = line.partition(":")
        out.print(f"[bold]{escape(lever)}[/bold]:{escape(rest)}", soft_wrap=True)
    if found.is_same:
        out.print(_same(found), soft_wrap=True)
    title = f"A: {found.a.label}  ·  B: {found.b.label}"
    out.print(title, style="italic", markup=False, soft_wrap=True)
    out.print(_costs(found))


def _same(found: Difference) -> str:
    if found.renamed:
        return f"the same computation: only names differ, those of {found.renamed} nodes"
    if found.choices:
        return "the same computation: the choices that differ make no difference"
    return "no difference: the same computation"


def _choices(found: Difference) -> Table:
    """A row for every choice, under the piece that it belongs to."""
    table = Table(title="choices", title_justify="left", box=None)
    for column in ("in", "choice"):
        table.add_column(column)
    for label in ("A", "B"):
        table.add_column(label, justify="right")
    group = None
    for choice in found.choices:
        shown = "" if choice.group == group else choice.group
        group = choice.group
        table.add_row(shown, choice.path.removeprefix(f"{group}."), *_values(choice))
    return table


def _values(choice: ChoiceChange) -> list[str]:
    pairs = ((choice.a, choice.active_a), (choice.b, choice.active_b))
    return [str(value) if active else f"[dim]{value} (inactive)[/dim]" for value, active in pairs]


def _costs(found: Difference) -> Table:
    """The figures of both nets, their difference and ratio."""
    table = Table(box=None)
    table.add_column("cost")
    for column in ("A", "B", "B - A", "B / A"):
        table.add_column(column, justify="right")
    for name, a, b in zip(FIGURES, found.a.figures, found.b.figures, strict=True):
        ratio = f"{b / a:.3f}" if a else "-"
        change = f"{b - a:+,}" if b != a else "0"
        table.add_row(name, f"{a:,}", f"{b:,}", change, ratio)
    return table
