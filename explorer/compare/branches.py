"""The branches of two joins: which belong together, in their order or out of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import inf

from explorer.compare.items import Chain, Profile, profile
from explorer.compare.likeness import unlike_branches

_SWAPPED = 0.3  # what it costs to look for a branch out of its order
_BRANCH, _LAYER = 1.0, 0.4  # what a branch without a partner costs, and each layer in it

Pairs = tuple[tuple[int, int], ...]


def matched(a: Sequence[Chain], b: Sequence[Chain]) -> Pairs:
    """The branches that belong together, in the order of ``a``; in both orders if that is near."""
    profiles_a, profiles_b = [profile(chain) for chain in a], [profile(chain) for chain in b]
    apart = [[unlike_branches(mine, theirs) for theirs in profiles_b] for mine in profiles_a]
    lone_a, lone_b = ([_alone(one) for one in side] for side in (profiles_a, profiles_b))
    straight, crossed = _in_order(apart, lone_a, lone_b), _nearest(apart)
    swaps = sum(later < sooner for (_, sooner), (_, later) in _every_two(crossed))
    cost = _cost(crossed, apart, lone_a, lone_b) + _SWAPPED * swaps
    return crossed if cost < _cost(straight, apart, lone_a, lone_b) else straight


def _alone(branch: Profile) -> float:
    """What a branch without a partner costs: less a layer than in a chain, for it is one thing."""
    return _BRANCH + _LAYER * branch.size


def _every_two(pairs: Pairs) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(one, other) for n, one in enumerate(pairs) for other in pairs[n + 1 :]]


def _cost(
    pairs: Pairs, apart: list[list[float]], lone_a: list[float], lone_b: list[float]
) -> float:
    """What pairs cost together with the branches that are in none."""
    taken = sum(lone_a[i] + lone_b[j] - apart[i][j] for i, j in pairs)
    return sum(lone_a) + sum(lone_b) - taken


def _in_order(apart: list[list[float]], lone_a: list[float], lone_b: list[float]) -> Pairs:
    """The cheapest pairs of which none crosses another."""
    best: list[list[tuple[float, Pairs]]] = [
        [(0.0, ()) for _ in range(len(lone_b) + 1)] for _ in range(len(lone_a) + 1)
    ]
    for i, j in product(range(len(lone_a)), range(len(lone_b))):
        gain = lone_a[i] + lone_b[j] - apart[i][j]
        options = [best[i + 1][j], best[i][j + 1]]
        if gain > 0:
            options.insert(0, (best[i][j][0] + gain, (*best[i][j][1], (i, j))))
        best[i + 1][j + 1] = max(options, key=lambda option: option[0])
    return best[-1][-1][1]


def _nearest(apart: list[list[float]]) -> Pairs:
    """The most alike first, wherever they stand."""
    costs = sorted(
        (cost, abs(i - j), i, j) for i, row in enumerate(apart) for j, cost in enumerate(row)
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for cost, _, i, j in costs:
        if cost < inf and i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return tuple(sorted(found.items()))
