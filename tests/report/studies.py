"""Studies without a search: real settings, real nets, learning curves that are made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import exp, log
from typing import Any

import numpy as np

from explorer.budget import draw, parse_budget
from explorer.cost import count
from explorer.graph import fingerprint
from explorer.score import Protocol, Recipe
from explorer.search import Reference, Settings, StudyRecord, Trial
from explorer.search.trials.confirm import due_again
from explorer.space import bind
from explorer.space.library import Text

SMALL = """\
space small "Widths & depths"
input 3x32x32  classes 10  width 1 rounded 2
default conv same norm=batch act=relu
param stride = 2
knob depth = 2 in 1..3
block cell(n):
  knob k = n in n/2..2*n step 2
  lever kind in {plain, wide}
  [ conv 1x1 k | choose kind { plain: conv 3x3 k | wide: conv 5x5 k } ]
stem: conv 3x3/stride 8
body: repeat depth each (cell(8))
head: avgpool global > linear classes
"""
PLAIN = """\
space plain
input 3x32x32  classes 10
a: conv 3x3 8
head: avgpool global > linear classes
"""
FACTS: Mapping[str, Any] = {
    "data": "cluttered",
    "input": "1x28x28",
    "classes": 10,
    "width": "1/8",
    "training images": 6000,
    "validation images": 2000,
    "validation objects": 2000,
    "epochs": 3,
}
EPOCHS = 3


def settings(text: str = SMALL, budget: str = "2e6") -> Settings:
    return Settings(
        Text("small.space", text),
        parse_budget(budget),
        Protocol(width=Fraction(1, 8), params={"stride": 1}, recipe=Recipe(epochs=EPOCHS)),
        "d1:0",
        "evolution",
        0,
        origin={"machine": "a laptop", "python": "3.11", "torch": "2.9"},
    )


def trial(
    asked: Settings,
    number: int,
    accuracy: float,
    assignment: Mapping[str, Any] | None = None,
    repeats: Sequence[float] = (),
    free: Mapping[str, float | None] | None = None,
) -> Trial:
    """A complete trial of an assignment, with a curve that ends at an accuracy."""
    candidate = bind(asked.text.space(), assignment)
    cost = count(candidate.graph)
    curve = [round(accuracy * (1 - 0.5 * exp(-epoch)), 4) for epoch in range(1, EPOCHS)]
    return Trial(
        number,
        "complete",
        candidate.written(),
        fingerprint(candidate.graph),
        cost,
        cost.macs // 300,
        (*curve, accuracy),
        12.5,
        repeats=tuple(repeats),
        free=free or {},
    )


def failed(number: int, reason: str) -> Trial:
    found = trial(settings(), number, 0.5)
    return replace(found, state="failed", curve=(), reason=reason)


def study(
    trials: Sequence[Trial],
    asked: Settings | None = None,
    name: str = "small-2e6",
    reference: Reference | None = None,
) -> StudyRecord:
    command = f"explorer search small.space --budget 2e6 --trials {len(trials)}"
    return StudyRecord(name, asked or settings(), tuple(trials), reference, command)


def searched(number: int = 8, asked: Settings | None = None) -> StudyRecord:
    """A study of trials drawn at random, the defaults first; dearer nets score better."""
    asked = asked or settings(budget="1e9")
    space, rng = asked.text.space(), np.random.default_rng(0)
    drawn = [{} if n == 0 else draw(space, rng) for n in range(number)]
    trials = [
        trial(asked, n, round(0.9 - 0.3 / (n + 2) + 0.01 * rng.normal(), 4), assignment)
        for n, assignment in enumerate(drawn)
    ]
    cost = count(bind(space).graph)
    return study(trials, asked, reference=Reference(space.name, cost, 0.71))


def measured(number: int = 24, sigma: float = 0.01, every: int = 2, seed: int = 0) -> StudyRecord:
    """A study with training-free scores, and a second seed for every so many of its trials.

    The true accuracy grows with macs, by something that macs do not know, and ``swap`` knows best.
    """
    asked = settings(budget="1e9")
    space, rng = asked.text.space(), np.random.default_rng(seed)
    trials = []
    for n in range(number):
        assignment = draw(space, rng)
        own = rng.normal()
        true = 0.6 + 0.02 * log(count(bind(space, assignment).graph).macs / 1e4) + 0.03 * own
        first, second = np.clip(true + sigma * rng.normal(size=2), 0, 1).tolist()
        free = {
            "swap": own + 0.5 * rng.normal(),
            "naswot": own + rng.normal(),
            "expressivity": rng.normal(),
        }
        again = () if n % every else (round(second, 4),)
        found = trial(asked, n, round(first, 4), assignment, again, free)
        off = [(exp(-e), rng.normal()) for e in range(1, EPOCHS)]
        early = [round(first - left * (0.2 + 0.1 * z), 4) for left, z in off]
        trials.append(replace(found, curve=(*early, found.accuracy)))
    return study(trials, asked)


def confirmed(record: StudyRecord, times: int, sigma: float = 0.01, seed: int = 1) -> StudyRecord:
    """The same study after its front was scored again, so often and as loudly."""
    rng, trials = np.random.default_rng(seed), list(record.trials)
    first = {each.candidate: each for each in trials}
    while jobs := due_again(trials, 0, times):
        before = first[jobs[0].candidate]
        score = round(float(before.first - sigma + sigma * rng.normal()), 4)
        trials.append(
            replace(
                before,
                number=len(trials),
                curve=(*before.curve[:-1], score),
                repeats=(),
                seed=jobs[0].seed,
            )
        )
    return replace(record, trials=tuple(trials))
