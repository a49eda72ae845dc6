"""What noise leaves of the scores, in sentences: what the page and the terminal both say."""

from __future__ import annotations

from explorer.report import own
from explorer.report.confirmed import Confirmation
from explorer.report.info import CLEAR, FrontInfo, standard_error
from explorer.report.reliability import ReliabilityInfo
from explorer.report.unit import Unit
from explorer.report.words import count_of, numbers, span

# ---- noise


def noise(front: FrontInfo, info: ReliabilityInfo) -> list[str]:
    """What the scores are uncertain by, and which steps along the front are larger."""
    if front.best is None:
        return ["There is no score to trust yet."]
    counting = [_counting(front)] if front.val_images else []
    has_limits = front.steps and front.has_bars
    steps = [_steps(front, info)] if has_limits else []
    again = [confirmed(front.confirmation, front.unit)] if front.confirmation else []
    return [_seeds(front, info), *again, *counting, *steps, _images(front)]


def _seeds(front: FrontInfo, info: ReliabilityInfo) -> str:
    found, done, points = info.seeds, info.unit.done, info.unit.difference
    if found is None:
        again = "one net alone was" if info.twice else "no net was"
        return (
            f"Noise between seeds: not measured, since {again} {done} with a second seed"
            f"{_PICKED if front.confirmation else '.'}{_diverged(info)} {_unknown(front)}"
        )
    twice = (
        f"Noise between seeds: {info.twice} of the {count_of(info.complete, 'complete trial')} "
        f"were {done} a second time, with another seed; their numbers decided which, before "
        f"anything was known of them.{_diverged(info)}"
    )
    if info.is_exact:
        return f"{twice} {_EXACT}"
    return (
        f"{twice} One standard deviation between seeds is "
        f"{points(found.sigma)}, with a 95 % interval from {points(found.low)} to "
        f"{points(found.high)} (chi-square, {count_of(found.pairs, 'degree')} of freedom). It is "
        f"taken to be the same for all nets, and the error bars in the figure of the front are it"
        f"{_OF_MEANS if front.has_means else ''}."
    )


_PICKED = (
    " because of its number. Scores that confirm the front do not measure it, since they are of "
    "nets that were picked by their scores."
)
_OF_MEANS = ", over the root of how many scores a net has"
_EXACT = (
    "The two seeds agreed exactly for every one of them, so there are no error bars. A score that "
    "does not use its seed looks the same."
)


def _unknown(front: FrontInfo) -> str:
    """What it means that noise between seeds is not known."""
    if front.has_bars:
        return (
            "Another seed would change each score by an amount that this study does not know, so "
            "the true uncertainty is larger than the error bars."
        )
    return (
        "Another seed may change each score by an amount that this study does not know, so there "
        "are no error bars."
    )


def _diverged(info: ReliabilityInfo) -> str:
    if not info.diverged:
        return ""
    is_one, (what, how) = info.diverged == 1, info.unit.lost
    return (
        f" {count_of(info.diverged, what)} {how}, which no figure here takes into "
        f"account: {'it has' if is_one else 'they have'} no score."
    )


def _counting(front: FrontInfo) -> str:
    best, images = front.best, front.val_images
    assert best is not None
    error = standard_error(best.accuracy, images)
    rest = (
        "All candidates were scored on the same set, so a part of it cancels in their "
        f"differences{'; the error bars leave it out' if front.has_bars else ''}."
        if front.seeds
        else "The error bars in the figure of the front are these."
    )
    return (
        f"Counting noise: a share counted on {images:,} objects is uncertain by itself. "
        f"For trial {best.number} one (binomial) standard error is "
        f"± {front.unit.difference(error)}. {rest}"
    )


def _steps(front: FrontInfo, info: ReliabilityInfo) -> str:
    """Which differences on the front are larger than noise."""
    climb, points = front.climb, front.unit.difference
    assert climb is not None
    clear = [step for step in front.steps if step.is_clear]
    listed = "; ".join(f"{s.cheaper} to {s.better} (+{points(s.gain)})" for s in clear)
    which = f": trial {listed}" if clear else ""
    is_more = "is larger" if climb.is_clear else "is not larger"
    return (
        f"Of the {count_of(len(front.steps), 'step')} along the front, {len(clear) or 'none'} "
        f"{'is' if len(clear) < 2 else 'are'} larger than {_bar(front)}{which}. "
        f"From the cheapest to the best, trial {climb.cheaper} to {climb.better}, the gain of "
        f"{points(climb.gain)} {is_more} than that. {_rule(front, info)}"
    )


def _bar(front: FrontInfo) -> str:
    if front.honest is None:
        return "counting noise alone explains"
    return f"the honest significant difference of {span(front.unit, front.limits())}"


def _rule(front: FrontInfo, info: ReliabilityInfo) -> str:
    if info.seeds is None:
        return (
            f"The rule is {CLEAR:g} standard errors of the difference, as if each trial had a set "
            "of its own; both had the same, which tends to make it strict."
        )
    return (
        f"The rule is Tukey's (1949): among {len(front.front)} equally good nets, with "
        f"{count_of(info.seeds.pairs, 'degree')} of freedom for the noise, seeds alone make no two "
        f"{_compared(front)} differ by more in 95 of 100 studies."
    )


def _compared(front: FrontInfo) -> str:
    return "means" if front.has_means else "scores"


def _images(front: FrontInfo) -> str:
    if not front.val_images:
        return own.IMAGES
    return (
        "All scores come from one validation set, and the search chose by it. The test set was "
        "never looked at."
    )


# ---- a front that was scored again


def confirmed(found: Confirmation, unit: Unit) -> str:
    """What came of scoring the nets of the front again."""
    parts = [*_again(found, unit), *_luck(found, unit), *_moves(found)]
    return " ".join([*parts, *_lost(found), *_open(found, unit)])


def _again(found: Confirmation, unit: Unit) -> list[str]:
    if not found.nets:
        return []
    nets, times = count_of(found.nets, "net"), count_of(found.scores, "time")
    was, counts = ("was", "counts") if found.nets == 1 else ("were", "count")
    return [
        f"For being on the front, {nets} {was} {unit.done} again with other seeds, {times} in all, "
        f"and {counts} with the mean of all scores."
    ]


def _luck(found: Confirmation, unit: Unit) -> list[str]:
    if found.found is None or found.since is None:
        return []
    is_one, change = found.led == 1, found.since - found.found
    return [
        f"{'The one' if is_one else f'The {found.led} of them'} that led by single scores had "
        f"{unit.value(found.found)}{'' if is_one else ' on average'} in the search and "
        f"{unit.value(found.since)} with the next seed, {unit.difference(abs(change))} "
        f"{'less' if change < 0 else 'more'}."
    ]


def _moves(found: Confirmation) -> list[str]:
    left = f"{numbers(found.left)} left the front" if found.left else ""
    came = f"{numbers(found.came)} came to it" if found.came else ""
    if not left and not came:
        return ["The front is of the same trials as before."] if found.nets else []
    return [_sentence("; ".join(filter(None, (left, came))))]


def _lost(found: Confirmation) -> list[str]:
    return [
        f"Trial {number} came to no score {count_of(times, 'time')} when it was begun again, and "
        "counts with those that it has."
        for number, times in sorted(found.lost.items())
    ]


def _open(found: Confirmation, unit: Unit) -> list[str]:
    if not found.single:
        return []
    has = "has" if len(found.single) == 1 else "have"
    return [_sentence(f"{numbers(found.single)} on the front {has} not been {unit.done} again yet")]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


# ---- the last word


def verdict(front: FrontInfo, info: ReliabilityInfo) -> list[str]:
    """What is real on the front in one sentence, and what to be careful about in another."""
    if front.best is None:
        return []
    return [_verdict(front, info), *_caution(front, info)]


def _verdict(front: FrontInfo, info: ReliabilityInfo) -> str:
    if not front.steps:
        return "There is one trial on the front, so there is no difference on it to judge."
    if info.seeds is None:
        shown = ": counting noise alone is shown" if front.val_images else ""
        return (
            "This study cannot tell which differences are real, since its noise between seeds was "
            f"not measured{shown}."
        )
    found = info.verdict
    assert found is not None
    limit = span(info.unit, front.limits(front.front[-1]))
    seed = "other seeds change" if front.has_means else "another seed changes"
    begin = f"On this front a difference below {limit} is within what {seed}: "
    if info.is_exact:
        begin = "No second seed changed a score, so no difference on this front is a seed's: "
    if not found.as_good:
        return f"{begin}every other trial on it is really worse than trial {found.best}."
    alike = numbers([found.best, *found.as_good])
    if not found.worse:
        return f"{begin}{alike} cannot be told apart, and these are all."
    return (
        f"{begin}{alike} cannot be told apart, and {numbers(found.worse)} "
        f"{'is' if len(found.worse) == 1 else 'are'} really worse than trial {found.best}."
    )


def _caution(front: FrontInfo, info: ReliabilityInfo) -> list[str]:
    if info.complete < 2 or info.is_exact:
        return []
    flatter = "these flatter it"
    if front.fewest > 1:
        flatter += f", if less than single ones, as means of {front.fewest} or more"
    return [
        f"Be careful: the front was picked from {info.complete} trials for its high scores, so "
        f"{flatter}. {info.unit.done.capitalize()} again, its nets will more likely score a "
        "little lower than a little higher."
    ]
