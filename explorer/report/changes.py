"""What sets a trial apart from the defaults of its space, in short and in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.search import Trial
from explorer.space import Candidate, Choice, Knob, Space, bind, write_value

Written = int | str


@dataclass(frozen=True, slots=True)
class Changes:
    """A trial beside the defaults.

    Attributes:
        modules: how many calls of each block its net has: ``inception 7``.
        levers: alternatives that are not the default, and how often: ``five stacked`` 3.
        knobs: how many knobs with a part in the net left their default, of how many.
        moved: every choice that left its default.
        assignment: every choice; those without a part in the net are at their default.
    """

    modules: Mapping[str, int]
    levers: Mapping[str, int]
    knobs: tuple[int, int]
    moved: Mapping[str, Written]
    assignment: Mapping[str, Written]

    def __str__(self) -> str:
        if not self.moved:
            return "nothing: these are the defaults"
        parts = [
            ", ".join(f"{number} {name}" for name, number in self.modules.items()),
            ", ".join(_times(name, number) for name, number in self.levers.items()),
            f"{self.knobs[0]} of {self.knobs[1]} numbers moved" if self.knobs[1] else "",
        ]
        return "; ".join(part for part in parts if part)


def changes(space: Space, trial: Trial) -> Changes:
    """What a trial changed in its space."""
    candidate = bind(space, trial.assignment)
    found = moved(space, candidate)
    choices = [(path, space.choices[path]) for path in found]
    active = [space.choices[path] for path in candidate.active if path in space.choices]
    return Changes(
        modules=Counter(scope.block for scope in candidate.graph.scopes if scope.block),
        levers=Counter(
            f"{path.rpartition('.')[2]} {found[path]}"
            for path, choice in choices
            if not isinstance(choice, Knob)
        ),
        knobs=(_knobs([choice for _, choice in choices]), _knobs(active)),
        moved=found,
        assignment=candidate.written(),
    )


def moved(space: Space, candidate: Candidate) -> dict[str, Written]:
    """The choices that left their default, in the order of the text."""
    return {
        path: write_value(candidate.assignment[path])
        for path, choice in space.choices.items()
        if candidate.assignment[path] != choice.default
    }


def _knobs(choices: list[Choice]) -> int:
    return sum(isinstance(choice, Knob) for choice in choices)


def _times(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ×{number}"
