"""Tables for people, drawn with rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from explorer.cost import POOLS, WEIGHTED, Row, count, rows
from explorer.ops import Cost
from explorer.space import Candidate, Space

if TYPE_CHECKING:
    from explorer.build import Audit

CONVENTION = (
    "macs: multiply-adds of convolutions, linear layers and matrix products for one image at "
    "inference, no bias, no auxiliary head. params: trainable. activations: elements put out by "
    "those same layers."
)


def console() -> Console:
    """Where tables go: standard output, as wide as a table needs when it is no terminal."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=120)


def print_counts(space: Space, candidate: Candidate, by: str, heads: str = "") -> None:
    """The cost table of a net, its total, and the convention that was counted by.

    ``heads`` is a line on its auxiliary heads, which are not counted.
    """
    graph = candidate.graph
    total = count(graph)
    classes = f", {graph.classes} classes" if graph.classes else ""
    table = Table(
        title=f"{escape(space.name)}  ·  input {graph.input}{classes}",
        title_justify="left",
        box=None,
    )
    table.add_column(by)
    table.add_column("what")
    if by != "op":
        table.add_column("puts out", justify="right")
    for name in ("macs", "share", "params", "activations"):
        table.add_column(name, justify="right")
    for row in rows(graph, by):
        table.add_row(*_cells(row, total, by))
    table.add_section()
    table.add_row(*_cells(Row("total", "", "", total), total, by), style="bold")
    out = console()
    out.print(table)
    layers, pooled = graph.depth(*WEIGHTED), graph.depth(*WEIGHTED, *POOLS)
    out.print(f"{layers} weight layers on the longest path, {pooled} with pooling", style="dim")
    if heads:
        out.print(heads, style="dim")
    out.print(CONVENTION, style="dim")


def _cells(row: Row, total: Cost, by: str) -> list[str]:
    share = f"{row.cost.macs / total.macs:.1%}" if total.macs else "-"
    cells = [escape(row.name), row.op] + ([row.shape] if by != "op" else [])
    numbers = [f"{row.cost.macs:,}", share, f"{row.cost.params:,}", f"{row.cost.activations:,}"]
    return cells + numbers


def print_audit(audit: Audit) -> None:
    """Our figures beside fvcore's, a row for every kind of op."""
    table = Table(
        title="audit: the built module, recounted by fvcore", title_justify="left", box=None
    )
    for name in ("op", "nodes", "unit"):
        table.add_column(name)
    for name in ("ours", "fvcore", ""):
        table.add_column(name, justify="right")
    for row in audit.rows:
        theirs = "no rule" if row.fvcore is None else f"{row.fvcore:,}"
        verdict = "" if row.fvcore is None else ("equal" if row.agrees else "DIFFERS")
        table.add_row(row.op, str(row.nodes), row.unit, f"{row.ours:,}", theirs, verdict)
    table.add_section()
    for name in Cost._fields:
        ours, theirs_ = getattr(audit.counted, name), getattr(audit.recounted, name)
        source = "torch" if name == "params" else "fvcore"
        verdict = "equal" if ours == theirs_ else "DIFFERS"
        table.add_row(f"all {name}", "", source, f"{ours:,}", f"{theirs_:,}", verdict, style="bold")
    console().print(table)
