"""Which type of array a formula is exact in, known before the first assignment is.

Where no intermediate value can reach 2^53 that is float64, whose whole numbers are exact up to
there and whose products are fast; where none can reach 2^63, int64; beyond, Python's own integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from explorer.cost.batch.atoms import (
    Atom,
    Exact,
    FloorAtom,
    GcdAtom,
    MaskAtom,
    MaxAtom,
    SumAtom,
    SwitchAtom,
)
from explorer.cost.batch.numbers import Algebra, Number
from explorer.cost.batch.truth import Truth


def exact_type(algebra: Algebra, numbers: Sequence[Exact], truths: Sequence[Truth]) -> Any:
    """The fastest type of array in which nothing is rounded and nothing overflows."""
    needed, tested = _needed(algebra, numbers, truths)
    values = [*numbers, *tested]
    for atom in needed:
        values += _parts(atom)
    largest = max((_magnitude(algebra, value) for value in values), default=0)
    # Twice: a case of a switch is added as its difference to another.
    if 2 * largest < 2**53:
        return np.float64
    return np.int64 if 2 * largest < 2**63 else object


def _magnitude(algebra: Algebra, value: Exact) -> int:
    """What no part of a sum exceeds while it is added up."""
    total = 0
    for product, factor in algebra.terms(value).items():
        size = abs(factor)
        for number in product:
            atom = algebra.atoms[number]
            size *= max(abs(atom.low), abs(atom.high), 1)
        total += size
    return total


def _parts(atom: Atom) -> list[Exact]:
    """The numbers that an atom is made of."""
    match atom:
        case SumAtom(total=total):
            return [total]
        case SwitchAtom(cases=cases):
            return [value for _, value in cases]
        case FloorAtom(over=over, under=under):
            return [over, under]
        case GcdAtom(left=left, right=right):
            return [left, right]
        case MaxAtom(values=values):
            return list(values)
    return []


def _conditions(atom: Atom) -> list[Truth]:
    match atom:
        case MaskAtom(truth=truth):
            return [truth]
        case SwitchAtom(cases=cases):
            return [truth for truth, _ in cases[:-1]]
    return []


def _needed(
    algebra: Algebra, numbers: Iterable[Exact], truths: Iterable[Truth]
) -> tuple[list[Atom], list[Number]]:
    """All atoms that are needed, and all numbers that are compared with zero."""
    atoms: dict[int, Atom] = {}
    tested: dict[int, Number] = {}
    seen: set[int] = set()
    values, conditions = list(numbers), list(truths)
    while values or conditions:
        while conditions:
            truth = conditions.pop()
            if truth.number in seen or not truth.branches:
                continue
            seen.add(truth.number)
            conditions += [then for _, then in truth.branches]
            test = algebra.tests.get(truth.variable)
            if test is not None and truth.variable not in tested:
                tested[truth.variable] = test.number
                values.append(test.number)
        while values:
            for product in algebra.terms(values.pop()):
                for number in product:
                    if number not in atoms:
                        atom = atoms[number] = algebra.atoms[number]
                        values += _parts(atom)
                        conditions += _conditions(atom)
    return list(atoms.values()), list(tested.values())
