"""What noise leaves of the scores, in sentences: what the page and the terminal both say."""

from __future__ import annotations

from explorer.report import own
from explorer.report.info import CLEAR, FrontInfo, standard_error
from explorer.report.reliability import ReliabilityInfo
from explorer.report.words import count_of, numbers

# ---- noise


def noise(front: FrontInfo, info: ReliabilityInfo) -> list[str]:
    """What the scores are uncertain by, and which steps along the front are larger."""
    if front.best is None:
        return ["There is no score to trust yet."]
    counting = [_counting(front)] if front.val_images else []
    has_limits = front.steps and front.has_bars
    steps = [_steps(front, info)] if has_limits else []
    return [_seeds(front, info), *counting, *steps, _images(front)]


def _seeds(front: FrontInfo, info: ReliabilityInfo) -> str:
    found, done, points = info.seeds, info.unit.done, info.unit.difference
    if found is None:
        again = "one net alone was" if info.twice else "no net was"
        return (
            f"Noise between seeds: not measured, since {again} {done} with a second seed."
            f"{_diverged(info)} {_unknown(front)}"
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
        "taken to be the same for all nets, and the error bars in the figure of the front are it."
    )


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
    if front.limit is None:
        return "counting noise alone explains"
    return f"the honest significant difference of {front.unit.difference(front.limit)}"


def _rule(front: FrontInfo, info: ReliabilityInfo) -> str:
    if info.seeds is None:
        return (
            f"The rule is {CLEAR:g} standard errors of the difference, as if each trial had a set "
            "of its own; both had the same, which tends to make it strict."
        )
    return (
        f"The rule is Tukey's (1949): among {len(front.front)} equally good nets, with "
        f"{count_of(info.seeds.pairs, 'degree')} of freedom for the noise, seeds alone make no two "
        "scores differ by more in 95 of 100 studies."
    )


def _images(front: FrontInfo) -> str:
    if not front.val_images:
        return own.IMAGES
    return (
        "All scores come from one validation set, and the search chose by it. The test set was "
        "never looked at."
    )


# ---- the last word


def verdict(front: FrontInfo, info: ReliabilityInfo) -> list[str]:
    """What is real on the front in one sentence, and what to be careful about in another."""
    if front.best is None:
        return []
    return [_verdict(front, info), *_caution(info)]


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
    begin = f"On this front a difference below {info.unit.difference(found.limit)} is within what "
    begin += "another seed changes: "
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


def _caution(info: ReliabilityInfo) -> list[str]:
    if info.complete < 2 or info.is_exact:
        return []
    return [
        f"Be careful: the front was picked from {info.complete} trials for its high scores, so "
        f"these flatter it. {info.unit.done.capitalize()} again, its nets will more likely score a "
        "little lower than a little higher."
    ]
