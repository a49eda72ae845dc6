"""Whole numbers that depend on the choices of a space, for all assignments at once.

A :class:`Number` is a sum of products of *atoms* with integer coefficients. It answers to the
arithmetic that the rules of the ops are written in (``+ - * // %`` and comparisons), so the lines
that count one graph build the formula for all of them. Whatever turns out constant is an int again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combinations
from math import gcd, prod
from typing import Any

from explorer.cost.batch.atoms import (
    Atom,
    ChoiceAtom,
    Exact,
    FloorAtom,
    GcdAtom,
    MaskAtom,
    MaxAtom,
    SumAtom,
    SwitchAtom,
)
from explorer.cost.batch.truth import Truth, Truths, UncompilableError

Product = tuple[int, ...]  # the numbers of its atoms, in order; () is the constant 1


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison with zero: ``> 0`` or ``== 0``."""

    number: Number
    equal: bool


class Number:
    """Coefficients by product. Comparisons give a :class:`Truth`, or a bool where none is open."""

    __slots__ = ("algebra", "terms")

    def __init__(self, algebra: Algebra, terms: Mapping[Product, int]) -> None:
        self.algebra, self.terms = algebra, terms

    @property
    def key(self) -> tuple[tuple[Product, int], ...]:
        return tuple(sorted(self.terms.items()))

    @property
    def bounds(self) -> tuple[int, int]:
        """Between which values it lies; wider than need be where its atoms hang together."""
        low = high = 0
        for atoms, factor in self.terms.items():
            ends = (factor, factor)
            for number in atoms:
                atom = self.algebra.atoms[number]
                corners = [a * b for a, b in combinations(ends, (atom.low, atom.high))]
                ends = (min(corners), max(corners))
            low, high = low + ends[0], high + ends[1]
        return low, high

    @property
    def divisor(self) -> int:
        atoms = self.algebra.atoms
        return gcd(*(f * prod(atoms[a].divisor for a in p) for p, f in self.terms.items()))

    @property
    def open(self) -> frozenset[int]:
        atoms = self.algebra.atoms
        return frozenset().union(*(atoms[a].open for product in self.terms for a in product))

    # ---- arithmetic

    def __add__(self, other: Exact) -> Exact:
        terms = dict(self.terms)
        for product, factor in self.algebra.terms(other).items():
            terms[product] = terms.get(product, 0) + factor
        return self.algebra.made(terms)

    def __mul__(self, other: Exact) -> Exact:
        if isinstance(other, Truth):
            other = self.algebra.mask(other)
        if isinstance(other, int):
            return self.algebra.made({p: f * other for p, f in self.terms.items()})
        (mine, factor), (theirs, other_factor) = self.as_product(), other.as_product()
        product = tuple(sorted(mine + theirs))
        return self.algebra.made({product: factor * other_factor})

    def as_product(self) -> tuple[Product, int]:
        """One product and its coefficient; a sum becomes an atom for that."""
        if len(self.terms) > 1:
            content = gcd(*self.terms.values())
            part = Number(self.algebra, {p: f // content for p, f in self.terms.items()})
            return (self.algebra.sum(part),), content
        ((product, factor),) = self.terms.items()
        return product, factor

    def __neg__(self) -> Exact:
        return self * -1

    def __sub__(self, other: Exact) -> Exact:
        return self + (-other)

    def __rsub__(self, other: Exact) -> Exact:
        return -self + other

    def __floordiv__(self, other: Exact) -> Exact:
        return self.algebra.quotient(self, other)

    def __rfloordiv__(self, other: Exact) -> Exact:
        return self.algebra.quotient(other, self)

    def __mod__(self, other: Exact) -> Exact:
        if isinstance(other, int) and other and self.divisor % other == 0:
            return 0
        return self - self.algebra.quotient(self, other) * other

    def __rmod__(self, other: Exact) -> Exact:
        return other - self.algebra.quotient(other, self) * self

    __radd__, __rmul__ = __add__, __mul__

    # ---- comparisons

    def __gt__(self, other: Exact) -> Truth | bool:
        return self.algebra.test(self - other, equal=False)

    def __lt__(self, other: Exact) -> Truth | bool:
        return self.algebra.test(other - self, equal=False)

    def __ge__(self, other: Exact) -> Truth | bool:
        return _opposite(self < other)

    def __le__(self, other: Exact) -> Truth | bool:
        return _opposite(self > other)

    def __eq__(self, other: object) -> Any:
        return self.algebra.test(self - other, equal=True)

    def __ne__(self, other: object) -> Any:
        return _opposite(self == other)

    __hash__ = None  # type: ignore[assignment]

    # ---- one assignment

    def at(self, indices: Mapping[int, int]) -> int:
        """The value where every choice that it depends on has the value with this index."""
        algebra = self.algebra
        return sum(
            factor * prod(algebra.atom_at(atom, indices) for atom in product)
            for product, factor in self.terms.items()
        )


def _opposite(truth: Truth | bool) -> Truth | bool:
    return not truth if isinstance(truth, bool) else ~truth


class Algebra:
    """The atoms and conditions of one space.

    Args:
        domains: the values of every choice, as whole numbers.
    """

    def __init__(self, domains: Sequence[Sequence[int]]) -> None:
        self.domains = [tuple(domain) for domain in domains]
        self.truths = Truths(map(len, self.domains))
        self.truths.as_number = self.mask
        self.atoms: list[Atom] = []
        self.tests: dict[int, Test] = {}  # by the variable that stands for it
        self._made: dict[object, int] = {}
        self._tested: dict[object, Truth | bool] = {}

    # ---- making numbers

    def terms(self, value: Exact) -> Mapping[Product, int]:
        if isinstance(value, Truth):
            value = self.mask(value)
        return value.terms if isinstance(value, Number) else {(): int(value)}

    def made(self, terms: Mapping[Product, int]) -> Exact:
        """The number with these terms; an int when nothing in it is open."""
        kept = {product: factor for product, factor in terms.items() if factor}
        if not kept:
            return 0
        if len(kept) == 1 and () in kept:
            return kept[()]
        return Number(self, kept)

    def choice(self, variable: int) -> Exact:
        """The value of a knob."""
        values = self.domains[variable]
        if len(values) == 1:
            return values[0]
        atom = (min(values), max(values), gcd(*values), frozenset((variable,)))
        return self._atom(("choice", variable), ChoiceAtom, *atom, variable, values)

    def mask(self, truth: Truth | bool) -> Exact:
        """1 where the condition holds, else 0."""
        if isinstance(truth, bool) or not truth.branches:
            return int(bool(truth))
        open_ = self.opened(truth)
        return self._atom(("mask", truth.number), MaskAtom, 0, 1, 1, open_, truth)

    def sum(self, total: Number) -> int:
        """The atom of a sum."""
        made = self._atom(
            ("sum", total.key), SumAtom, *total.bounds, total.divisor, total.open, total
        )
        ((product, _),) = made.terms.items()
        return int(product[0])

    def as_one(self, value: Exact) -> Exact:
        """The same number, as one piece when it is a sum."""
        if not isinstance(value, Number) or len(value.terms) == 1:
            return value
        return self.made({(self.sum(value),): 1})

    def switch(self, cases: Iterable[tuple[Truth, Exact]]) -> Exact:
        """The value of the one case that holds."""
        found: dict[object, tuple[Truth, Exact]] = {}
        for truth, value in cases:
            if truth is self.truths.true:
                return value
            if truth is self.truths.false:
                continue
            key = value.key if isinstance(value, Number) else value
            found[key] = (found[key][0] | truth if key in found else truth, value)
        *first, (last, default) = found.values()
        if not first:
            return default
        ordered = (*first, (last, default))
        bounds = [_bounds(value) for _, value in ordered]
        return self._atom(
            ("switch", tuple((truth.number, key) for key, (truth, _) in found.items())),
            SwitchAtom,
            min(low for low, _ in bounds),
            max(high for _, high in bounds),
            gcd(*(v.divisor if isinstance(v, Number) else v for _, v in ordered)) or 1,
            frozenset().union(
                *(self.opened(truth) for truth, _ in first),
                *(value.open for _, value in ordered if isinstance(value, Number)),
            ),
            ordered,
        )

    def quotient(self, over: Exact, under: Exact) -> Exact:
        """``over // under``, for what is above zero below the line."""
        if isinstance(under, Truth):
            under = self.mask(under)
        low = _bounds(under)[0]
        if isinstance(under, int) and under < 1:
            raise UncompilableError("a division by zero or less")
        if isinstance(over, int) and isinstance(under, int):
            return over // under
        cancelled = self._cancelled(over, under) if low > 0 else None
        if cancelled is not None:
            return cancelled
        (bottom, top), least = _bounds(over), max(low, 1)
        most = max(_bounds(under)[1], 1)
        corners = [value // by for value in (bottom, top) for by in (least, most)]
        divisor = over.divisor if isinstance(over, Number) else over
        divides = isinstance(under, int) and divisor % under == 0
        return self._atom(
            ("floor", _key(over), _key(under)),
            FloorAtom,
            min(corners),
            max(corners),
            divisor // under if divides else 1,
            _open(over) | _open(under),
            over,
            under,
        )

    def _cancelled(self, over: Exact, under: Exact) -> Exact | None:
        """The quotient where the divisor is seen to be a factor of every term."""
        if _key(over) == _key(under):
            return 1
        terms = self.terms(over)
        if isinstance(under, Number) and len(under.terms) > 1:
            return None
        ((product, factor),) = self.terms(under).items()
        left: dict[Product, int] = {}
        for atoms, coefficient in terms.items():
            rest = list(atoms)
            if coefficient % factor or any(atoms.count(a) < product.count(a) for a in product):
                return None
            for atom in product:
                rest.remove(atom)
            left[tuple(rest)] = coefficient // factor
        return self.made(left)

    def gcd(self, *values: Exact) -> Exact:
        """The greatest common divisor of numbers above zero."""
        first, *others = values
        for other in others:
            if isinstance(first, int) and isinstance(other, int):
                first = gcd(first, other)
            elif _key(first) != _key(other) and _key(first) != 1:
                high = min(_bounds(first)[1], _bounds(other)[1])
                open_ = _open(first) | _open(other)
                divisor = gcd(*(v.divisor if isinstance(v, Number) else v for v in (first, other)))
                key = ("gcd", _key(first), _key(other))
                first = self._atom(key, GcdAtom, 1, high, divisor or 1, open_, first, other)
        return first

    def largest(self, values: Iterable[Exact]) -> Exact:
        """The largest of some numbers; those that never are it are left out."""
        every = {_key(value): value for value in values}
        least = max(_bounds(value)[0] for value in every.values())
        kept = {key: value for key, value in every.items() if _bounds(value)[1] >= least}
        if len(kept) == 1:
            return next(iter(kept.values()))
        return self._atom(
            ("max", tuple(kept)),
            MaxAtom,
            least,
            max(_bounds(value)[1] for value in kept.values()),
            gcd(*(v.divisor if isinstance(v, Number) else v for v in kept.values())) or 1,
            frozenset().union(*map(_open, kept.values())),
            tuple(kept.values()),
        )

    def _atom(self, key: object, kind: Any, *about: Any) -> Number:
        number = self._made.get(key)
        if number is None:
            number = self._made[key] = len(self.atoms)
            self.atoms.append(kind(number, *about))
        return Number(self, {(number,): 1})

    # ---- comparing them

    def test(self, number: Exact, equal: bool) -> Truth | bool:
        """That a number is zero, or that it is above zero."""
        if isinstance(number, int):
            return number == 0 if equal else number > 0
        low, high = number.bounds
        if high < 0 or low > 0 or (not equal and high == 0):
            return not equal and low > 0
        key = (number.key, equal)
        if key not in self._tested:
            self._tested[key] = self._decided(number, equal)
        return self._tested[key]

    def _decided(self, number: Number, equal: bool) -> Truth | bool:
        """A diagram over one choice where that is all it depends on; else over a new variable."""
        if len(number.open) == 1:
            (variable,) = number.open
            values = 0
            for index in range(len(self.domains[variable])):
                value = number.at({variable: index})
                values |= (value == 0 if equal else value > 0) << index
            truth = self.truths.choice(variable, values)
            return truth if truth.branches else bool(truth)
        variable = self.truths.variable()
        self.tests[variable] = Test(number, equal)
        return self.truths.choice(variable, 0b01)

    def opened(self, truth: Truth) -> frozenset[int]:
        """The choices that a condition depends on."""
        found: set[int] = set()
        stack, seen = [truth], {truth.number}
        while stack:
            here = stack.pop()
            if here.branches:
                test = self.tests.get(here.variable)
                found |= test.number.open if test else {here.variable}
            for _, then in here.branches:
                if then.number not in seen:
                    seen.add(then.number)
                    stack.append(then)
        return frozenset(found)

    # ---- one assignment

    def atom_at(self, number: int, indices: Mapping[int, int]) -> int:
        """The value of an atom under one assignment."""
        match self.atoms[number]:
            case ChoiceAtom(variable=variable, values=values):
                return values[indices[variable]]
            case MaskAtom(truth=truth):
                return int(self.holds(truth, indices))
            case SumAtom(total=total):
                return _at(total, indices)
            case SwitchAtom(cases=cases):
                held = (value for truth, value in cases[:-1] if self.holds(truth, indices))
                return _at(next(held, cases[-1][1]), indices)
            case FloorAtom(over=over, under=under):
                return _at(over, indices) // max(_at(under, indices), 1)
            case MaxAtom(values=values):
                return max(_at(value, indices) for value in values)
            case GcdAtom(left=left, right=right):
                return gcd(_at(left, indices), _at(right, indices))
        raise AssertionError(number)

    def holds(self, truth: Truth, indices: Mapping[int, int]) -> bool:
        """Whether a condition holds under one assignment."""
        while truth.branches:
            test = self.tests.get(truth.variable)
            if test is None:
                index = indices[truth.variable]
            else:
                value = test.number.at(indices)
                index = int(not (value == 0 if test.equal else value > 0))
            truth = next(then for values, then in truth.branches if values >> index & 1)
        return bool(truth)


def _key(value: Exact) -> object:
    return value.key if isinstance(value, Number) else value


def _open(value: Exact) -> frozenset[int]:
    return value.open if isinstance(value, Number) else frozenset()


def _bounds(value: Exact) -> tuple[int, int]:
    return value.bounds if isinstance(value, Number) else (value, value)


def _at(value: Exact, indices: Mapping[int, int]) -> int:
    return value.at(indices) if isinstance(value, Number) else value
