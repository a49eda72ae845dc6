"""The quantities that formulas are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.cost.batch.truth import Truth

Exact = Any  # int | Number: a constant is an int


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """A quantity that formulas take as one piece.

    Attributes:
        number: its name in products.
        low, high: between which it lies.
        divisor: what divides every value of it.
        open: the choices that it depends on.
    """

    number: int
    low: int
    high: int
    divisor: int
    open: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceAtom(Atom):
    """The value of a knob."""

    variable: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MaskAtom(Atom):
    """1 where a condition holds, 0 elsewhere."""

    truth: Truth


@dataclass(frozen=True, slots=True, eq=False)
class SumAtom(Atom):
    """A sum that is worked out once."""

    total: Exact


@dataclass(frozen=True, slots=True, eq=False)
class SwitchAtom(Atom):
    """The first case whose condition holds; the last one holds otherwise."""

    cases: tuple[tuple[Truth, Exact], ...]


@dataclass(frozen=True, slots=True, eq=False)
class FloorAtom(Atom):
    """A quotient, rounded down; where the divisor is below 1, as if it were 1."""

    over: Exact
    under: Exact


@dataclass(frozen=True, slots=True, eq=False)
class GcdAtom(Atom):
    """The greatest common divisor."""

    left: Exact
    right: Exact


@dataclass(frozen=True, slots=True, eq=False)
class MaxAtom(Atom):
    """The largest of some numbers."""

    values: tuple[Exact, ...]
