"""How far scores can be trusted: the numbers, their sentences, and the figure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isnan

import pytest

from explorer.report import correlations, trust
from explorer.report.dots import ranking
from explorer.report.info import front_info
from explorer.report.reliability import ReliabilityInfo, reliability_info, rungs
from explorer.score.reliability import Interval, kendall
from explorer.search import StudyRecord
from tests.report.studies import measured, searched, settings, study, trial


def info_of(record: StudyRecord) -> ReliabilityInfo:
    return reliability_info(record, front_info(record, 2000))


def words(record: StudyRecord) -> str:
    front = front_info(record, 2000)
    info = reliability_info(record, front)
    parts = (trust.noise(front, info), correlations.notes(info), correlations.ceiling(info))
    found = [*(text for part in parts for text in part), *trust.verdict(front, info)]
    return " ".join(found).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def record() -> StudyRecord:
    return measured(40)


@pytest.fixture(scope="module")
def info(record: StudyRecord) -> ReliabilityInfo:
    return info_of(record)


# ---- numbers


def test_the_noise_that_was_put_in_is_found() -> None:
    seeds = info_of(measured(120, sigma=0.02, every=1)).seeds
    assert seeds is not None and seeds.pairs == 120
    assert seeds.low < 0.02 < seeds.high
    assert seeds.sigma == pytest.approx(0.02, rel=0.2)


def test_rows_are_costs_free_scores_and_earlier_epochs(info: ReliabilityInfo) -> None:
    names = ["macs", "params", "swap", "naswot", "expressivity", "combined", "epoch 1", "epoch 2"]
    assert [row.name for row in info.rows] == names
    assert [row.kind for row in info.rows] == ["cost"] * 2 + ["free"] * 4 + ["epoch"] * 2
    for row in info.rows:
        assert row.kendall.low <= row.kendall.value <= row.kendall.high
        assert row.nets == info.complete == 40 and row.tenth is None


def test_rows_are_of_the_score(record: StudyRecord, info: ReliabilityInfo) -> None:
    scores = [t.accuracy for t in record.complete]
    assert info.rows[0].kendall.value == kendall([t.cost.macs for t in record.complete], scores)
    assert info.rows[-1].kendall.value == kendall([t.curve[1] for t in record.complete], scores)


def test_what_rests_on_macs_alone_is_little_within_their_bands(info: ReliabilityInfo) -> None:
    macs = info.rows[0]
    assert abs(macs.banded) < macs.kendall.value


def test_the_best_tenth_takes_many_trials() -> None:
    many = info_of(measured(80))
    assert all(row.tenth is not None for row in many.rows)
    assert many.bands == 5
    assert correlations.columns(many)[-1] == "Best tenth"


def test_scores_that_are_not_defined_rank_last() -> None:
    found = measured(12)
    gone = [replace(t, free={**t.free, "swap": None, "naswot": None}) for t in found.trials[:3]]
    some = info_of(replace(found, trials=(*gone, *found.trials[3:])))
    assert [row.name for row in some.rows][2:6] == ["swap", "naswot", "expressivity", "combined"]
    none = tuple(replace(t, free={**t.free, "swap": None}) for t in found.trials)
    assert "swap" not in [row.name for row in info_of(replace(found, trials=none)).rows]


def test_scores_that_only_some_trials_have_say_so() -> None:
    found = measured(20)
    older = tuple(replace(t, free={}) for t in found.trials[:8])
    mixed = info_of(replace(found, trials=(*older, *found.trials[8:])))
    swap = next(row for row in mixed.rows if row.name == "swap")
    assert swap.nets == 12 and correlations.cells(mixed, swap)[0] == "swap (12 nets)"
    few = tuple(replace(t, free={}) for t in found.trials[:15])
    names = [row.name for row in info_of(replace(found, trials=(*few, *found.trials[15:]))).rows]
    assert "swap" not in names and "combined" not in names


@pytest.mark.parametrize(
    ("epochs", "expected"), [(1, []), (2, [1]), (5, [1, 2, 3, 4]), (8, [1, 2, 4, 7])]
)
def test_rungs_are_few(epochs: int, expected: list[int]) -> None:
    one = replace(trial(settings(), 0, 0.5), curve=(0.5,) * epochs)
    assert rungs([one]) == expected


def test_nets_of_one_size_have_no_correlation_with_it() -> None:
    trials = [trial(settings(), n, 0.5 + n / 100) for n in range(8)]
    macs = info_of(study(trials)).rows[0]
    assert isnan(macs.kendall.value) and correlations.number(macs.kendall.value) == "–"
    assert isnan(macs.banded)


# ---- what is real


def test_without_noise_everything_is_real() -> None:
    found = measured(20, sigma=0)
    info = info_of(found)
    assert info.seeds is not None and info.seeds.sigma == 0
    assert info.verdict is not None and info.verdict.as_good == ()
    assert len(info.verdict.worse) == len(found.front) - 1
    assert info.agreement is not None and info.agreement.value == 1
    assert info.ceiling is not None and info.ceiling.perfect.value == 1
    assert f"every other trial on it is really worse than trial {info.verdict.best}." in words(
        found
    )


def test_with_much_noise_nothing_is_real() -> None:
    found = measured(24, sigma=0.2, seed=1)
    info = info_of(found)
    assert info.verdict is not None and info.verdict.worse == ()
    assert "cannot be told apart, and these are all." in words(found)


def test_noise_as_large_as_the_scores_is_said() -> None:
    pairs = [(0.60, 0.70), (0.61, 0.52), (0.62, 0.71), (0.63, 0.55)] * 2
    trials = [trial(settings(), n, a, repeats=[b]) for n, (a, b) in enumerate(pairs)]
    assert info_of(study(trials)).ceiling is None
    assert "the scores cannot be told from noise" in words(study(trials))


def test_the_verdict_follows_from_the_limit(record: StudyRecord, info: ReliabilityInfo) -> None:
    found = info.verdict
    assert found is not None
    by = {t.number: t.accuracy for t in record.front}
    assert {found.best, *found.as_good, *found.worse} == set(by)
    assert all(by[found.best] - by[number] <= found.limit for number in found.as_good)
    assert all(by[found.best] - by[number] > found.limit for number in found.worse)
    listed = [by[number] for number in (found.best, *found.as_good, *found.worse)]
    assert all(high >= low for high, low in pairwise(listed))


# ---- less than that


def test_an_older_study_has_what_it_can() -> None:
    info = info_of(searched(12))
    assert [row.name for row in info.rows] == ["macs", "params", "epoch 1", "epoch 2"]
    assert info.seeds is info.ceiling is info.verdict is info.agreement is None
    said = words(searched(12))
    assert "Noise between seeds: not measured, since no net was trained with a second" in said
    assert "this study has no training-free score" in said
    assert "The noise ceiling is not known" in said
    assert "This study cannot tell which differences are real" in said


def test_differences_are_weighed_against_counting_noise_where_that_is_all() -> None:
    asked = settings()
    cheap, dear = {"depth": 1}, {"depth": 3}
    small = words(study([trial(asked, 0, 0.69, cheap), trial(asked, 1, 0.70, dear)]))
    assert "Of the 1 step along the front, none is larger than counting noise" in small
    assert "the gain of 1.0 points is not larger than that" in small
    large = words(study([trial(asked, 0, 0.5, cheap), trial(asked, 1, 0.9, dear)]))
    assert "explains: trial 0 to 1 (+40.0 points)." in large
    assert "The test set was never looked at." in large


def test_few_trials_have_a_sentence_for_a_table() -> None:
    said = words(measured(4))
    assert "it takes 8 complete trials, and this study has 4" in said
    alone = words(study([trial(settings(), 0, 0.7, repeats=[0.71])]))
    assert "one net alone was trained with a second seed" in alone
    assert "There is one trial on the front, so there is no difference on it to judge." in alone
    assert words(study([])).startswith("There is no score to trust yet.")
    same = study([trial(settings(), n, 0.7) for n in range(9)])
    assert "all trials have the same score" in words(same)


def test_second_trainings_that_diverged_are_counted() -> None:
    found = measured(12)
    lost = replace(found.trials[0], repeats=(), reason="trained again with another seed: nan")
    said = words(replace(found, trials=(lost, *found.trials[1:])))
    assert "1 second training diverged" in said and "5 of the 12 complete trials" in said


def test_the_words_say_what_was_measured(record: StudyRecord) -> None:
    said = words(record)
    assert "20 of the 40 complete trials were trained a second time" in said
    assert "(chi-square, 20 degrees of freedom)" in said
    assert "the honest significant difference of" in said
    assert "The two seeds rank the 20 nets that had both with Kendall" in said
    assert said.endswith("score a little lower than a little higher.")


# ---- the figure


def test_a_dot_for_every_row(info: ReliabilityInfo) -> None:
    axes = ranking(info).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [r.name for r in info.rows]
    low, high = axes.get_xlim()
    assert low <= min(row.kendall.low for row in info.rows) and high > 1
    legend = ranking(info).legends[0]
    names = [text.get_text() for text in legend.get_texts()]
    assert names[-2:] == ["noise ceiling", "its 95 % interval"]


def test_a_figure_without_a_ceiling_or_a_correlation() -> None:
    older = ranking(info_of(searched(12)))
    assert "noise ceiling" not in [text.get_text() for text in older.legends[0].get_texts()]
    one_size = study([trial(settings(), n, 0.5 + n / 100) for n in range(8)])
    shown = ranking(info_of(one_size)).axes[0].get_yticklabels()
    assert [label.get_text() for label in shown] == ["epoch 1", "epoch 2"]


def test_an_interval_beside_its_own_value_is_drawn(info: ReliabilityInfo) -> None:
    beside = replace(info.rows[0], kendall=Interval(0.5, 0.6, 0.8))
    below = replace(info.rows[1], kendall=Interval(0.5, 0.1, 0.3))
    axes = ranking(replace(info, rows=(beside, below))).axes[0]
    assert len(axes.get_yticklabels()) == 2


def test_infos_are_values(record: StudyRecord, info: ReliabilityInfo) -> None:
    assert info_of(record) == info
