"""Two chains side by side: the cheapest way to turn one into the other, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import inf

from explorer.compare.factors import LONGEST, Reach, equal_reach, is_separable, is_spread, reach
from explorer.compare.items import Chain, Item, detail
from explorer.compare.likeness import unlike

_FACTORED = 0.5  # a factorization: less than a layer come or gone, more than another kernel
_ELSEWHERE, _RENAMED, _PATH = 0.8, 0.2, 0.02


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of both chains: one layer beside one, a factorization, or what has no partner."""

    a: Chain
    b: Chain
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """The names in both nets: a layer moves less easily to a name that the other net has too."""

    a: frozenset[tuple[str, ...]]
    b: frozenset[tuple[str, ...]]

    def apart(self, mine: Item, theirs: Item) -> float:
        """What it costs that two layers are called otherwise."""
        if mine.path == theirs.path:
            return 0.0
        if mine.names == theirs.names:
            return _PATH
        return _ELSEWHERE if mine.names in self.b or theirs.names in self.a else _RENAMED


def align(a: Chain, b: Chain, names: Names) -> list[Step]:
    """The steps from ``a`` to ``b`` in order; equal ends are cut off before the search."""
    head = _equal(a, b)
    tail = _equal(a[head:][::-1], b[head:][::-1])
    middle = _Table(a[head : len(a) - tail], b[head : len(b) - tail], names).steps()
    return [
        *(Step((x,), (y,)) for x, y in zip(a[:head], b[:head], strict=True)),
        *_merged(middle),
        *(Step((x,), (y,)) for x, y in zip(a[len(a) - tail :], b[len(b) - tail :], strict=True)),
    ]


def _equal(a: Chain, b: Chain) -> int:
    """How many layers at the start are the same, under the same names."""
    for count, (x, y) in enumerate(zip(a, b, strict=False)):
        if x.path != y.path or detail(x) != detail(y) or _differ_inside(x, y):
            return count
    return min(len(a), len(b))


def _differ_inside(x: Item, y: Item) -> bool:
    return bool(x.branches or y.branches) and x.profile != y.profile


def _merged(steps: list[Step]) -> list[Step]:
    """Neighbouring gaps as one."""
    found: list[Step] = []
    for step in steps:
        if step.is_gap and found and found[-1].is_gap:
            last = found.pop()
            step = Step(last.a + step.a, last.b + step.b, is_gap=True)
        found.append(step)
    return found


Move = tuple[int, int]


class _Table:
    """The table of the cheapest ways to every pair of positions; ``moves`` remembers how."""

    def __init__(self, a: Chain, b: Chain, names: Names) -> None:
        self.a, self.b, self.names = a, b, names
        self.runs_a, self.runs_b = _runs(a), _runs(b)
        self.costs: list[list[float]] = []
        self.moves: list[list[Move]] = []
        self.kinds_a, self.kinds_b = _kinds(a), _kinds(b)
        self.known_unlike: dict[object, float] = {}
        self.known_factors: dict[object, tuple[Move, ...]] = {}

    def steps(self) -> list[Step]:
        """The cheapest way, from the start."""
        self._fill()
        i, j = len(self.a), len(self.b)
        found = []
        while i or j:
            back_a, back_b = self.moves[i][j]
            gap = not back_a or not back_b
            found.append(Step(self.a[i - back_a : i], self.b[j - back_b : j], gap))
            i, j = i - back_a, j - back_b
        return found[::-1]

    def _fill(self) -> None:
        """Row by row, each from the one above and from itself."""
        weights = [_weight(item) for item in self.b]
        self.costs.append(list(accumulate(weights, initial=0.0)))
        self.moves.append([(0, 1)] * (len(weights) + 1))
        for i, item in enumerate(self.a):
            self._row(i, _weight(item), weights)

    def _row(self, i: int, weight: float, weights: list[float]) -> None:
        above = self.costs[i]
        row, moves = [above[0] + weight], [(1, 0)]
        self.costs.append(row)
        self.moves.append(moves)
        for j, added in enumerate(weights):
            best, move = above[j + 1] + weight, (1, 0)
            if row[j] + added < best:
                best, move = row[j] + added, (0, 1)
            if above[j] < best:
                cost = above[j] + self._apart(i, j)
                if cost <= best:
                    best, move = cost, (1, 1)
            for back in self._factors(i, j):
                start_i, start_j = i + 1 - back[0], j + 1 - back[1]
                cost = self.costs[start_i][start_j] + _FACTORED
                cost += self.names.apart(self.a[start_i], self.b[start_j])
                if cost < best:
                    best, move = cost, back
            row.append(best)
            moves.append(move)

    def _apart(self, i: int, j: int) -> float:
        key = (self.kinds_a[i], self.kinds_b[j])
        if key not in self.known_unlike:
            self.known_unlike[key] = unlike(self.a[i], self.b[j])
        apart = self.known_unlike[key]
        return apart if apart == inf else apart + self.names.apart(self.a[i], self.b[j])

    def _factors(self, i: int, j: int) -> tuple[Move, ...]:
        mine, theirs = self.runs_a[i], self.runs_b[j]
        key = (mine.key, theirs.key)
        if key not in self.known_factors:
            self.known_factors[key] = _factor_moves(mine, theirs)
        return self.known_factors[key]


def _weight(item: Item) -> float:
    return float(item.profile.size) if item.branches else 1.0


def _kinds(chain: Chain) -> list[str]:
    """A name for every layer that equal ones share, so that a pair is weighed once."""
    return [
        str(item.indices[0]) if item.branches else f"{item.incoming} {detail(item)}"
        for item in chain
    ]


@dataclass(frozen=True, slots=True)
class _Runs:
    """The runs that end in a layer, by length from 1, and a key that equal ones share."""

    runs: tuple[Chain, ...]
    reaches: tuple[Reach | None, ...]
    key: object


def _runs(chain: Chain) -> list[_Runs]:
    kinds = _kinds(chain)
    found = []
    for end in range(1, len(chain) + 1):
        lengths = range(1, min(LONGEST, end) + 1)
        runs = tuple(chain[end - length : end] for length in lengths)
        key = tuple(kinds[max(0, end - LONGEST) : end])
        found.append(_Runs(runs, tuple(reach(run) for run in runs), key))
    return found


def _factor_moves(mine: _Runs, theirs: _Runs) -> tuple[Move, ...]:
    """How many layers on either side are one factorization, for runs that end here."""
    return tuple(
        (p, q)
        for p, run in enumerate(mine.runs, 1)
        for q, other in enumerate(theirs.runs, 1)
        if _is_factored(run, other, mine.reaches[p - 1], theirs.reaches[q - 1])
    )


def _is_factored(run: Chain, other: Chain, mine: Reach | None, theirs: Reach | None) -> bool:
    if len(run) == len(other) == 1:
        return is_spread(run[0], other[0]) or is_spread(other[0], run[0])
    return equal_reach(mine, theirs) or is_separable(run, other) or is_separable(other, run)
