"""The sentences of a report, composed from its numbers. Plain text; nothing here knows HTML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

from explorer.report.info import CLEAR, FrontInfo, Point
from explorer.search import StudyRecord, Trial
from explorer.units import format_count

_NARROW = "\N{NO-BREAK SPACE}"
_LARGE = 1_000_000  # from which on a count of assignments is a power of ten
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(share: float) -> str:
    return f"{100 * share:.1f}{_NARROW}%"


def points(share: float) -> str:
    """A difference of accuracies."""
    return f"{100 * share:.1f} points"


def score(point: Point) -> str:
    return f"{100 * point.accuracy:.1f} ± {100 * point.noise:.1f} %".replace(" ", _NARROW)


def numbers(values: Sequence[int]) -> str:
    """``trial 3``, ``trials 3, 5 and 8``."""
    listed = [str(value) for value in values]
    if len(listed) == 1:
        return f"trial {listed[0]}"
    return f"trials {', '.join(listed[:-1])} and {listed[-1]}"


def count_of(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# ---- the question and its answer


def question(record: StudyRecord) -> str:
    space = record.settings.text.space()
    return (
        f"Which net of the space “{space.name}” is the most accurate within "
        f"{record.settings.budget.describe().replace(' macs', ' multiply-adds')}?"
    )


def answer(info: FrontInfo) -> list[str]:
    """What was found, in a few sentences."""
    if not info.points:
        return ["No trial is complete, so there is no answer yet."]
    if info.best is None or info.frugal is None:
        return ["No complete trial fits the budget, so there is no answer yet."]
    return [_winner(info, info.best), _thrifty(info.best, info.frugal), *_defaults(info)]


def _winner(info: FrontInfo, best: Point) -> str:
    return (
        f"Trial {best.number} scored best among {count_of(info.complete, 'complete trial')}: "
        f"{score(best)} of the validation images right, at {format_count(best.macs)} macs and "
        f"{format_count(best.params)} params."
    )


def _thrifty(best: Point, frugal: Point) -> str:
    if frugal.number == best.number:
        return "No cheaper trial lies within one standard error of it."
    return (
        f"Trial {frugal.number} lies within one standard error of it ({percent(frugal.accuracy)}) "
        f"and costs {percent(1 - frugal.macs / best.macs)} less: {format_count(frugal.macs)} macs."
    )


def _defaults(info: FrontInfo) -> list[str]:
    mark = info.reference
    if mark is None:
        return []
    over = info.budget is not None and mark.macs > info.budget
    note = ", over the budget" if over else ""
    return [
        f"For comparison: {mark.name}, scored in the same way, reached {percent(mark.accuracy)} "
        f"at {format_count(mark.macs)} macs{note}."
    ]


# ---- how candidates were scored


def scoring(record: StudyRecord, facts: Mapping[str, Any]) -> list[str]:
    """What was trained in the place of each candidate, on what, for how long."""
    protocol = record.settings.protocol
    recipe = protocol.recipe
    known = record.settings.text.space().header.params
    params = [f"{name}={value}" for name, value in protocol.params.items() if name in known]
    size = str(facts["input"]).replace("x", "×")
    changed = f", and with {', '.join(params)}" if params else ""
    return [
        f"Each candidate was trained once, from scratch, as a small copy of itself: for {size} "
        f"images and {facts['classes']} classes, with its channel counts times "
        f"{facts['width']}{changed}. {_copies(record)}",
        f"Training: {count_of(recipe.epochs, 'epoch')} of {facts['training images']:,} images of "
        f"“{facts['data']}”, {recipe.batch} a step, SGD with Nesterov momentum under a one-cycle "
        f"learning rate that peaks at {recipe.rate:g}. The score is the share of "
        f"{facts['validation images']:,} validation images that the copy gets right after the "
        "last epoch.",
        "The scores on this page are those of the small copies; the costs are those of the nets "
        "themselves.",
    ]


def _copies(record: StudyRecord) -> str:
    macs = [trial.proxy_macs for trial in record.complete if trial.proxy_macs]
    if not macs:
        return "No copy has been scored yet."
    low, high = format_count(min(macs)), format_count(max(macs))
    return (
        f"The copies cost {low} macs." if low == high else f"The copies cost {low} to {high} macs."
    )


# ---- how far to trust the scores


def trust(info: FrontInfo) -> list[str]:
    if info.best is None:
        return ["There is no score to trust yet."]
    images, best = info.val_images, info.best
    return [
        f"Counting noise: a share counted on {images:,} objects is uncertain by itself. "
        f"For trial {best.number} one (binomial) standard error is ± {points(best.noise)}; "
        "the error bars in the figure are these.",
        _steps(info),
        "Training noise was not measured: every candidate was trained with one seed, and no "
        "training was repeated. Another seed would change each score by an amount that this study "
        "does not know, so the true uncertainty is larger than the error bars.",
        *_luck(info),
        "All scores come from the validation images, and the search chose by them. The test images "
        "were never looked at.",
    ]


def _steps(info: FrontInfo) -> str:
    """Which differences on the front are larger than counting noise."""
    if not info.steps or info.climb is None:
        return "There is one trial on the front, so there is no difference on it to judge."
    clear = [step for step in info.steps if step.is_clear]
    listed = "; ".join(f"{s.cheaper} to {s.better} (+{points(s.gain)})" for s in clear)
    which = f": trial {listed}" if clear else ""
    climb, is_more = info.climb, "is larger" if info.climb.is_clear else "is not larger"
    return (
        f"Of the {count_of(len(info.steps), 'step')} along the front, {len(clear) or 'none'} "
        f"{'is' if len(clear) < 2 else 'are'} larger than counting noise alone explains{which}. "
        f"From the cheapest to the best, trial {climb.cheaper} to {climb.better}, the gain of "
        f"{points(climb.gain)} {is_more} than that. The rule is {CLEAR:g} standard errors of the "
        "difference, as if each trial had images of its own; both had the same, which tends to "
        "make it strict."
    )


def _luck(info: FrontInfo) -> list[str]:
    if info.complete < 2:
        return []
    return [
        f"The best of {info.complete} uncertain scores is partly the luckiest: trained again, it "
        "will more likely score a little lower than a little higher."
    ]


# ---- what was not done, and what comes next


def not_done(record: StudyRecord, info: FrontInfo) -> list[str]:
    space = record.settings.text.space()
    scored = f"{info.complete:,} of {_size(space.size)} assignments were scored"
    return [
        "No net was trained at full size, nor on other data than the above.",
        "No training was repeated with another seed, and no candidate was scored on test images.",
        "Macs and params were counted; time, energy and memory on a device were not measured.",
        *([f"The space was sampled, not searched through: {scored}."] if space.choices else []),
    ]


def _size(number: int) -> str:
    if number < _LARGE:
        return f"{number:,}"
    return f"about 10{str(round(log10(number))).translate(_RAISED)}"


def continuing(record: StudyRecord) -> str:
    """The command that goes on with the study, for as many trials again."""
    trials = 2 * max(1, len(record.trials))
    command = record.command or f"explorer search --study {shlex.quote(record.name)}"
    more, found = re.subn(r"(--trials[= ])\d+", rf"\g<1>{trials}", command)
    return more if found else f"{command} --trials {trials}"


def reasons(trials: Sequence[Trial]) -> list[tuple[str, list[int]]]:
    """Why trials failed, and which, the commonest reason first."""
    found: dict[str, list[int]] = {}
    for trial in trials:
        if trial.state == "failed":
            found.setdefault(trial.reason or "no reason was stored", []).append(trial.number)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[1]))
