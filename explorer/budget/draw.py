"""Random assignments, and moves from one to another: the steps that samplers are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.budget.prior import Prior
from explorer.cost.batch import decode
from explorer.space import Assignment, Choice, Knob, Space

Values = dict[str, Any]
Codes = npt.NDArray[np.int16]  # choices x assignments: the position of each value in its domain


@dataclass(frozen=True, slots=True)
class Draws:
    """Values drawn uniformly over each choice; of a log knob, uniformly over its logarithm.

    Attributes:
        sizes: how many values each choice has.
        ends: of choices whose values are not equally likely: up to where each is drawn.
    """

    sizes: npt.NDArray[np.int64]
    ends: Mapping[int, npt.NDArray[np.float64]]

    @classmethod
    def of(cls, space: Space, prior: Prior | None = None) -> Draws:
        """Draws from a space: even ones, or those of a prior."""
        choices = list(space.choices.values())
        sizes = np.array([len(choice.values) for choice in choices], np.int64)
        if prior is not None:
            shares = enumerate(prior.shares)
            return cls(sizes, {i: np.cumsum(each)[:-1] for i, each in shares if len(each) > 1})
        return cls(
            sizes,
            {
                index: _shares(choice)
                for index, choice in enumerate(choices)
                if isinstance(choice, Knob) and choice.log and len(choice.values) > 1
            },
        )

    def codes(self, count: int, rng: np.random.Generator) -> Codes:
        """So many assignments, every choice drawn independently."""
        drawn = rng.random((len(self.sizes), count))
        codes = (drawn * self.sizes[:, None]).astype(np.int16)
        for index, ends in self.ends.items():
            codes[index] = np.searchsorted(ends, drawn[index], side="right")
        return codes

    def values(self, choices: Any, rng: np.random.Generator) -> Codes:
        """A value of each of some choices, which are given by an array of their indices."""
        drawn = rng.random(len(choices))
        codes: Codes = (drawn * self.sizes[choices]).astype(np.int16)
        for index, ends in self.ends.items():
            here = choices == index
            codes[here] = np.searchsorted(ends, drawn[here], side="right")
        return codes

    def steps(self, codes: Codes, choices: Any, rng: np.random.Generator) -> Codes:
        """For values of some choices others nearby: up to a fifth of the domain away.

        A step is as likely as the step back, so that walks of steps keep even draws even. One out
        of the domain is not taken; where values are not equally likely, one is drawn.
        """
        reach = np.maximum(1, self.sizes[choices] // 5)
        there = codes + rng.integers(-reach, reach + 1)
        inside = (there >= 0) & (there < self.sizes[choices])
        result: Codes = np.where(inside, there, codes).astype(np.int16)
        for index in self.ends:
            here = choices == index
            result[here] = self.values(choices[here], rng)
        return result

    def chances(self, codes: Codes) -> npt.NDArray[np.float64]:
        """How likely assignments are drawn, up to a common factor."""
        chances: npt.NDArray[np.float64] = np.ones(codes.shape[1])
        for index, ends in self.ends.items():
            chances *= np.diff(ends, prepend=0, append=1)[codes[index]]
        return chances


def _shares(knob: Knob) -> npt.NDArray[np.float64]:
    """Where the nearest value on a logarithmic scale changes, between 0 and 1; without the last."""
    logs = np.log([float(value) for value in knob.values])
    middles: npt.NDArray[np.float64] = (logs[1:] + logs[:-1]) / 2
    shares: npt.NDArray[np.float64] = (middles - logs[0]) / (logs[-1] - logs[0])
    return shares


def draw(space: Space, rng: np.random.Generator) -> Values:
    """An assignment drawn uniformly over each choice; a log knob uniformly over its logarithm."""
    return decode(space, Draws.of(space).codes(1, rng)[:, 0])


def mutate(
    choices: Mapping[str, Choice], parent: Assignment, count: int, rng: np.random.Generator
) -> Values:
    """The parent with ``count`` choices changed: levers to another alternative, knobs nearby.

    A knob moves by a normal step of a fifth of its grid, at least one value.
    """
    child = dict(parent)
    paths = list(choices)
    for path in rng.choice(paths, size=min(count, len(paths)), replace=False):
        choice = choices[path]
        here = choice.values.index(child[path])
        child[path] = choice.values[_step(choice, here, rng)]
    return child


def _step(choice: Choice, here: int, rng: np.random.Generator) -> int:
    size = len(choice.values)
    if size == 1:
        return here
    if not isinstance(choice, Knob):
        other = int(rng.integers(size - 1))
        return other + (other >= here)
    step = round(rng.normal(0, size / 5)) or int(rng.choice([-1, 1]))
    there = min(max(here + step, 0), size - 1)
    # A step into a wall turns round, so that the ends do not collect what bounces off them.
    return there if there != here else (here - 1 if here else 1)


def cross(first: Assignment, second: Assignment, rng: np.random.Generator) -> Values:
    """A child that takes every module (the first name of a path) whole from one parent."""
    modules = sorted({_module(path) for path in first})
    from_first = dict(zip(modules, rng.random(len(modules)) < 0.5, strict=True))
    return {path: (first if from_first[_module(path)] else second)[path] for path in first}


def _module(path: str) -> str:
    return path.partition(".")[0]
