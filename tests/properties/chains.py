"""Random chains: ops, calls, copies, choices and joins that fit each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from tests.properties import numbers, windows
from tests.properties.numbers import Names, chance
from tests.properties.random_ops import an_op
from tests.properties.values import (
    Drawn,
    Goal,
    Value,
    Width,
    made,
)

DEEPEST = 3  # brackets in brackets


@dataclass
class Block:
    """A block that was drawn, and where it may be called.

    Attributes:
        takes: the value that it was drawn for.
        gives: what it makes of that.
        steady: it keeps every grid, so that it takes the value on any.
    """

    name: str
    parameters: list[numbers.Number]
    gives: Drawn
    takes: Value
    steady: bool
    text: str = ""
    defaults: dict[str, str] = field(default_factory=dict)

    def suits(self, value: Value, goal: Goal) -> bool:
        same = (value.kind, len(value.grid)) == (self.takes.kind, len(self.takes.grid))
        here = value.grid == self.takes.grid
        alike = value.multiple % self.takes.multiple == 0 and value.most <= self.takes.most
        level = value.behind <= {value.where} or (here and value.behind <= self.takes.behind)
        return same and (here or self.steady) and alike and level and goal.allows(self.gives)


@dataclass
class Drawer:
    """What is drawn for one text: its dice, its blocks, what may still be added."""

    dice: Random
    is_space: bool
    top: Names
    left: int = 40  # elements
    blocks: list[Block] = field(default_factory=list)
    names: int = 0

    def fresh(self, word: str) -> str:
        """A name that nothing else in the text has."""
        self.names += 1
        return f"{word}{self.names}"

    # ---- chains

    def chain(self, names: Names, value: Value, goal: Goal, depth: int = 0) -> Drawn:
        """A chain with a goal, the value flowing in."""
        parts: list[str] = []
        middle = Goal("keep", goal.channels) if goal.grid == "half" else goal
        if goal.grid == "half" and goal.channels == "keep":
            raise ValueError("no chain halves a grid and keeps any channels")
        start = value
        for _ in range(self._length(depth)):
            drawn = self.part(names, value, middle, depth)
            parts.append(drawn.text)
            value = behind(value, drawn.value)
        if goal.grid == "half":
            drawn = self._half(names, value)
            parts.append(drawn.text)
            value = behind(value, drawn.value)
        if isinstance(goal.channels, Width):
            drawn = project(value, goal.channels)
            parts.append(drawn.text)
            value = behind(value, drawn.value)
        if not parts:
            return Drawn("id", start, True, True)
        keeps = goal.channels == "keep"
        return Drawn(" > ".join(parts), value, goal.grid == "keep", keeps)

    def _length(self, depth: int) -> int:
        return 1 if self.left <= 0 else self.dice.choice((1, 2, 3, 0) if depth else (1, 2, 3))

    def _half(self, names: Names, value: Value) -> Drawn:
        way = self.dice.choice((windows.conv, windows.maxpool, windows.dwconv, windows.avgpool))
        drawn = way(self.dice, names, value, halve=True)
        assert drawn is not None
        return drawn

    def part(self, names: Names, value: Value, goal: Goal, depth: int) -> Drawn:
        """One part of a chain, sometimes with a name."""
        drawn = self.element(names, value, goal, depth)
        if not chance(self.dice, 12):
            return drawn
        alias = self.fresh("v")
        names.values[alias] = behind(value, drawn.value)
        return replace(drawn, text=f"{drawn.text} as {alias}")

    def element(self, names: Names, value: Value, goal: Goal, depth: int) -> Drawn:
        self.left -= 1
        from tests.properties.elements import NESTED  # which draw chains themselves

        if depth < DEEPEST and self.left > 0 and chance(self.dice, 40):
            for _ in range(4):
                way = self.dice.choice(NESTED)
                drawn = way(self, names, value, replace_width(goal), depth + 1)
                if drawn is not None:
                    return drawn
        return an_op(self.dice, names, value, replace_width(goal))


def behind(before: Value, after: Value) -> Value:
    """A value that follows another: ``before`` passes over what lies between them."""
    return replace(after, behind=after.behind | before.behind)


def replace_width(goal: Goal) -> Goal:
    """The goal of what stands in front of the part that gives a chain its width."""
    return Goal(goal.grid, "any") if isinstance(goal.channels, Width) else goal


def project(value: Value, wanted: Width) -> Drawn:
    """The op that gives any value a number of channels."""
    made_ = made(value.kind, value.grid, wanted.multiple, wanted.most)
    if value.kind == "map":
        return Drawn(f"conv 1 {wanted.text}", made_, True)
    return Drawn(f"linear {wanted.text}", made_, True)
