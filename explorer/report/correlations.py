"""Rank correlations and their ceiling, in cells and sentences: for the page and the terminal."""

from __future__ import annotations

from math import isnan

from explorer.report.reliability import FEWEST, FEWEST_TWICE, ReliabilityInfo, ScoreRow
from explorer.report.unit import ACCURACY
from explorer.report.words import count_of
from explorer.score.reliability import Interval

# ---- the table

HEAD = ("Known early", "Kendall", "Spearman", "In bands of macs", "Better half", "Best tenth")


def columns(info: ReliabilityInfo) -> tuple[str, ...]:
    """The names of the table's columns; without the best tenth, where it is too few nets."""
    return HEAD if _has_tenth(info) else HEAD[:-1]


def cells(info: ReliabilityInfo, row: ScoreRow) -> tuple[str, ...]:
    """A row of the table."""
    tenth = (_interval(row.tenth),) if _has_tenth(info) else ()
    few = f" ({row.nets} nets)" if row.nets < info.complete else ""
    found = (_interval(row.kendall), _interval(row.spearman), number(row.banded))
    return (f"{row.name}{few}", *found, _interval(row.half), *tenth)


def _has_tenth(info: ReliabilityInfo) -> bool:
    return any(row.tenth for row in info.rows)


def number(value: float) -> str:
    rounded = round(value, 2) + 0.0  # no minus before a zero
    return "–" if isnan(value) else f"{rounded:.2f}".replace("-", "\N{MINUS SIGN}")


def _interval(found: Interval | None) -> str:
    if found is None or isnan(found.value):
        return "–"
    return f"{number(found.value)} [{number(found.low)}, {number(found.high)}]"


def table_caption(info: ReliabilityInfo) -> str:
    return (
        f"Rank correlation with the scores of {count_of(info.complete, 'trial')}, "
        "and 95 % intervals"
    )


def notes(info: ReliabilityInfo) -> list[str]:
    """What the table means and leaves out; the reason, where there is no table."""
    if not info.rows:
        return [_no_table(info)]
    return _notes(info)


def _no_table(info: ReliabilityInfo) -> str:
    if info.complete < FEWEST:
        return (
            f"There is no table of rank correlations: it takes {FEWEST} complete trials, and this "
            f"study has {info.complete}."
        )
    return "There is no table of rank correlations: all trials have the same score."


def _notes(info: ReliabilityInfo) -> list[str]:
    kinds = {row.kind for row in info.rows}
    found = [
        f"1 is the same order as the scores{_last(info)}, 0 is no relation. Intervals are of the "
        "bootstrap over nets; with few nets they are too short."
    ]
    if "free" in kinds:
        found.append("Costs and training-free scores were known before any training.")
    elif info.unit != ACCURACY:
        found.append("Costs were known before any score; there are no training-free scores.")
    else:
        found.append("Costs were known before any training; this study has no training-free score.")
    if any(row.name == "combined" for row in info.rows):
        found.append("“combined” is the mean of the ranks of swap, naswot and expressivity.")
    if "epoch" in kinds:
        found.append(
            "An earlier epoch is of the same run as the score and shares its noise, which flatters "
            "it; the others share none. Accuracies before the last epoch may be counted on a "
            "sample of the validation set."
        )
    found.append(f"Bands: pairs of nets in the same of {info.bands} bands of macs alone.")
    if not _has_tenth(info):
        found.append(
            f"The best tenth is left out: it would be fewer than {FEWEST} of these trials."
        )
    found.append(
        "The trials are those that the search chose, not nets drawn at random from the space."
    )
    return found


def _last(info: ReliabilityInfo) -> str:
    return " (the accuracies after the last epoch)" if info.unit == ACCURACY else ""


def said(info: ReliabilityInfo) -> str:
    """What the figure shows, for whoever cannot see it."""
    listed = ", ".join(f"{row.name} {number(row.kendall.value)}" for row in info.rows)
    return f"Kendall's tau with the score: {listed}."


def figure_caption(info: ReliabilityInfo) -> str:
    band = "; the band is the noise ceiling, beyond which is only noise"
    top = band if info.ceiling and not info.is_exact else ""
    return (
        "How well the nets are ranked by what is known early: Kendall's tau with the score, and "
        f"its 95 % interval. Right is better{top}."
    )


# ---- what no score can beat


def ceiling(info: ReliabilityInfo) -> list[str]:
    if info.seeds is None:
        return ["The noise ceiling is not known, since it takes noise between seeds."]
    if info.is_exact:
        return ["Second seeds changed no score, so they set no ceiling to these correlations."]
    return [sentence for sentence in (_agreement(info), _ceiling(info)) if sentence]


def _agreement(info: ReliabilityInfo) -> str:
    if info.agreement is None or isnan(info.agreement.value):
        return (
            f"First and second seed were not compared by rank: that takes {FEWEST_TWICE} nets with "
            f"different scores, and {count_of(info.twice, 'net')} had both."
        )
    return (
        f"The two seeds rank the {info.twice} nets that had both with Kendall "
        f"{_interval(info.agreement)}."
    )


def _ceiling(info: ReliabilityInfo) -> str:
    found, seeds, spread = info.ceiling, info.seeds, info.spread
    if seeds is None or spread is None or info.complete < FEWEST:
        return ""
    points = info.unit.difference
    wide = f"the scores' standard deviation over nets ({points(spread)})"
    if found is None:
        return (
            f"The noise of a seed ({points(seeds.sigma)}) is as large as {wide}: as they are, the "
            "scores cannot be told from noise, and no order of these nets is known."
        )
    return (
        f"Noise ceiling: from the noise of a seed ({points(seeds.sigma)}) and {wide}, "
        f"{info.unit.doing} all {info.complete} nets again would rank them with an expected "
        f"Kendall of {_interval(found.retrained)}, and even their true order would reach no more "
        f"than {_interval(found.perfect)}. A score that has not seen these runs can be expected to "
        "do no better; the intervals are those of the noise."
    )
