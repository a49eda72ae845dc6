"""What a study has found, as plain values: what reports, exports and samplers read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from explorer.ops import Cost
from explorer.search.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

State = Literal["waiting", "running", "complete", "failed"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate, and what came of it.

    Attributes:
        assignment: a value for every choice, inactive ones at their default.
        cost: of the candidate at the deployment input.
        bounded: other costs that the budget bounds, by name.
        proxy_macs: of the graph that was trained in its place.
        curve: validation accuracy after each epoch so far, 0 to 1; where a function of the user's
            own scores, its score alone, which is any finite number. More is better.
        reason: why it failed.
        repeats: scores of the same net with other seeds. Which trials have one is
            decided by their number, before anything is known of them.
        again: scores of the same net with more seeds, which it got for being on the front.
        free: training-free scores of what was trained, by name; None where one is not defined.
        rung: to which rung of its training the candidate was taken, from 0.
        candidate: the candidate's number in the order of proposals, from 0; the trial's own unless
            it is given. Where candidates wait at rungs, or are scored again, each may have several
            trials.
        seed: which of the candidate's seeds it is scored with: 0 is that of the search, 1 that of
            ``repeats``, and those from 2 on confirm a front.
    """

    number: int
    state: State
    assignment: Mapping[str, Any]
    fingerprint: str
    cost: Cost
    proxy_macs: int
    curve: tuple[float, ...] = ()
    seconds: float = 0.0
    reason: str = ""
    bounded: Mapping[str, int] = field(default_factory=dict)
    repeats: tuple[float, ...] = ()
    again: tuple[float, ...] = ()
    free: Mapping[str, float | None] = field(default_factory=dict)
    rung: int = 0
    candidate: int = -1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.candidate < 0:
            object.__setattr__(self, "candidate", self.number)

    @property
    def first(self) -> float:
        """The score by which the search went."""
        return self.curve[-1]

    @property
    def scores(self) -> tuple[float, ...]:
        """All that the net has, with whatever seed."""
        return (self.first, *self.repeats, *self.again)

    @property
    def counted(self) -> tuple[float, ...]:
        """Those by which the net is compared: the first, or all where it was scored again."""
        return self.scores if self.again else (self.first,)

    @property
    def accuracy(self) -> float:
        """The score, whatever the study scores by; of a net that was scored again, the mean."""
        return fmean(self.scores) if self.again else self.first

    @property
    def costs(self) -> dict[str, int]:
        """All costs by name, as a budget bounds them."""
        return {**self.cost._asdict(), **self.bounded}

    @property
    def is_complete(self) -> bool:
        return self.state == "complete"


@dataclass(frozen=True, slots=True)
class Reference:
    """The space's defaults as they are, scored by the same protocol but no part of the search.

    They may lie over the budget, as GoogLeNet does over its own 1.5e9.
    """

    name: str
    cost: Cost
    accuracy: float


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """Everything in a study.

    Attributes:
        command: what began it.
        facts: of the protocol and its data, as they were then.
    """

    name: str
    settings: Settings
    trials: tuple[Trial, ...]
    reference: Reference | None = None
    command: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> tuple[Trial, ...]:
        """Every candidate that was scored, as it stands."""
        return standing(self.trials)

    @property
    def candidates(self) -> int:
        """How many were begun."""
        return len({trial.candidate for trial in self.trials})

    @property
    def front(self) -> tuple[Trial, ...]:
        """The trials that no other dominates, from the cheapest to the best."""
        return front(self.complete)

    @property
    def best(self) -> Trial | None:
        """The most accurate trial; of equal ones the cheapest."""
        return max(self.complete, key=lambda t: (t.accuracy, -t.cost.macs), default=None)

    def frame(self) -> pd.DataFrame:
        """A row a trial: number, state, accuracy, macs, params, seconds, ..., then every choice.

        A score of the user's own stands in the column ``score``, and there is no proxy.
        """
        import pandas as pd

        is_own = bool(self.settings.score)
        score = "score" if is_own else "accuracy"

        on_front = {trial.number for trial in self.front}
        means = {trial.number: trial.accuracy for trial in self.complete}
        rows = [
            {
                "trial": trial.number,
                "candidate": trial.candidate,
                "seed": trial.seed,
                "state": trial.state,
                "on_front": trial.number in on_front,
                score: trial.accuracy if trial.is_complete else None,
                f"repeat_{score}": trial.repeats[0] if trial.repeats else None,
                f"mean_{score}": means.get(trial.number),
                "macs": trial.cost.macs,
                "params": trial.cost.params,
                "activations": trial.cost.activations,
                **trial.bounded,
                **({} if is_own else {"proxy_macs": trial.proxy_macs}),
                "seconds": trial.seconds,
                **trial.free,
                "fingerprint": trial.fingerprint,
                "reason": trial.reason,
                **trial.assignment,
            }
            for trial in self.trials
        ]
        return pd.DataFrame(rows)


def standing(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Every candidate that was scored, at the highest rung where it was, by number of trial.

    The scores that it got in other trials since, with other seeds, are its ``again``.
    """
    highest: dict[int, Trial] = {}
    again: dict[int, dict[int, float]] = {}
    for trial in trials:
        if not trial.is_complete:
            continue
        if trial.seed:
            again.setdefault(trial.candidate, {})[trial.seed] = trial.first
        elif trial.candidate not in highest or trial.rung > highest[trial.candidate].rung:
            highest[trial.candidate] = trial
    for candidate, scores in again.items():
        found = tuple(score for _, score in sorted(scores.items()))
        highest[candidate] = replace(highest[candidate], again=found)
    return tuple(sorted(highest.values(), key=lambda trial: trial.number))


def front(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The trials that no other beats in accuracy at no more macs, from the cheapest up."""
    best: list[Trial] = []
    for trial in sorted(trials, key=lambda t: (t.cost.macs, -t.accuracy, t.number)):
        if not best or trial.accuracy > best[-1].accuracy:
            best.append(trial)
    return tuple(best)


def ranks(trials: Sequence[Trial]) -> dict[int, int]:
    """For every trial (by number) how many fronts lie before its own: 0 is the front."""
    left, rank, found = list(trials), 0, {}
    while left:
        layer = {trial.number for trial in front(left)}
        found.update(dict.fromkeys(layer, rank))
        left = [trial for trial in left if trial.number not in layer]
        rank += 1
    return found
