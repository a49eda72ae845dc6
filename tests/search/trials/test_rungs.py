"""Who goes on to the next rung."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from explorer.errors import ExplorerError
from explorer.ops import Cost
from explorer.score.rungs import Rungs
from explorer.search.checkpoints import needed
from explorer.search.records import Trial, standing
from explorer.search.trials.rungs import REPEATED, Job, by_promise, due, next_job, promotion

HALF = Rungs((1, 4), Fraction(1, 2))


def trial(
    number: int,
    accuracy: float,
    macs: int,
    rung: int = 0,
    of: int | None = None,
    state: str = "complete",
) -> Trial:
    cost = Cost(**{**dict.fromkeys(Cost._fields, 0), "macs": macs})
    return Trial(
        number, state, {}, f"g1:{number}", cost, 0, curve=(accuracy,), rung=rung,  # type: ignore[arg-type]
        candidate=number if of is None else of,
    )  # fmt: skip


def test_the_best_of_a_rung_goes_on_once() -> None:
    waiting = [trial(0, 0.5, 100), trial(1, 0.4, 100)]
    best = promotion(HALF, waiting)
    assert best is waiting[0]
    for state in ("running", "waiting", "failed", "complete"):
        assert promotion(HALF, [*waiting, trial(2, 0.6, 100, 1, 0, state)]) is None


def test_nobody_goes_on_before_there_are_enough() -> None:
    assert promotion(HALF, []) is None
    assert promotion(HALF, [trial(0, 0.5, 100)]) is None
    assert promotion(HALF, [trial(0, 0.5, 100), trial(1, 0.4, 100, state="running")]) is None


def test_a_cheap_candidate_goes_on_with_a_good_one() -> None:
    """What no other dominates is worth more than what is merely accurate."""
    waiting = [trial(0, 0.5, 100), trial(1, 0.49, 101), trial(2, 0.3, 10), trial(3, 0.2, 99)]
    first = promotion(HALF, waiting)
    assert first is not None
    second = promotion(HALF, [*waiting, trial(4, 0.6, first.cost.macs, 1, first.candidate)])
    assert second is not None
    assert {first.number, second.number} == {0, 2}


def test_those_near_the_top_come_first() -> None:
    three = Rungs((1, 2, 4), Fraction(1, 2))
    low = [trial(n, 0.1 * n, 100) for n in range(4)]
    middle = [trial(4, 0.5, 100, 1, 3), trial(5, 0.4, 100, 1, 2)]
    chosen = promotion(three, [*low, *middle])
    assert chosen is middle[0]
    assert promotion(three, [*low, middle[0]]) is low[2]


def test_a_candidate_taken_straight_to_the_top_is_none_of_those_that_wait() -> None:
    waiting = [trial(0, 0.5, 100), trial(1, 0.4, 100)]
    straight = trial(2, 0.9, 100, rung=1)
    assert promotion(HALF, [*waiting, straight]) is waiting[0]


def test_within_a_front_those_that_differ_come_first() -> None:
    alike = [trial(n, 0.50 + 0.001 * n, 100 + n) for n in range(3)]
    cheap = trial(3, 0.3, 10)
    order = [t.number for t in by_promise([*alike, cheap])]
    assert 3 in order[:2]
    assert sorted(order) == [0, 1, 2, 3]
    assert by_promise([]) == []


def test_the_order_does_not_depend_on_the_order_of_finishing() -> None:
    trials = [trial(n, 0.1 + (7 * n % 10) / 20, 10 + (3 * n % 10)) for n in range(10)]
    assert by_promise(trials) == by_promise(trials[::-1])


@pytest.mark.parametrize(
    ("rungs", "words"),
    [
        (Rungs((0,)), "got none"),
        (Rungs((2, 1, 4)), "from 1 to fewer than the 4 .* got 2, 1"),
        (Rungs((0, 4)), "got 0"),
        (Rungs((4, 4)), "got 4"),
        (Rungs((1, 4), Fraction(0)), "got 0"),
        (Rungs((1, 4), Fraction(3, 2)), "got 3/2"),
    ],
)
def test_rungs_that_cannot_be_climbed(rungs: Rungs, words: str) -> None:
    with pytest.raises(ExplorerError, match=words):
        rungs.check("here")


def test_rungs_that_can() -> None:
    for rungs in (Rungs((4,)), Rungs((1, 4)), Rungs((1, 2, 4), Fraction(1))):
        rungs.check("here")
    assert Rungs((1, 2, 4)).top == 2


def test_a_candidate_stands_where_it_got_to() -> None:
    trials = [
        trial(0, 0.5, 100), trial(1, 0.4, 100), trial(2, 0.6, 100, 1, 0),
        trial(3, 0.0, 100, 1, 1, "failed"), trial(4, 0.3, 90, state="running"),
    ]  # fmt: skip
    assert [t.number for t in standing(trials)] == [1, 2]


def test_all_who_should_go_on_are_counted() -> None:
    three = Rungs((1, 2, 4), Fraction(1, 2))
    low = [trial(n, 0.1 * n, 100) for n in range(5)]
    assert due(three, low) == 2
    middle = [trial(5 + n, 0.1, 100, 1, n, "complete") for n in (4, 3)]
    assert due(three, [*low, *middle]) == 1
    assert due(three, [*low, *middle, trial(9, 0.1, 100, 2, 4, "running")]) == 0
    assert due(Rungs((4,)), low) == 0


def test_checkpoints_are_needed_by_those_who_may_go_on() -> None:
    trials = [
        trial(0, 0.5, 100), trial(1, 0.4, 100), trial(2, 0.6, 100, 2), trial(3, 0.3, 90),
        trial(4, 0.5, 100, 1, 0, "waiting"), trial(5, 0.0, 100, 1, 1, "failed"),
        trial(6, 0.0, 80, state="running"),
    ]  # fmt: skip
    assert needed(trials, top=2) == {"0", "3", "4", "6"}
    again = replace(trials[6], number=7, candidate=2, fingerprint="g1:2", seed=3)
    assert needed([*trials, again], top=2) == {"0", "3", "4", "6", "2-3"}


def test_a_good_candidate_goes_on_before_a_new_one_begins() -> None:
    waiting = [trial(0, 0.5, 100), trial(1, 0.4, 100)]
    assert next_job(HALF, [], 5) == Job(0, 0)
    assert next_job(HALF, waiting[:1], 5) == Job(1, 0)
    assert next_job(HALF, waiting, 5) == Job(0, 1, standing=0)
    climbed = [*waiting, trial(2, 0.6, 100, 1, 0)]
    assert 2 in REPEATED
    assert next_job(HALF, climbed, 5) == Job(2, rung=1)  # straight to the top
    assert next_job(HALF, climbed, 2) is None
    assert next_job(Rungs((4,)), waiting, 5) == Job(2, 0)
