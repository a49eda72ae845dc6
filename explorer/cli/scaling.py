"""Scaled nets for people: side by side in a table, with what the numbers leave out below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log2
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from explorer.budget import Budget, costs_of, show_cost
from explorer.cli.tables import console
from explorer.cost import Cost
from explorer.ops import Shape, image
from explorer.scale import (
    Baseline,
    Coefficients,
    Published,
    ScaledNet,
    factor,
    nearest,
    published,
    side,
    side_step,
)
from explorer.units import format_count

Law = tuple[float, Coefficients]  # phi, and the coefficients of equation 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A net in a row.

    Attributes:
        depth: factor on the depth of the net that is scaled, as are width and the ratio of macs.
        promised: what the ratio should be; None where nothing promises it.
        phi: where on the line of equation 3 it lies, when it does.
    """

    name: str
    depth: Fraction
    width: Fraction
    input: Shape
    layers: int
    cost: Cost
    ratio: float
    promised: float | None = None
    phi: float | None = None


def entries(base: Baseline, net: ScaledNet, law: Law | None) -> list[Entry]:
    """The net as it was, as it is scaled, and the published nets that are of interest beside it."""
    one = Fraction(1)
    before = Entry(base.name, one, one, base.input, base.layers, base.cost, 1.0)
    near = _near(base, net, law)
    return [before, _scaled(base, net, law), *(_member(base, member) for member in near)]


def _scaled(base: Baseline, net: ScaledNet, law: Law | None) -> Entry:
    name = "scaled by hand" if law is None else f"equation 3, phi = {law[0]:g}"
    return Entry(
        name,
        net.depth,
        net.width,
        net.input,
        net.layers,
        net.cost,
        net.cost.macs / base.cost.macs,
        _promise(net) if law is None else 2 ** law[0],
        None if law is None else law[0],
    )


def _promise(net: ScaledNet) -> float:
    """Depth multiplies the macs once, width twice, and resolution once for every axis."""
    axes = len(net.input.grid)
    return float(net.depth * net.width**2 * net.asked.resolution**axes)


def _near(base: Baseline, net: ScaledNet, law: Law | None) -> tuple[Published, ...]:
    """The member that is nearest in macs, and before it the one that is phi members further on."""
    family = published(base)
    if not family:
        return ()
    number = position(base, family) + law[0] if law else -1.0
    is_member = number == int(number) and 0 <= number < len(family)
    named = [family[int(number)]] if is_member else []
    return tuple(dict.fromkeys([*named, nearest(family, net.cost.macs)]))


def position(base: Baseline, family: Sequence[Published]) -> int:
    """Which member of its family the net is; the first where it is none of them."""
    same = (number for number, member in enumerate(family) if member.cost == base.cost)
    return next(same, 0)


def _member(base: Baseline, member: Published) -> Entry:
    return Entry(
        f"published {member.name}",
        member.depth,
        member.width,
        image(base.input.channels, *[member.resolution] * len(base.input.grid)),
        member.layers,
        member.cost,
        member.cost.macs / base.cost.macs,
    )


# ---- one net


def print_scaled(
    base: Baseline, net: ScaledNet, law: Law | None, budget: Budget | None, written: Path | None
) -> None:
    """The net before and after, and what scaling did to it.

    Args:
        base: the net as it was.
        net: the net as it is.
        law: where on the line of equation 3 it lies, when it does.
        budget: what it was to fit, if anything.
        written: where its text is now, if anywhere.
    """
    rows = entries(base, net, law)
    table = Table(box=None)
    table.add_column("")
    promise = "promised" if law is None else "2^phi"
    for name in ("depth", "width", "pixels", "layers", "macs", "ratio", promise, "params"):
        table.add_column(name, justify="right")
    for number, row in enumerate(rows):
        table.add_row(*_cells(row), style="bold" if number == 1 else None)
    out = console()
    out.print(table)
    for note in _notes(base, net, law, budget):
        out.print(escape(note), style="dim", soft_wrap=True)
    told = f"{written}: written" if written else "add -o FILE.net to write it as a text"
    out.print(escape(told), soft_wrap=True)


def _cells(row: Entry) -> list[str]:
    return [
        escape(row.name),
        factor(row.depth),
        factor(row.width),
        side(row.input),
        str(row.layers),
        f"{row.cost.macs:,}",
        f"{row.ratio:.2f}",
        "" if row.promised is None else f"{row.promised:.2f}",
        f"{row.cost.params:,}",
    ]


def _notes(base: Baseline, net: ScaledNet, law: Law | None, budget: Budget | None) -> Iterator[str]:
    if budget is not None:
        yield f"budget: {', '.join(_used(net, budget))}"
    if law is not None:
        yield _on_law(net, law)
    yield _on_depth(base, net)
    if net.width != net.asked.width:
        yield (
            f"width: {factor(net.asked.width)} makes no net, for rounded channels that are joined "
            f"no longer add up; {factor(net.width)} does"
        )
    wanted = base.input.grid[0] * net.asked.resolution
    if wanted != net.input.grid[0]:
        yield (
            f"resolution: {float(wanted):.1f} pixels asked for, {side(net.input)} is the nearest "
            f"multiple of {side_step(base.input.grid[0])} that fits"
        )
    if net.heads_lost:
        yield "auxiliary heads: left out, for they do not fit these grids"
    if published(base) and law is not None:
        yield (
            "published nets are not equation 3 at whole phi; all of them: "
            f"explorer scale {Path(base.source.file).stem} --published"
        )


def _used(net: ScaledNet, budget: Budget) -> Iterator[str]:
    for name, value in costs_of(net.graph, budget).items():
        yield f"{value / budget.limits[name]:.1%} of {show_cost(name, budget.limits[name])}"


def _on_law(net: ScaledNet, law: Law) -> str:
    """What equation 3 says, and why it is not quite what is counted."""
    phi, coefficients = law
    product, words = coefficients.product, "alpha beta^2 gamma^2"
    if len(net.input.grid) == 1:
        product, words = product / coefficients.gamma, "alpha beta^2 gamma"
    return (
        f"equation 3: {coefficients}; ({words})^phi = {product:.2f}^{phi:g} = {product**phi:.2f}, "
        "the rest comes from whole modules, channels and pixels"
    )


def _on_depth(base: Baseline, net: ScaledNet) -> str:
    if base.depth_param is not None:
        return f"depth: by the param '{base.depth_param}' of the text"
    if not net.changes:
        return "depth: stays, for the text has no repeat and no module that could stand twice"
    changes = ", ".join(f"{change.before} -> {change.after}" for change in net.changes)
    return f"depth: modules of the stages {changes}"


# ---- a family


def family_entries(
    base: Baseline,
    coefficients: Coefficients,
    family: Sequence[Published],
    nets: Sequence[ScaledNet],
) -> list[tuple[Entry, Entry]]:
    """Every published net, and the net of equation 3 that is as many phi from the one that is."""
    first = position(base, family)
    return [
        (_member(base, member), _scaled(base, net, (number - first, coefficients)))
        for number, (member, net) in enumerate(zip(family, nets, strict=True))
    ]


def print_family(
    base: Baseline, coefficients: Coefficients, rows: Sequence[tuple[Entry, Entry]]
) -> None:
    """Published nets on the left, equation 3 on the right."""
    title = f"{base.name}: published, and by equation 3 with {coefficients}"
    table = Table(box=None, title=escape(title), title_justify="left")
    table.add_column("published")
    figures = ("depth", "width", "pixels", "macs", "params")
    for name in (*figures, "log2", "", "phi", *figures, "log2"):
        table.add_column(name, justify="right")
    for member, net in rows:
        name = member.name.removeprefix("published ")
        table.add_row(escape(name), *_short(member), "", f"{net.phi:g}", *_short(net))
    out = console()
    out.print(table)
    out.print(
        "log2: of the macs over those of the net that is scaled, which is the phi that would give "
        "as many if 2^phi held exactly",
        style="dim",
        soft_wrap=True,
    )


def _short(row: Entry) -> list[str]:
    return [
        factor(row.depth),
        factor(row.width),
        side(row.input),
        format_count(row.cost.macs),
        format_count(row.cost.params),
        f"{log2(row.ratio):.2f}",
    ]
