"""Random assignments, and moves from one to another: the steps that samplers are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.space import Assignment, Choice, Knob, Space

Values = dict[str, Any]


def draw(space: Space, rng: np.random.Generator) -> Values:
    """An assignment drawn uniformly over each choice; a log knob uniformly over its logarithm."""
    return {path: draw_value(choice, rng) for path, choice in space.choices.items()}


def draw_value(choice: Choice, rng: np.random.Generator) -> Any:
    """One value of a choice."""
    if isinstance(choice, Knob) and choice.log:
        edges = np.log([float(value) for value in choice.values])
        index = int(np.argmin(np.abs(edges - rng.uniform(edges[0], edges[-1]))))
    else:
        index = int(rng.integers(len(choice.values)))
    return choice.values[index]


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
