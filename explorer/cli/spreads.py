"""The profile of a space for people: its costs, what decides them, and the nets at the ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from explorer.budget import Extreme, Profile, show_cost
from explorer.budget.axis import figure, heading
from explorer.budget.drivers import Driver
from explorer.budget.profile import LEVELS
from explorer.budget.sample import Figures, Sample
from explorer.budget.share import fits_in_words, percent
from explorer.cli.tables import console

_BLOCKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BAR = 16  # characters
_BINS = (15, 32)  # of a histogram, the fewest and the most
_TAKEN = 65  # characters of the table of costs without it
_SHOWN = 8  # choices that decide most
_NAMED = 4  # of those of every other cost


def print_profile(profile: Profile, written: Sequence[Path] = ()) -> None:
    """How the costs of a space lie, in about 30 lines.

    Args:
        profile: what was found.
        written: the files that were made of it.
    """
    out = console()
    for line in _head(profile):
        out.print(escape(line))
    out.print()
    out.print(_costs(profile, _bins(out)))
    for line in _notes(profile):
        out.print(escape(line))
    out.print()
    for part in _drivers(profile):
        out.print(part)
    out.print()
    out.print(_nets(profile))
    for path in written:
        out.print(escape(f"{path}: written"), soft_wrap=True)


def _bins(out: Console) -> int:
    fewest, most = _BINS
    return min(max(out.width - _TAKEN, fewest), most)


def _head(profile: Profile) -> Iterator[str]:
    space, count = profile.space, profile.drawn.valid.of
    size = f"{space.size:,}" if space.size < 10**9 else f"10^{profile.power:.0f}"
    choices = f"{profile.open} choice{'s'[: profile.open - 1]}"
    yield f"{space.name}  ·  input {space.header.input}  ·  {choices}, {size} assignments"
    if profile.is_exact:
        yield f"all {count:,} counted, so every figure is exact"
    else:
        more = ""
        if profile.within is not None and profile.budget is not None:
            more = f", and {profile.within.size:,} of those within {profile.budget.describe()}"
        yield f"{count:,} drawn at random{more}"


# ---- costs


def _costs(profile: Profile, bins: int) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    ends = [] if profile.is_exact else ["least", "most"]  # otherwise they are the min and the max
    for level in (*ends[:1], "min", "5%", "median", "95%", "max", *ends[1:]):
        table.add_column(level, justify="right", style="bold" if level in ends else None)
    table.add_column("min to max, log", no_wrap=True)
    for name in profile.names:
        _rows(table, profile, name, bins)
    return table


def _rows(table: Table, profile: Profile, name: str, bins: int) -> None:
    """A row for what random draws cost, and one for those within the budget."""
    edges = profile.edges(name, bins)
    outer = [] if profile.is_exact else [profile.least[name].cost, profile.most[name].cost]
    ends = [figure(name, cost) for cost in outer]
    table.add_row(heading(name), *_row(profile.drawn, name, ends, edges))
    if profile.within is not None:
        blank = ["" for _ in ends]
        table.add_row("  in budget", *_row(profile.within, name, blank, edges), style="green")


def _row(sample: Sample, name: str, ends: Sequence[str], edges: Figures) -> list[str]:
    told = [figure(name, cost) for cost in sample.quantiles(name, LEVELS)]
    return [*ends[:1], *told, *ends[1:], _sparkline(sample, name, edges)]


def _sparkline(sample: Sample, name: str, edges: Figures) -> str:
    heights = sample.histogram(name, edges)
    steps = np.ceil(heights / heights.max() * (len(_BLOCKS) - 1)).astype(int)
    return "".join(_BLOCKS[step] for step in steps).rstrip()


# ---- what is below the table


def _notes(profile: Profile) -> Iterator[str]:
    valid = profile.drawn.valid
    if valid.value < 1:
        yield f"{percent(valid.value)} of the space has a graph ({valid.interval()})"
    if profile.budget is not None and profile.fitting is not None:
        yield fits_in_words(profile.budget, profile.fitting)
    if not profile.is_exact:
        yield from _proven([profile.least[name] for name in profile.names])


def _proven(ends: Sequence[Extreme]) -> Iterator[str]:
    """What is known of the least of each cost."""
    exact = [show_cost(end.name, end.cost) for end in ends if end.is_exact]
    found = [_found(end) for end in ends if not end.is_exact]
    if exact:
        found.append(f"{', '.join(exact)} (exact)")
    yield f"least: {'; '.join(found)}"


def _found(end: Extreme) -> str:
    words = f"{show_cost(end.name, end.cost)} found"
    if not end.proven:
        return words
    return f"{words}, none below {_bare(end.name, end.proven)} (proven)"


def _bare(name: str, cost: int) -> str:
    return show_cost(name, cost).removesuffix(f" {name.replace('_', ' ')}")


# ---- what decides the costs


def _drivers(profile: Profile) -> Iterator[Table | str]:
    first, *others = profile.names
    shown = profile.telling(first, _SHOWN)
    if shown:
        yield _main(first, shown)
        yield _together(profile, first, shown)
    else:
        yield f"{first.replace('_', ' ')}: {_none(profile, first)}"
    lines = Table.grid(padding=(0, 2))
    for name in others:
        told = profile.telling(name, _NAMED)
        words = ", ".join(f"{driver.path} {percent_of(driver)}" for driver in told)
        lines.add_row(name.replace("_", " "), escape(words) or _none(profile, name))
    yield lines


def _none(profile: Profile, name: str) -> str:
    """What to say of a cost where no choice stands out."""
    low, high = profile.drawn.quantiles(name, (0.0, 1.0))
    return "the same in all" if low == high else "no choice stands out"


def _main(name: str, shown: Sequence[Driver]) -> Table:
    what = name.replace("_", " ")
    table = Table(box=None, pad_edge=False)
    table.add_column(f"decides {what}", no_wrap=True)
    table.add_column(f"variance of log {what}", no_wrap=True)
    table.add_column("", justify="right")
    table.add_column("from", justify="right")
    table.add_column("to")
    table.add_column(f"median {heading(name)}")
    for driver in shown:
        low, high = driver.ends
        bar = _bar(driver.share / shown[0].share)
        change = f"{figure(name, low.cost)} → {figure(name, high.cost)}"
        values = (escape(str(low.value)), escape(str(high.value)))
        table.add_row(escape(driver.path), bar, percent_of(driver), *values, change)
    return table


def _bar(part: float) -> str:
    whole, rest = divmod(round(part * _BAR * 8), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def percent_of(driver: Driver) -> str:
    return f"{100 * driver.share:.1f}%"


def _together(profile: Profile, name: str, shown: Sequence[Driver]) -> str:
    """How much choices decide one by one."""
    every = profile.explained(name)
    total = min(sum(driver.share for driver in shown), every)
    these = f"these {len(shown)} of {profile.open}: {total:.0%}; "
    if len(shown) == profile.open:
        these = ""
    return f"{these}all {profile.open}, one by one: {every:.0%}; the rest is interaction"


# ---- the nets at the ends


def _nets(profile: Profile) -> Table:
    table = Table.grid(padding=(0, 2))
    inside = "" if profile.budget is None else "in budget"
    for word, net in (("cheapest", profile.cheapest), ("dearest", profile.dearest)):
        costs = ", ".join(show_cost(name, net.costs[name]) for name in profile.names)
        table.add_row(word, escape(costs))
        table.add_row(inside, escape(net.words))
    return table
