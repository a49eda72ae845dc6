"""What a cost is never below, whatever the assignment: proven from its formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product as combinations

from explorer.cost.batch.atoms import Exact, MaskAtom, SwitchAtom
from explorer.cost.batch.numbers import Algebra, Number, Product
from explorer.cost.batch.truth import Truth

Share = tuple[Truth, int]  # an amount, and when it is there

_MAX_CASES = 64  # of one product
_MAX_SHARES = 20_000
_SPLITS = (0, 1, 100)


def lower_bound(algebra: Algebra, number: Exact) -> int:
    """A whole number that the number never lies below.

    Amounts that alternatives of one choice have are weighed against each other; choices are taken
    to be free of one another, and every other quantity to be as small as it can be. Requirements
    are not looked at. All of this can only make the bound smaller.
    """
    if not isinstance(number, Number):
        return int(number)
    return max(number.bounds[0], *(_bound(algebra, number, split) for split in _SPLITS))


def _bound(algebra: Algebra, number: Number, split: int) -> int:
    """The bound, when switches over up to so many choices are split into their cases.

    A switch that is not counts as its smallest case; one that is ties choices together, which
    are then weighed in parts that know nothing of each other. Neither is better everywhere.
    """
    total = 0
    shares: list[Share] = []
    for product, factor in algebra.terms(number).items():
        parts = list(_cases(algebra, product, factor, split))
        if len(shares) > _MAX_SHARES or any(amount < 0 for _, amount in parts):
            total += _low(algebra, product, factor)
        else:
            shares += parts
    return total + _least(shares)


def _cases(algebra: Algebra, product: Product, factor: int, split: int) -> Iterable[Share]:
    """A product, split into the cases of the switches in it."""
    when = algebra.truths.true
    ways: list[Sequence[tuple[Truth, Exact]]] = []
    for index in product:
        atom = algebra.atoms[index]
        if isinstance(atom, MaskAtom):
            when = when & atom.truth
        elif isinstance(atom, SwitchAtom) and _choices(algebra, atom) <= split:
            ways.append(_disjoint(atom))
        else:
            ways.append([(algebra.truths.true, Number(algebra, {(index,): 1}))])
    count = 1
    for way in ways:
        count *= len(way)
    if count > _MAX_CASES:
        yield when, _low(algebra, tuple(i for i in product if not _is_mask(algebra, i)), factor)
        return
    for combination in combinations(*ways):
        here, amount = when, factor
        for truth, value in combination:
            here = here & truth
            amount *= value if isinstance(value, int) else value.bounds[0]
        if here is not algebra.truths.false:
            yield here, amount


def _choices(algebra: Algebra, atom: SwitchAtom) -> int:
    """How many choices decide which case of a switch holds."""
    return len(frozenset().union(*(algebra.opened(truth) for truth, _ in atom.cases)))


def _is_mask(algebra: Algebra, index: int) -> bool:
    return isinstance(algebra.atoms[index], MaskAtom)


def _disjoint(atom: SwitchAtom) -> list[tuple[Truth, Exact]]:
    """The cases of a switch; the last is what is left by the others."""
    *first, (last, default) = atom.cases
    rest = last | ~last
    for truth, _ in first:
        rest = rest & ~truth
    return [*first, (rest, default)]


def _low(algebra: Algebra, product: Product, factor: int) -> int:
    return Number(algebra, {product: factor}).bounds[0] if product else factor


def _least(shares: Iterable[Share]) -> int:
    """The smallest sum of amounts, each choice weighed by itself."""
    total = 0
    groups: dict[int, list[Share]] = {}
    for truth, amount in shares:
        if truth.branches:
            groups.setdefault(truth.variable, []).append((truth, amount))
        elif truth:
            total += amount
    return total + sum(map(_cheapest_value, groups.values()))


def _cheapest_value(shares: Sequence[Share]) -> int:
    """The smallest sum over the values of the one choice that all conditions ask for first."""
    cells: list[tuple[int, list[Share]]] = [(-1, [])]
    merged: dict[int, Share] = {}
    for truth, amount in shares:
        known = merged.get(truth.number, (truth, 0))[1]
        merged[truth.number] = (truth, known + amount)
    for truth, amount in merged.values():
        cells = [
            (cell & values, [*inside, (then, amount)])
            for cell, inside in cells
            for values, then in truth.branches
            if cell & values
        ]
    return min(_least(inside) for _, inside in cells)
