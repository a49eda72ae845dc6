"""The sentences of a report, composed from its numbers. Plain text; nothing here knows HTML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

from explorer.report import own
from explorer.report.info import FrontInfo, Point, standard_error
from explorer.report.unit import Unit, unit_of
from explorer.search import StudyRecord, Trial
from explorer.units import format_count

_NARROW = "\N{NO-BREAK SPACE}"
_NOT_TRAINED = "No net was trained at full size, nor on other data than the above."
_NOT_TESTED = ", and no candidate was scored on test images"
_LARGE = 1_000_000  # from which on a count of assignments is a power of ten
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(share: float) -> str:
    return f"{100 * share:.1f}{_NARROW}%"


def score(info: FrontInfo, point: Point) -> str:
    """A score, with its noise where that is known and there is any."""
    if not info.has_bars:
        return info.unit.value(point.accuracy)
    return info.unit.noisy(point.accuracy, point.noise)


def scores(info: FrontInfo, point: Point) -> str:
    """The scores by which a net is compared, that of the search first."""
    return ", ".join(info.unit.short(score) for score in point.scores)


def numbers(values: Sequence[int]) -> str:
    """``trial 3``, ``trials 3, 5 and 8``."""
    listed = [str(value) for value in values]
    if len(listed) == 1:
        return f"trial {listed[0]}"
    return f"trials {', '.join(listed[:-1])} and {listed[-1]}"


def span(unit: Unit, values: Sequence[float]) -> str:
    """Differences that are all alike as one, others from the smallest to the largest."""
    least, most = unit.difference(min(values)), unit.difference(max(values))
    number, _, _ = least.partition(" ")
    if least == most:
        return most
    return f"{number} to {most} (the more scores two nets have, the less)"


def count_of(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# ---- the question and its answer


def question(record: StudyRecord) -> str:
    space, function = record.settings.text.space(), record.settings.score
    sought = f"scores best by “{function}”" if function else "is the most accurate"
    return (
        f"Which net of the space “{space.name}” {sought} within "
        f"{record.settings.budget.describe().replace(' macs', ' multiply-adds')}?"
    )


def answer(info: FrontInfo) -> list[str]:
    """What was found, in a few sentences."""
    if not info.points:
        return ["No trial is complete, so there is no answer yet."]
    if info.best is None or info.frugal is None:
        return ["No complete trial fits the budget, so there is no answer yet."]
    return [
        _winner(info, info.best),
        *_uncertain(info, info.best),
        _thrifty(info, info.best, info.frugal),
        *_defaults(info),
    ]


def _winner(info: FrontInfo, best: Point) -> str:
    return (
        f"Trial {best.number} scored best among {count_of(info.complete, 'complete trial')}: "
        f"{score(info, best)}{info.unit.of}{_mean(best)}, at {format_count(best.macs)} macs and "
        f"{format_count(best.params)} params."
    )


def _mean(point: Point) -> str:
    return f" in the mean of {len(point.scores)} scores" if point.is_mean else ""


def _uncertain(info: FrontInfo, best: Point) -> list[str]:
    """What the noise behind the best score is, and what it leaves out."""
    if not info.has_bars:
        return []
    told = f"The ± is one {info.noise_name}, here and below"
    if info.seeds is None:
        return [f"{told}; what another seed would change is not known."]
    if info.val_images:
        counting = info.unit.difference(standard_error(best.accuracy, info.val_images))
        told += (
            f"; being counted on {info.val_images:,} objects makes each score uncertain by another "
            f"{counting}"
        )
    if info.steps and info.honest is not None:
        limit = span(info.unit, info.limits(info.front[-1]))
        told += f". On this front, only differences above {limit} are more than noise"
    return [f"{told}."]


def _thrifty(info: FrontInfo, best: Point, frugal: Point) -> str:
    if not info.has_bars:
        return _unequalled(info)
    within = f"within one {info.noise_name} of it"
    if frugal.number == best.number:
        return f"No cheaper trial lies {within}."
    return (
        f"Trial {frugal.number} lies {within} ({info.unit.value(frugal.accuracy)}) and costs "
        f"{percent(1 - frugal.macs / best.macs)} less: {format_count(frugal.macs)} macs."
    )


def _unequalled(info: FrontInfo) -> str:
    """What is said of cheaper trials where no noise stands behind the scores."""
    if info.is_exact:
        return "No cheaper trial scored the same."
    return "The noise of a score is not known, so no cheaper trial can be called as good."


def _defaults(info: FrontInfo) -> list[str]:
    mark = info.reference
    if mark is None:
        return []
    over = info.budget is not None and mark.macs > info.budget
    note = ", over the budget" if over else ""
    return [
        f"For comparison: {mark.name}, scored in the same way, reached "
        f"{info.unit.value(mark.accuracy)} at {format_count(mark.macs)} macs{note}."
    ]


# ---- how candidates were scored


def scoring(record: StudyRecord, facts: Mapping[str, Any]) -> list[str]:
    """What was trained in the place of each candidate, on what, for how long; or what else."""
    if record.settings.score:
        return own.scoring(record, facts, once_more(record))
    protocol = record.settings.protocol
    recipe = protocol.recipe
    known = record.settings.text.space().header.params
    params = [f"{name}={value}" for name, value in protocol.params.items() if name in known]
    size, kind = str(facts["input"]).replace("x", "×"), facts.get("kind", "images")
    changed = f", and with {', '.join(params)}" if params else ""
    return [
        f"Each candidate was trained {_times(record)}, as a small copy of itself: for {size} "
        f"{kind} and {facts['classes']} classes, with its channel counts times "
        f"{facts['width']}{changed}. {_copies(record)}",
        f"Training: {count_of(recipe.epochs, 'epoch')} of {facts['training images']:,} {kind} of "
        f"“{facts['data']}”, {recipe.batch} a step, SGD with Nesterov momentum under a one-cycle "
        f"learning rate that peaks at {recipe.rate:g}{_averaged(recipe.average)}. The score is the "
        f"share of {facts['validation images']:,} validation {kind}{_objects(facts)} that the copy "
        "gets right after the last epoch.",
        *_waiting(record),
        "The scores on this page are those of the small copies; the costs are those of the nets "
        "themselves.",
    ]


def _objects(facts: Mapping[str, Any]) -> str:
    """That some images show one object, where they do."""
    images, objects = facts["validation images"], facts.get("validation objects", 0)
    if objects in (0, images):
        return ""
    return f" ({objects:,} objects, {images // objects} {facts.get('kind', 'images')} of each)"


def _waiting(record: StudyRecord) -> list[str]:
    """Of a study with rungs: who went on, and how many epochs that saved."""
    ladder = record.settings.protocol.ladder
    if not ladder.top:
        return []
    waits = " and after ".join(map(str, ladder.epochs[:-1]))
    ends = [trial for trial in record.complete if trial.rung == ladder.top]
    whole = sum(ladder.epochs[-1] * trial.proxy_macs for trial in record.complete)
    spent = sum(ladder.epochs[trial.rung] * trial.proxy_macs for trial in record.complete)
    saved = percent(1 - spent / whole) if whole else "none"
    return [
        f"Candidates waited after {waits} of {ladder.epochs[-1]} epochs, from where at most "
        f"{percent(float(ladder.share))} went on; some, chosen by their number alone, did not "
        f"wait. {len(ends)} of {len(record.complete)} were trained to the end. Against training "
        f"all of them so far, {saved} of the multiply-adds of training were saved. A candidate "
        "that still waits is judged by what it reached there, which is less than it would reach."
    ]


def _averaged(decay: float) -> str:
    return f", measured by a running average of the weights that keeps {decay:g}" if decay else ""


def _times(record: StudyRecord) -> str:
    more = once_more(record)
    return f"from scratch ({more})" if more else "once, from scratch"


def once_more(record: StudyRecord) -> str:
    """Which candidates have more than one score, and why; empty where none has."""
    again, confirmed = len(_again(record)), _confirmed(record)
    told = []
    if again:
        told.append(f"{again} of them once more, with another seed, to see what that changes")
    if confirmed:
        told.append(f"{confirmed} of them again, with other seeds, for being on the front")
    return "; ".join(told)


def _confirmed(record: StudyRecord) -> int:
    """How many nets were scored again for being on the front."""
    return sum(bool(trial.again) for trial in record.complete)


def _again(record: StudyRecord) -> list[Trial]:
    """The trials with a second seed."""
    return [trial for trial in record.complete if trial.repeats]


def _copies(record: StudyRecord) -> str:
    macs = [trial.proxy_macs for trial in record.complete if trial.proxy_macs]
    if not macs:
        return "No copy has been scored yet."
    low, high = format_count(min(macs)), format_count(max(macs))
    return (
        f"The copies cost {low} macs." if low == high else f"The copies cost {low} to {high} macs."
    )


# ---- what was not done, and what comes next


def not_done(record: StudyRecord, info: FrontInfo) -> list[str]:
    space = record.settings.text.space()
    return [
        own.NOT_DONE if record.settings.score else _NOT_TRAINED,
        f"{_repeated(record)}{'' if record.settings.score else _NOT_TESTED}.",
        "Macs and params were counted; time, energy and memory on a device were not measured.",
        *([_sampled(info.complete, space.size)] if space.choices else []),
    ]


def _sampled(scored: int, size: int) -> str:
    if scored == size:
        return f"All {size:,} assignments of the space were scored: nothing is left to try."
    return (
        f"The space was sampled, not searched through: {scored:,} of {_size(size)} assignments "
        "were scored."
    )


def _repeated(record: StudyRecord) -> str:
    again, confirmed = len(_again(record)), _confirmed(record)
    if not again and not confirmed:
        what = "score" if record.settings.score else "training"
        return f"No {what} was repeated with another seed"
    told = []
    if again:
        third = "" if confirmed else " and none a third"
        complete = count_of(len(record.complete), "complete trial")
        told.append(f"{again} of {complete} had a second seed{third}")
    if confirmed:
        was = f"{'was' if confirmed == 1 else 'were'} {unit_of(record.settings).done}"
        told.append(f"{count_of(confirmed, 'net')} {was} again for being on the front")
    return "; ".join(told)


def _size(number: int) -> str:
    if number < _LARGE:
        return f"{number:,}"
    return f"about 10{str(round(log10(number))).translate(_RAISED)}"


def continuing(record: StudyRecord) -> str:
    """The command that goes on with the study, for as many trials again."""
    trials = 2 * max(1, record.candidates)
    command = record.command or f"explorer search --study {shlex.quote(record.name)}"
    more, found = re.subn(r"(--trials[= ])\d+", rf"\g<1>{trials}", command)
    return more if found else f"{command} --trials {trials}"


def confirming(record: StudyRecord) -> str:
    """The command that scores the front of the study again, and does nothing else."""
    begun = record.command or f"explorer search --study {shlex.quote(record.name)}"
    command = re.sub(r" --(trials|time|confirm)[= ]\S+", "", begun)
    return f"{command} --trials {record.candidates} --confirm 1"


def reasons(trials: Sequence[Trial]) -> list[tuple[str, list[int]]]:
    """Why trials failed, and which, the commonest reason first."""
    found: dict[str, list[int]] = {}
    for trial in trials:
        if trial.state == "failed":
            reason = trial.reason or "no reason was stored"
            told = f"{reason} (with another seed)" if trial.seed else reason
            found.setdefault(told, []).append(trial.number)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[1]))
