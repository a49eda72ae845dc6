"""Two nets walked side by side, chain by chain and branch by branch."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import inf

from explorer.compare.align import Names, Step, align
from explorer.compare.branches import Pairs, matched
from explorer.compare.change import Change, Spot
from explorer.compare.factors import told
from explorer.compare.items import Chain, Item, chains_of, numbered_words, profile
from explorer.compare.likeness import unlike
from explorer.compare.lone import Gap, Owner
from explorer.compare.pairs import compared, factored
from explorer.graph import Graph


class Walk:
    """The changes from one graph to another, and which layers were found to be the same ones.

    Attributes:
        partners: from the index of a layer in ``a`` to that of its partner in ``b``, and which of
            their inputs belong together.
    """

    def __init__(self, a: Graph, b: Graph) -> None:
        self.a, self.b = Owner(a, "a"), Owner(b, "b")
        self.partners: dict[int, tuple[int, Pairs]] = {}
        self.changes: list[Change] = []
        words = numbered_words(a, b)
        chains_a, chains_b = chains_of(a, words), chains_of(b, words)
        self.names = Names(_names(chains_a.values()), _names(chains_b.values()))
        self.gaps: list[tuple[Owner, Gap]] = []
        for name in dict.fromkeys((*chains_a, *chains_b)):
            self._chain(chains_a.get(name, ()), chains_b.get(name, ()))
        moved = self._moved()
        for owner, gap in self.gaps:
            self.changes += owner.gap(gap, moved)

    def _chain(self, a: Chain, b: Chain) -> None:
        """Everything in which two chains differ."""
        steps = align(a, b, self.names)
        for index, step in enumerate(steps):
            if step.is_gap:
                self._gap(step, steps[index - 1] if index else None, (*steps[index + 1 :], None)[0])
            elif len(step.a) == len(step.b) == 1 and not _is_spread(step):
                self._pair(step.a[0], step.b[0])
            else:
                self._factored(step)

    # ---- one layer beside one

    def _pair(self, a: Item, b: Item) -> None:
        pairs = matched(a.branches, b.branches) if a.branches and b.branches else ((0, 0),)
        self.partners[a.indices[0]] = b.indices[0], pairs
        self.changes += compared(a, b)
        if a.branches or b.branches:
            self._branches(a, b, pairs if a.branches and b.branches else ())

    def _branches(self, a: Item, b: Item, pairs: Pairs) -> None:
        for i, j in pairs:
            self._chain(a.branches[i], b.branches[j])
        if any(later < sooner for (_, sooner), (_, later) in pairwise(pairs)):
            mine, theirs = (
                " ".join(str(number + 1) for number in side) for side in zip(*pairs, strict=True)
            )
            spots = (Spot(a.path, b.path),)
            self.changes.append(Change("join", "order of branches", mine, theirs, spots))
        self.changes += _others(self.a, a, {i for i, _ in pairs})
        self.changes += _others(self.b, b, {j for _, j in pairs})

    # ---- several beside several

    def _factored(self, step: Step) -> None:
        first, last = (step.a[0], step.b[0]), (step.a[-1], step.b[-1])
        self.partners[last[0].indices[0]] = last[1].indices[0], ((0, 0),)
        spots = (Spot(first[0].path, first[1].path),)
        self.changes.append(Change("factorization", "", told(step.a), told(step.b), spots))
        self.changes += factored(step.a, step.b)

    # ---- what only one has

    def _gap(self, step: Step, before: Step | None, behind: Step | None) -> None:
        inner_b, inner_a = _unwrapped(step.a, step.b), _unwrapped(step.b, step.a)
        if inner_b is not None:
            self.changes += _others(self.b, inner_b.join, {inner_b.branch})
            self._chain(step.a, inner_b.chain)
        elif inner_a is not None:
            self.changes += _others(self.a, inner_a.join, {inner_a.branch})
            self._chain(inner_a.chain, step.b)
        else:
            self.gaps.append((self.a, _gap_in(step.a, before, behind, "a")))
            self.gaps.append((self.b, _gap_in(step.b, before, behind, "b")))

    def _moved(self) -> set[str]:
        """Pair the layers that have no partner in their chain, but one of their name elsewhere.

        So it is when a value is read from farther up: what lay in a row then lies in a branch.
        """
        lone: dict[str, dict[str, Item]] = {"a": {}, "b": {}}
        for owner, gap in self.gaps:
            lone[owner.side] |= {item.path: item for item in gap.run}
        pairs = [(item, lone["b"].get(path)) for path, item in lone["a"].items()]
        found = [(a, b) for a, b in pairs if b is not None and unlike(a, b) < inf]
        for a, b in found:
            self._pair(a, b)
        return {a.path for a, _ in found}


def _names(chains: Iterable[Chain]) -> frozenset[tuple[str, ...]]:
    return frozenset(
        item.names for chain in chains for outer in chain for item in outer.everything()
    )


def _is_spread(step: Step) -> bool:
    """Whether a layer stands beside a join that does the same."""
    (one,), (other,) = step.a, step.b
    return {one.op.name, other.op.name} == {"conv", "concat"}


def _gap_in(run: Chain, before: Step | None, behind: Step | None, side: str) -> Gap:
    around = [
        getattr(step, side)[end] if step is not None and getattr(step, side) else None
        for step, end in ((before, -1), (behind, 0))
    ]
    return Gap(run, around[0], around[1], before is None and behind is None)


def _others(owner: Owner, join: Item, kept: set[int]) -> list[Change]:
    """That a join has branches which the other net has not."""
    return [owner.branch(branch, join) for i, branch in enumerate(join.branches) if i not in kept]


class _Unwrapped:
    """A chain with a join in it replaced by one of its branches."""

    def __init__(self, chain: Chain, position: int, branch: int) -> None:
        self.join, self.branch = chain[position], branch
        inner = self.join.branches[branch]
        self.chain = (*chain[:position], *inner, *chain[position + 1 :])


def _unwrapped(run: Chain, other: Chain) -> _Unwrapped | None:
    """The other run without the join that was laid around layers of this one, as a shortcut is."""
    mine = profile(run).sizes
    best, found = 0, None
    for position, join in enumerate(other):
        for number, branch in enumerate(join.branches):
            inside = profile(branch)
            shared = (mine & inside.sizes).total()
            is_most = inside.size * 2 >= join.profile.size - 1 and shared * 2 >= inside.size
            is_all = mine == inside.sizes
            if shared > best and (is_most or is_all):
                best, found = shared, _Unwrapped(other, position, number)
    return found
