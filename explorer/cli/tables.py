"""Tables for people, drawn with rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from explorer.cost import (
    POOLS,
    WEIGHTED,
    Field,
    Row,
    count,
    inference_peak,
    receptive_field,
    rows,
    training_memory,
    weight_memory,
)
from explorer.graph import Graph
from explorer.ops import Cost
from explorer.space import Candidate, Space
from explorer.units import ITEM_BYTES, format_count

if TYPE_CHECKING:
    from explorer.build import Audit

CONVENTION = (
    "macs: multiply-adds of convolutions, linear layers and matrix products for one image at "
    "inference, no bias, no auxiliary head. params: trainable. activations: elements put out by "
    "those same layers. memory: the values of one image that are live at once, each dropped after "
    "its last reader; in training, all that the backward pass needs."
)


def console() -> Console:
    """Where tables go: standard output, as wide as a table needs when it is no terminal."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=120)


def print_counts(space: Space, candidate: Candidate, by: str, dtype: str, heads: str = "") -> None:
    """The cost table of a net, its total, and the convention that was counted by.

    ``dtype`` is what bytes are counted in; ``heads`` a line on its auxiliary heads, which are not
    counted.
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
    out.print(_figures(graph, dtype))
    if heads:
        out.print(heads, style="dim")
    out.print(CONVENTION, style="dim")


def _figures(graph: Graph, dtype: str) -> Table:
    """What is of the whole net alone: depth, bytes, and how much of the input a cell sees."""
    itemsize = ITEM_BYTES[dtype]
    layers, pooled = graph.depth(*WEIGHTED), graph.depth(*WEIGHTED, *POOLS)
    peak, field = inference_peak(graph, itemsize), receptive_field(graph)
    at = escape(graph.nodes[peak.node].path)
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_row("depth", str(layers), f"weight layers on the longest path, {pooled} with pooling")
    table.add_row("weights", *_bytes(weight_memory(graph, itemsize), f"in {dtype}"))
    table.add_row("memory", *_bytes(peak.bytes, f"at its peak, {at}"))
    table.add_row("training memory", *_bytes(training_memory(graph, itemsize), "an image"))
    if field is not None:
        window = "x".join(str(size) for size in field.window)
        table.add_row("receptive field", window, _seen(graph, field))
    return table


def _bytes(count: int, note: str) -> tuple[str, str]:
    """A number of bytes, and what to say behind it."""
    return f"{count:,}", f"bytes ({format_count(count)}B) {note}"


def _seen(graph: Graph, field: Field) -> str:
    """Whose receptive field it is, and what sees more."""
    where = f"at {escape(graph.nodes[field.node].path)}"
    if field.sees_all:
        return f"{where}; gates, attention or group norms see all"
    return f"{where}; the output sees all" if field.output_sees_all else where


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
