from __future__ import annotations

import numpy as np

from explorer.ops import Cost
from explorer.search.records import Trial, front, ranks


def trials(points: list[tuple[int, float]]) -> list[Trial]:
    return [
        Trial(number, "complete", {}, f"g1:{number}", Cost(macs), 0, (accuracy,))
        for number, (macs, accuracy) in enumerate(points)
    ]


def dominates(a: Trial, b: Trial) -> bool:
    no_worse = a.accuracy >= b.accuracy and a.cost.macs <= b.cost.macs
    return no_worse and (a.accuracy > b.accuracy or a.cost.macs < b.cost.macs)


def test_front_is_what_nothing_dominates() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        some = trials([(int(rng.integers(1, 30)), float(rng.integers(30)) / 30) for _ in range(25)])
        undominated = [t for t in some if not any(dominates(other, t) for other in some)]
        found = front(some)
        assert {(t.cost.macs, t.accuracy) for t in found} == {
            (t.cost.macs, t.accuracy) for t in undominated
        }
        assert list(found) == sorted(found, key=lambda t: t.cost.macs)


def test_ranks_peel_the_fronts() -> None:
    some = trials([(1, 0.1), (2, 0.2), (2, 0.1), (3, 0.15), (3, 0.05)])
    assert ranks(some) == {0: 0, 1: 0, 2: 1, 3: 1, 4: 2}
    assert front([]) == ()
    assert ranks([]) == {}
