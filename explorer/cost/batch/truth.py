"""Conditions over the choices of a space, as decision diagrams: equal conditions are one object.

A diagram asks one variable after another, in one fixed order, and nothing that makes no difference
(Bryant 1986, here with as many answers as a choice has values). So ``depth >= 2`` under
``depth >= 3`` is seen to hold, and what depends on nothing is True or False at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MAX_CONDITIONS = 300_000  # diagrams of one space


class UncompilableError(Exception):
    """What arithmetic over arrays does not cover; the text is the reason."""


class Truth:
    """A condition. ``branches`` are sets of the variable's values, as bits, and what then holds."""

    __slots__ = ("branches", "number", "table", "variable")

    def __init__(
        self, table: Truths, number: int, variable: int, branches: tuple[tuple[int, Truth], ...]
    ) -> None:
        self.table, self.number = table, number
        self.variable, self.branches = variable, branches

    def __bool__(self) -> bool:
        if self.branches:
            raise UncompilableError("a rule asks for the truth of something that is still open")
        return self is self.table.true

    def __and__(self, other: Truth | bool) -> Truth:
        return self.table.both(self, self.table.of(other))

    def __or__(self, other: Truth | bool) -> Truth:
        table = self.table
        return table.negation(table.both(~self, ~table.of(other)))

    def __invert__(self) -> Truth:
        return self.table.negation(self)

    def __mul__(self, other: Any) -> Any:
        return self.table.as_number(self) * other

    __rand__, __ror__, __rmul__ = __and__, __or__, __mul__

    def __add__(self, other: Any) -> Any:
        return self.table.as_number(self) + other

    def __rsub__(self, other: Any) -> Any:
        return other - self.table.as_number(self)

    __radd__ = __add__


class Truths:
    """All conditions of one space.

    Args:
        sizes: how many values each choice has; more variables may be added, of two values.

    Attributes:
        as_number: makes a condition the number 1 where it holds and 0 elsewhere; set by whoever
            knows numbers.
    """

    def __init__(self, sizes: Iterable[int]) -> None:
        self.everything = [(1 << size) - 1 for size in sizes]
        self._made: dict[object, Truth] = {}
        self._both: dict[tuple[int, int], Truth] = {}
        self._not: dict[int, Truth] = {}
        self.false = Truth(self, 0, -1, ())
        self.true = Truth(self, 1, -1, ())
        self.as_number: Any = None

    def of(self, value: Truth | bool) -> Truth:
        if isinstance(value, Truth):
            return value
        return self.true if value else self.false

    def choice(self, variable: int, values: int) -> Truth:
        """That a variable has one of some values, which are given as bits."""
        rest = self.everything[variable] & ~values
        return self._make(variable, {values & ~rest: self.true, rest: self.false})

    def variable(self) -> int:
        """A new variable, which may hold (value 0) or not (value 1)."""
        self.everything.append(0b11)
        return len(self.everything) - 1

    def both(self, left: Truth, right: Truth) -> Truth:
        """The conjunction."""
        if left is right or right is self.true or left is self.false:
            return left
        if left is self.true or right is self.false:
            return right
        key = (left.number, right.number) if left.number < right.number else (
            right.number,
            left.number,
        )  # fmt: skip
        found = self._both.get(key)
        if found is None:
            found = self._both[key] = self._conjunction(left, right)
        return found

    def _conjunction(self, left: Truth, right: Truth) -> Truth:
        if left.variable > right.variable:
            left, right = right, left
        parts: dict[int, Truth] = {}
        if left.variable < right.variable:
            for values, then in left.branches:
                parts[values] = self.both(then, right)
        else:
            for mine, then in left.branches:
                for theirs, other in right.branches:
                    if mine & theirs:
                        parts[mine & theirs] = self.both(then, other)
        return self._make(left.variable, parts)

    def negation(self, truth: Truth) -> Truth:
        if truth is self.true or truth is self.false:
            return self.false if truth is self.true else self.true
        found = self._not.get(truth.number)
        if found is None:
            parts = {values: self.negation(then) for values, then in truth.branches}
            found = self._not[truth.number] = self._make(truth.variable, parts)
            self._not[found.number] = truth
        return found

    def _make(self, variable: int, parts: dict[int, Truth]) -> Truth:
        """The one diagram with these branches; branches that lead to the same become one."""
        joined: dict[int, int] = {}
        ends: dict[int, Truth] = {}
        for values, then in parts.items():
            if values:
                joined[then.number] = joined.get(then.number, 0) | values
                ends[then.number] = then
        if len(ends) == 1:
            return next(iter(ends.values()))
        branches = tuple(sorted((values, number) for number, values in joined.items()))
        key = (variable, branches)
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= MAX_CONDITIONS:
                raise UncompilableError("its choices exclude each other in too many ways")
            whole = tuple((values, ends[number]) for values, number in branches)
            found = self._made[key] = Truth(self, len(self._made) + 2, variable, whole)
        return found
