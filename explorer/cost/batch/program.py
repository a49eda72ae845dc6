"""Formulas worked out on arrays: a fixed list of numpy calls over one chunk of assignments.

Nothing is rounded, and nothing overflows: see :mod:`explorer.cost.batch.exact`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

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
from explorer.cost.batch.exact import exact_type
from explorer.cost.batch.numbers import Algebra, Number, Product
from explorer.cost.batch.registers import Array, Registers
from explorer.cost.batch.truth import Truth

Call = Callable[[], object]

# Assignments at a time: many, so that what is in use stays in the processor's cache, or less, so
# that a few take less time. Calls take most of it: of inception, 512 take 1.4 times as long as 64
# do, and 4,096 four times.
_FEW, _SOME, _MANY = 64, 512, 4096
_BLOCK = 32  # products that are added up by one matrix product


class Program:
    """Works out numbers and conditions for many assignments.

    Args:
        algebra: what they are made of.
        numbers: to be worked out.
        truths: of which is asked whether any holds.
    """

    def __init__(
        self, algebra: Algebra, numbers: Sequence[Exact], truths: Iterable[Truth] = ()
    ) -> None:
        self.algebra = algebra
        self.numbers = list(numbers)
        self.truths = list(truths)
        self.products = _products(algebra, self.numbers)
        self.dtype = exact_type(algebra, self.numbers, self.truths)
        self._machines: dict[int, _Machine] = {}

    def run(self, indices: Array) -> tuple[Array, Array]:
        """The numbers, and whether any of the conditions holds.

        Args:
            indices: choices x assignments, the position of each value in its domain.

        Returns:
            numbers x assignments, int64 (or objects, where that would overflow); assignments, bool.
        """
        count = indices.shape[1]
        kept = object if self.dtype is object else np.int64
        numbers = np.empty((len(self.numbers), count), kept)
        any_holds = np.empty(count, bool)
        size = _FEW if count <= _FEW else _SOME if count <= 2 * _SOME else _MANY
        machine = self._machines.get(size) or self._machines.setdefault(size, _Machine(self, size))
        for start in range(0, count, size):
            stop = min(start + size, count)
            machine.work(indices[:, start:stop])
            numbers[:, start:stop] = machine.totals[:, : stop - start]
            any_holds[start:stop] = machine.any_holds[: stop - start]
        return numbers, any_holds


def _products(algebra: Algebra, numbers: Sequence[Exact]) -> list[Product]:
    """Every product in the numbers, in the order in which they were made."""
    found: dict[Product, None] = {}
    for number in numbers:
        found |= dict.fromkeys(algebra.terms(number))
    # Atoms are numbered as the net goes, so that values are used soon after they are made.
    return sorted((p for p in found if p), key=lambda product: (max(product), len(product)))


class _Machine:
    """The calls of a program, bound to buffers of one chunk."""

    def __init__(self, program: Program, size: int) -> None:
        self.algebra = program.algebra
        self.dtype = program.dtype
        choices = len(self.algebra.domains)
        self.index = np.zeros((choices, size), np.intp)
        self.totals = np.zeros((len(program.numbers), size), self.dtype)
        self.any_holds = np.zeros(size, bool)
        self.calls: list[Call] = []
        self._numbers = Registers(size, self.dtype)
        self._bools = Registers(size, bool)
        self._rows = np.zeros((_BLOCK, size), self.dtype)
        self._share = np.zeros((len(program.numbers), size), self.dtype)
        self._compile(program)  # counts the uses
        self.calls.clear()
        self._numbers.begin()
        self._bools.begin()
        self._compile(program)

    def work(self, indices: Array) -> None:
        """One chunk; what stands behind its last assignment means nothing."""
        self.index[:, : indices.shape[1]] = indices
        with np.errstate(all="ignore"):  # of what lies behind a mask
            for call in self.calls:
                call()

    # ---- compiling

    def _compile(self, program: Program) -> None:
        self._call(self.totals.fill, 0)
        self._call(self.any_holds.fill, False)
        for start in range(0, len(program.products), _BLOCK):
            self._block(program, program.products[start : start + _BLOCK])
        for row, number in enumerate(program.numbers):
            constant = self.algebra.terms(number).get((), 0)
            if constant:
                self._call(np.add, self.totals[row], constant, self.totals[row])
        for truth in program.truths:
            self._call(np.logical_or, self.any_holds, self._truth(truth), self.any_holds)
            self._sweep()

    def _sweep(self) -> None:
        self._numbers.sweep()
        self._bools.sweep()

    def _block(self, program: Program, products: list[Product]) -> None:
        """Some products, and their share of every number."""
        rows = self._rows[: len(products)]
        known: dict[Product, Array] = {}
        for product, row in zip(products, rows, strict=True):
            self._multiply(product, row, known)
            known[product] = row
            self._sweep()
        factors = np.array(
            [[self.algebra.terms(n).get(p, 0) for p in products] for n in program.numbers],
            self.dtype,
        )
        self._call(np.matmul, factors, rows, out=self._share)
        self._call(np.add, self.totals, self._share, self.totals)

    def _multiply(self, product: Product, out: Array, known: dict[Product, Array]) -> None:
        """A product of atoms, begun from one that is known already where there is one."""
        for index in range(len(product)):
            rest = (*product[:index], *product[index + 1 :])
            if rest in known:
                self._call(np.multiply, known[rest], self._atom(product[index]), out)
                return
        first, *others = (self._atom(number) for number in product)
        if not others:
            self._call(np.copyto, out, first)
        for other in others:
            self._call(np.multiply, first, other, out)
            first = out

    def _call(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        self.calls.append(partial(function, *args, **kwargs))

    # ---- numbers

    def _number(self, value: Exact) -> Array:
        """The row of a number."""
        if not isinstance(value, Number):
            return self._numbers.use(("constant", value), lambda: self._constant(value))
        if len(value.terms) == 1:
            ((product, factor),) = value.terms.items()
            if len(product) == 1 and factor == 1:
                return self._atom(product[0])
        return self._atom(self.algebra.sum(value))

    def _constant(self, value: int) -> Array:
        out = self._numbers.take()
        self._call(out.fill, value)
        return out

    def _sum(self, total: Number) -> Array:
        out, extra = self._numbers.take(), self._numbers.take()
        for position, (product, factor) in enumerate(sorted(total.terms.items(), reverse=True)):
            self._add(product, factor, out, extra, begun=position > 0)
        self._numbers.give_back(extra)
        return out

    def _add(self, product: Product, factor: int, out: Array, extra: Array, begun: bool) -> None:
        """Add a term to a row, or begin the row with it."""
        if not product:
            self._call(*((np.add, out, factor, out) if begun else (out.fill, factor)))
            return
        target = extra if begun else out
        value, *others = (self._atom(number) for number in product)
        for row in others:
            self._call(np.multiply, value, row, target)
            value = target
        sign = -1 if factor == -1 and begun else 1
        if factor * sign != 1:
            self._call(np.multiply, value, factor, target)
            value = target
        if begun:
            self._call(np.subtract if sign == -1 else np.add, out, value, out)
        elif value is not out:
            self._call(np.copyto, out, value)

    def _atom(self, number: int) -> Array:
        return self._numbers.use(number, lambda: self._made(self.algebra.atoms[number]))

    def _made(self, atom: Atom) -> Array:
        match atom:
            case SumAtom(total=total):
                return self._sum(total)
            case SwitchAtom():
                return self._switch(atom)
            case FloorAtom(over=over, under=under):
                return self._floor(self._number(over), under)
        out = self._numbers.take()
        match atom:
            case ChoiceAtom(variable=variable, values=values):
                table = np.array(values, self.dtype)
                self._call(np.take, table, self.index[variable], out=out, mode="clip")
            case MaskAtom(truth=truth):
                self._call(np.copyto, out, self._truth(truth))
            case MaxAtom(values=(first, *others)):
                self._call(np.copyto, out, self._number(first))
                for value in others:
                    self._call(np.maximum, out, self._number(value), out=out)
            case GcdAtom(left=left, right=right):
                self._call(_gcd, self._number(left), self._number(right), out)
        return out

    def _switch(self, atom: SwitchAtom) -> Array:
        """The last case, and to it the difference to each other where that holds."""
        *first, (_, last) = atom.cases
        out, extra = self._numbers.take(), self._numbers.take()
        default = last if isinstance(last, int) else self._number(last)
        for position, (truth, value) in enumerate(first):
            mask = self._number(self.algebra.mask(truth))
            case = value if isinstance(value, int) else self._number(value)
            target = extra if position else out
            if isinstance(case, int) and isinstance(default, int):
                self._call(np.multiply, mask, case - default, target)
            else:
                self._call(np.subtract, case, default, target)
                self._call(np.multiply, target, mask, target)
            self._call(np.add, target, out if position else default, out)
        self._numbers.give_back(extra)
        return out

    def _floor(self, over: Array, under: Exact) -> Array:
        out = self._numbers.take()
        below: Array | int = under
        if not isinstance(under, int):
            below = self._numbers.take()
            self._call(np.maximum, self._number(under), 1, out=below)
            self._numbers.give_back(below)
        if self.dtype is np.float64:
            # Below 2^53 the rounded quotient of whole numbers never reaches the next one.
            self._call(np.divide, over, below, out)
            self._call(np.floor, out, out)
        else:
            self._call(np.floor_divide, over, below, out)
        return out

    # ---- conditions

    def _truth(self, truth: Truth) -> Array:
        """The row of a condition."""
        return self._bools.use(truth.number, lambda: self._decided(truth))

    def _decided(self, truth: Truth) -> Array:
        out = self._bools.take()
        if not truth.branches:
            self._call(out.fill, bool(truth))
            return out
        begun = False
        for values, then in truth.branches:
            if then is truth.table.false:
                continue
            here = self._member(truth.variable, values)
            if then is not truth.table.true:
                both = self._bools.take() if begun else out
                self._call(np.logical_and, here, self._truth(then), both)
                if begun:
                    self._bools.give_back(both)
                here = both
            if begun:
                self._call(np.logical_or, out, here, out)
            elif here is not out:
                self._call(np.copyto, out, here)
            begun = True
        return out

    def _member(self, variable: int, values: int) -> Array:
        """Where a variable has one of some values."""
        return self._bools.use((variable, values), lambda: self._among(variable, values))

    def _among(self, variable: int, values: int) -> Array:
        out, test = self._bools.take(), self.algebra.tests.get(variable)
        if test is not None:
            compare = np.equal if test.equal else np.greater
            self._call(compare, self._number(test.number), 0, out)
            if values == 0b10:
                self._call(np.logical_not, out, out)
            return out
        index, size = self.index[variable], len(self.algebra.domains[variable])
        inside = [bool(values >> i & 1) for i in range(size)]
        first = inside.index(True)
        last = size - 1 - inside[::-1].index(True)
        if first == last:
            self._call(np.equal, index, first, out)
        elif all(inside[first:]):
            self._call(np.greater_equal, index, first, out)
        elif all(inside[: last + 1]):
            self._call(np.less_equal, index, last, out)
        else:
            self._call(np.take, np.array(inside), index, out=out, mode="clip")
        return out


def _gcd(left: Array, right: Array, out: Array) -> None:
    kind = object if out.dtype == object else np.int64
    out[:] = np.gcd(left.astype(kind), right.astype(kind))
