"""What a report shows, before it is drawn."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest

from explorer.cost import Cost, count
from explorer.report.info import (
    Mark,
    cost_rows,
    front_info,
    learning_info,
    standard_error,
)
from explorer.search import Reference
from explorer.space import bind
from tests.report.studies import PLAIN, failed, searched, settings, study, trial

CHEAP = {"depth": 1}
DEAR = {"depth": 3}


def test_a_standard_error_is_binomial() -> None:
    assert standard_error(0.5, 100) == 0.05
    assert standard_error(1.0, 100) == 0.0


def test_points_are_all_complete_trials_from_the_cheapest_up() -> None:
    asked = settings()
    record = study(
        [
            trial(asked, 0, 0.7, DEAR),
            trial(asked, 1, 0.6, CHEAP),
            failed(2, "why"),
            trial(asked, 3, 0.5),
        ]
    )
    info = front_info(record, 400)
    assert [point.number for point in info.points] == [1, 3, 0]
    assert [point.number for point in info.front] == [1, 0]
    assert (info.complete, info.failed, info.unfinished) == (3, 1, 0)
    assert info.points[0].noise == sqrt(0.6 * 0.4 / 400)
    assert info.budget == 2_000_000
    assert info.reference is None
    assert info.x_label == "multiply-adds (macs) for one 3×32×32 image"


def test_the_frugal_trial_lies_within_one_standard_error_of_the_best() -> None:
    asked = settings()
    best, near = trial(asked, 0, 0.70, DEAR), trial(asked, 1, 0.68, CHEAP)
    for images, frugal in ((100, 1), (10_000, 0)):
        info = front_info(study([best, near]), images)
        assert info.best is not None and info.best.number == 0
        assert info.best.noise == standard_error(0.70, images)
        assert info.frugal is not None and info.frugal.number == frugal


def test_of_equally_good_trials_the_cheapest_is_best() -> None:
    asked = settings()
    info = front_info(study([trial(asked, 0, 0.7, DEAR), trial(asked, 1, 0.7, CHEAP)]), 100)
    assert info.best is not None and info.best.number == 1
    assert info.frugal == info.best


def test_what_is_over_the_budget_is_shown_but_is_not_best() -> None:
    asked = settings(budget="1")
    info = front_info(study([trial(asked, 0, 0.7)], asked), 100)
    assert len(info.points) == 1
    assert info.best is None and info.frugal is None


def test_a_budget_without_macs_draws_no_line() -> None:
    asked = settings(budget="params=1e6")
    info = front_info(study([trial(asked, 0, 0.7)], asked), 100)
    assert info.budget is None
    assert info.best is not None


def test_steps_are_clear_from_two_standard_errors_on() -> None:
    asked = settings()
    trials = [trial(asked, 0, 0.70, CHEAP), trial(asked, 1, 0.71), trial(asked, 2, 0.80, DEAR)]
    info = front_info(study(trials), 1000)
    assert [(s.cheaper, s.better, s.is_clear) for s in info.steps] == [(0, 1, False), (1, 2, True)]
    assert info.steps[0].gain == pytest.approx(0.01)
    noise = sqrt(0.7 * 0.3 / 1000 + 0.71 * 0.29 / 1000)
    assert info.steps[0].limit == pytest.approx(2 * noise)
    assert info.seeds is info.honest is None
    assert info.noise_name == "standard error of counting"
    assert info.climb is not None
    assert (info.climb.cheaper, info.climb.better) == (0, 2)


def test_noise_between_seeds_takes_the_place_of_counting_noise() -> None:
    asked = settings()
    trials = [
        trial(asked, 0, 0.60, CHEAP, repeats=[0.61]),
        trial(asked, 1, 0.70, repeats=[0.69]),
        trial(asked, 2, 0.705, DEAR, repeats=[0.695]),
    ]
    info = front_info(study(trials), 100)
    assert info.seeds is not None and info.seeds.pairs == 3
    sigma = 0.01 / sqrt(2)
    assert [point.noise for point in info.points] == pytest.approx([sigma] * 3)
    assert info.honest == pytest.approx(5.91 * sigma, rel=0.02)  # q(.95; 3, 3)
    assert [step.is_clear for step in info.steps] == [True, False]
    assert info.frugal is not None and info.frugal.number == 1
    assert info.noise_name == "standard deviation between seeds"
    assert front_info(study(trials[:1]), 100).seeds is None


def test_the_reference_has_a_name_that_people_know() -> None:
    record = study([trial(settings(), 0, 0.7)])
    for name, shown in (
        ("inception", "GoogLeNet (defaults)"),
        ("inception defaults", "GoogLeNet (defaults)"),
        ("small", "small defaults"),
    ):
        known = replace(record, reference=Reference(name, Cost(5), 0.5))
        assert front_info(known, 100).reference == Mark(shown, 5, 0.5)


def test_nothing_yet_is_no_error() -> None:
    info = front_info(study([]), 100)
    assert (info.points, info.best, info.frugal, info.steps, info.climb) == (
        (),
        None,
        None,
        (),
        None,
    )
    assert learning_info(study([])).curves == ()


def test_curves_are_of_every_trial_that_learned_something() -> None:
    asked = settings()
    stopped = replace(failed(1, "lost"), curve=(0.1,))
    record = study([trial(asked, 2, 0.6), stopped, failed(3, "never"), trial(asked, 0, 0.7, CHEAP)])
    info = learning_info(record)
    assert [(curve.number, curve.on_front) for curve in info.curves] == [
        (0, True),
        (1, False),
        (2, False),
    ]
    assert info.curves[0].accuracies == record.trials[3].curve
    assert info.epochs == 3


def test_cost_rows_add_up_to_the_net() -> None:
    graph = bind(settings().text.space()).graph
    rows, whole = cost_rows(graph), count(graph)
    assert [row.name for row in rows] == ["stem", "body.1", "body.2", "head"]
    assert sum(row.macs for row in rows) == whole.macs
    assert sum(row.params for row in rows) == whole.params
    assert sum(row.share for row in rows) == pytest.approx(1)


def test_a_space_without_choices_is_fine() -> None:
    asked = settings(PLAIN)
    assert front_info(study([trial(asked, 0, 0.7)], asked), 100).complete == 1


def test_infos_are_values() -> None:
    record = searched()
    assert front_info(record, 2000) == front_info(record, 2000)
    assert learning_info(record) == learning_info(record)
