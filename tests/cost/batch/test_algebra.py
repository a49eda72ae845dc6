"""Formulas and conditions, against plain arithmetic on every assignment."""

from __future__ import annotations

from itertools import product
from math import gcd
from random import Random
from typing import Any

import numpy as np
import pytest

from explorer.cost.batch.numbers import Algebra, Number
from explorer.cost.batch.program import Program
from explorer.cost.batch.truth import UncompilableError

DOMAINS = [[8, 16, 24], [1, 2, 3, 4], [5], [-2, 0, 7]]
EVERY = list(product(*(range(len(domain)) for domain in DOMAINS)))


def values(indices: tuple[int, ...]) -> list[int]:
    return [domain[index] for domain, index in zip(DOMAINS, indices, strict=True)]


def grown(dice: Random, algebra: Algebra, depth: int) -> tuple[Any, Any]:
    """A formula at random, and the same as a function of the knobs' values."""
    if depth == 0:
        which = dice.randrange(len(DOMAINS) + 1)
        if which == len(DOMAINS):
            constant = dice.randrange(-3, 9)
            return constant, lambda known: constant
        return algebra.choice(which), lambda known: known[which]
    a, f = grown(dice, algebra, depth - 1)
    b, g = grown(dice, algebra, dice.randrange(depth))
    match dice.choice("+ + - * * // % max gcd switch".split()):
        case "+":
            return a + b, lambda known: f(known) + g(known)
        case "-":
            return a - b, lambda known: f(known) - g(known)
        case "*":
            return a * b, lambda known: f(known) * g(known)
        case "//":
            below = b * b + 1
            return a // below, lambda known: f(known) // (g(known) ** 2 + 1)
        case "%":
            return a % 3, lambda known: f(known) % 3
        case "max":
            return algebra.largest([a, b]), lambda known: max(f(known), g(known))
        case "gcd":
            left, right = a * a + 1, b * b + 1
            return algebra.gcd(left, right), lambda known: gcd(f(known) ** 2 + 1, g(known) ** 2 + 1)
    truth = algebra.truths.of(a > b)
    found = algebra.switch([(truth, a), (~truth, b * 2)])
    return found, lambda known: f(known) if f(known) > g(known) else g(known) * 2


@pytest.mark.parametrize("seed", range(40))
def test_formulas_are_exact(seed: int) -> None:
    algebra = Algebra(DOMAINS)
    formula, function = grown(Random(seed), algebra, depth=5)
    wanted = [function(values(indices)) for indices in EVERY]
    if isinstance(formula, Number):
        low, high = formula.bounds
        assert low <= min(wanted) <= max(wanted) <= high
        assert not formula.divisor or all(value % formula.divisor == 0 for value in wanted)
        assert [formula.at(dict(enumerate(indices))) for indices in EVERY] == wanted
    numbers, _ = Program(algebra, [formula]).run(np.array(EVERY).T)
    assert numbers[0].tolist() == wanted


@pytest.mark.parametrize("seed", range(40))
def test_conditions_are_exact(seed: int) -> None:
    dice, algebra = Random(f"truth {seed}"), Algebra(DOMAINS)
    truth, held = algebra.truths.true, [True] * len(EVERY)
    for _ in range(6):
        formula, function = grown(dice, algebra, depth=2)
        other = (
            algebra.truths.of(formula > 2)
            if dice.random() < 0.7
            else ~algebra.truths.of(formula == 8)
        )
        tests = [function(values(indices)) for indices in EVERY]
        others = [value > 2 for value in tests]
        if other is not algebra.truths.of(formula > 2):
            others = [value != 8 for value in tests]
        both = dice.random() < 0.5
        truth = truth & other if both else ~truth | other
        held = [
            (left and right) if both else (not left or right)
            for left, right in zip(held, others, strict=True)
        ]
    assert [algebra.holds(truth, dict(enumerate(indices))) for indices in EVERY] == held
    _, any_holds = Program(algebra, [], [truth]).run(np.array(EVERY).T)
    assert any_holds.tolist() == held


def test_equal_conditions_are_one() -> None:
    algebra = Algebra([list(range(6))])
    depth = algebra.choice(0)
    deep, deeper = depth >= 2, depth >= 3
    assert deep & deeper is deeper
    assert ~(depth < 2) is deep
    assert deep | ~deep is algebra.truths.true
    assert (depth >= 0) is True
    assert (depth == 9) is False


def test_what_divides_is_seen() -> None:
    algebra = Algebra(DOMAINS)
    wide, other = algebra.choice(0), algebra.choice(1)
    assert wide % 8 == 0
    assert wide // wide == 1
    assert (wide * other * 6 // (2 * wide)).key == (other * 3).key


def test_an_open_condition_has_no_truth_value() -> None:
    algebra = Algebra(DOMAINS)
    with pytest.raises(UncompilableError):
        bool(algebra.choice(0) > 8)
