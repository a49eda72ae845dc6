"""A front that was scored again: its numbers, its sentences, its table, and its figure."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from math import sqrt
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from explorer.cli.reliability import to_json
from explorer.report import trust
from explorer.report.confirmed import confirmation
from explorer.report.figures import pareto
from explorer.report.info import front_info, learning_info
from explorer.report.page import write_report
from explorer.report.reliability import reliability_info
from explorer.report.words import answer, confirming, not_done, reasons, scoring
from explorer.score import Recipe
from explorer.score.noise import honest_difference
from explorer.search import StudyRecord
from explorer.search.records import front
from tests.report.studies import FACTS, confirmed, measured, searched, settings, study, trial


@pytest.fixture(scope="module")
def before() -> StudyRecord:
    return measured(24)


@pytest.fixture(scope="module")
def after(before: StudyRecord) -> StudyRecord:
    return confirmed(before, 2, sigma=0.03, seed=5)


def plain(texts: list[str]) -> str:
    return " ".join(texts).replace("\N{NO-BREAK SPACE}", " ")


def words(record: StudyRecord) -> str:
    info = front_info(record, 2000)
    trusted = reliability_info(record, info)
    return plain([*answer(info), *trust.noise(info, trusted), *trust.verdict(info, trusted)])


def test_a_study_whose_front_is_not_confirmed_says_nothing_of_it(before: StudyRecord) -> None:
    info = front_info(before, 2000)
    assert info.confirmation is None and not info.has_means and info.fewest == 1
    assert "For being on the front" not in words(before) and "mean of" not in words(before)


def test_points_stand_at_means_and_their_noise_falls(after: StudyRecord) -> None:
    info = front_info(after, 2000)
    assert info.seeds is not None and info.has_means and info.fewest >= 3
    for point in info.points:
        assert point.accuracy == pytest.approx(fmean(point.scores))
        assert point.noise == pytest.approx(info.seeds.sigma / sqrt(len(point.scores)))
        assert not point.on_front or len(point.scores) >= 3
    best = max(info.points, key=lambda point: (point.accuracy, -point.macs))
    assert info.best == best and info.front[-1] == best
    assert info.honest == honest_difference(info.seeds, len(info.front))
    counts = {point.number: len(point.scores) for point in info.front}
    for step in info.steps:  # Kramer's, for unlike numbers of scores
        each = 1 / counts[step.cheaper] + 1 / counts[step.better]
        assert step.limit == pytest.approx(info.honest * sqrt(each / 2))
    least, most = info.limits()
    assert info.honest / 2 <= least < most <= info.honest / sqrt(info.fewest)
    verdict = reliability_info(after, info).verdict
    assert verdict is not None and verdict.limit == info.limits(best)[1]


def test_what_the_study_knows_of_noise_owes_nothing_to_the_front(
    before: StudyRecord, after: StudyRecord
) -> None:
    first, since = (front_info(record, 2000) for record in (before, after))
    assert first.seeds == since.seeds
    one, other = reliability_info(before, first), reliability_info(after, since)
    assert (one.rows, one.spread, one.agreement) == (other.rows, other.spread, other.agreement)
    assert learning_info(after).curves == tuple(
        replace(curve, on_front=curve.number in {t.number for t in after.front})
        for curve in learning_info(before).curves
    )
    assert (since.failed, since.unfinished, since.complete) == (0, 0, first.complete)


def test_what_became_of_the_front_is_counted(before: StudyRecord, after: StudyRecord) -> None:
    found = confirmation(after)
    assert found is not None
    led, now = ({t.number for t in record.front} for record in (before, after))
    assert found.left == tuple(sorted(led - now)) and found.came == tuple(sorted(now - led))
    assert found.left and found.came  # or this study would not be worth the test
    again = {t.number: t for t in after.complete if t.again}
    assert found.nets == len(again) and found.scores == sum(len(t.again) for t in again.values())
    assert found.scores == len(after.trials) - len(before.trials)
    both = [again[number] for number in led & again.keys()]
    assert found.led == len(both)
    assert found.found == pytest.approx(fmean(t.first for t in both))
    assert found.since == pytest.approx(fmean(t.again[0] for t in both))
    assert found.single == ()


def test_it_is_said(after: StudyRecord) -> None:
    found, text = confirmation(after), words(after)
    assert found is not None and found.found is not None and found.since is not None
    assert (
        f"For being on the front, {found.nets} nets were trained again with other seeds, "
        f"{found.scores} times in all, and count with the mean of all scores."
    ) in text
    assert f"{100 * (found.found - found.since):.1f} points less" in text
    assert " left the front" in text and " came to it" in text
    assert "over the root of how many scores a net has" in text
    assert "if less than single ones, as means of 3 or more" in text
    assert "seeds alone make no two means differ by more" in text
    assert re.search(r"difference of \S+ to \S+ points \(the more scores two nets have, the", text)
    best = front_info(after, 2000).best
    assert best is not None and f"right in the mean of {len(best.scores)} scores, at" in text
    info = front_info(after, 2000)
    assert f"second seed; {found.nets} nets were trained again for being on the front" in plain(
        not_done(after, info)
    )


def test_what_came_later_and_is_on_the_front_is_said_to_be_single(after: StudyRecord) -> None:
    late = trial(settings(budget="1e9"), len(after.trials), 0.99)
    record = replace(after, trials=(*after.trials, late))
    found = confirmation(record)
    assert found is not None and found.single == (late.number,)
    assert f"Trial {late.number} on the front has not been trained again yet." in words(record)
    assert front_info(record, 2000).fewest == 1


def test_a_front_that_stays_is_said_to_stay() -> None:
    asked = settings()
    first = trial(asked, 0, 0.5)
    again = replace(first, number=1, curve=(0.6,), seed=2)
    text = words(study([first, again], asked))
    assert "For being on the front, 1 net was trained again with other seeds, 1 time in all" in text
    assert "The one that led by single scores had 50.0 % in the search and 60.0 % with" in text
    assert "10.0 points more. The front is of the same trials as before." in text


def test_the_command_that_confirms(before: StudyRecord, after: StudyRecord) -> None:
    expected = "explorer search small.space --budget 2e6 --trials 24 --confirm 1"
    assert confirming(before) == expected
    for told in "--confirm=0", "--time 30m", "--trials=9 --confirm 2":
        command = f"explorer search small.space {told} --budget 2e6"
        assert confirming(replace(after, command=command)) == expected


def test_the_page_and_its_tables(before: StudyRecord, after: StudyRecord, tmp_path: Path) -> None:
    write_report(before, tmp_path / "before", FACTS)
    write_report(after, tmp_path / "after", FACTS)
    once, page = ((tmp_path / name / "index.html").read_text() for name in ("before", "after"))
    assert "See how much of the front was luck" in once and "--confirm 1" in once
    assert "See how much of the front was luck" not in page
    assert "Its scores" in page and "Its scores" not in once
    assert "Nets that were scored again stand at the mean of their scores" in page
    best = after.best
    assert best is not None
    assert ", ".join(f"{100 * score:.1f}" for score in best.scores) in page
    assert f"in the mean of {len(best.scores)} scores" in " ".join(
        (tmp_path / "after" / "best.net").read_text().replace("\n#", "").split()
    )
    with (tmp_path / "after" / "front.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["scores"]) for row in rows] == [len(t.scores) for t in after.front]
    assert [float(row["accuracy"]) for row in rows] == [t.accuracy for t in after.front]
    with (tmp_path / "after" / "trials.csv").open() as file:
        listed = list(csv.DictReader(file))
    assert [int(row["seed"]) for row in listed] == [t.seed for t in after.trials]
    assert [row["trial"] for row in listed if row["on_front"] == "True"] == [
        str(number) for number in sorted(t.number for t in after.front)
    ]


def test_the_figure_shows_where_nets_stood(before: StudyRecord, after: StudyRecord) -> None:
    def labels(record: StudyRecord) -> list[str]:
        (axes,) = pareto(front_info(record, 2000)).axes
        return [str(label) for label in axes.get_legend_handles_labels()[1]]

    assert "first score" in labels(after) and "first score" not in labels(before)
    info = front_info(after, 2000)
    (axes,) = pareto(info).axes
    rings = next(each for each in axes.collections if each.get_label() == "first score")
    first = [(p.macs, 100 * p.scores[0]) for p in info.points if p.is_mean]
    assert rings.get_offsets().tolist() == [pytest.approx(each) for each in first]  # type: ignore[union-attr]


def test_a_confirmed_front_is_one_of_means() -> None:
    record = confirmed(searched(12), 1, sigma=0.05)
    assert {len(t.again) for t in record.front} == {1}
    assert record.front == front(record.complete)
    assert record.best == record.front[-1]


def test_what_waits_at_a_rung_is_not_said_to_be_missing(after: StudyRecord) -> None:
    protocol = replace(after.settings.protocol, rungs=(1,), recipe=Recipe(epochs=3))
    top = protocol.ladder.top
    trials = tuple(replace(trial, rung=top) for trial in after.trials)
    cheapest = min(trials, key=lambda trial: trial.cost.macs)
    cost = cheapest.cost._replace(macs=cheapest.cost.macs - 1)
    waits = replace(cheapest, number=99, candidate=99, rung=0, cost=cost, seed=0)
    record = replace(
        after, trials=(*trials, waits), settings=replace(after.settings, protocol=protocol)
    )
    info = front_info(record, 2000)
    assert 99 in {point.number for point in info.front} and info.fewest >= 3
    assert info.confirmation is not None and info.confirmation.single == ()
    assert not info.can_be_confirmed
    assert "yet" not in trust.confirmed(info.confirmation, info.unit)


def test_a_net_that_came_to_no_score_again_is_told(before: StudyRecord) -> None:
    best = before.best
    assert best is not None
    failed = replace(best, state="failed", curve=(), repeats=(), reason="loss is nan")
    lost = [replace(failed, number=24 + n, seed=2 + n) for n in range(2)]
    record = replace(before, trials=(*before.trials, *lost))
    text = words(record)
    assert f"Trial {best.number} came to no score 2 times when it was begun again" in text
    assert "For being on the front" not in text
    found = confirmation(record)
    assert found is not None
    assert {*found.single, best.number} == {trial.number for trial in record.front}
    assert reasons(record.trials) == [("loss is nan (with another seed)", [24, 25])]


def test_scores_of_the_front_are_no_measure_of_noise() -> None:
    record = confirmed(measured(5, every=99), 2)
    info = front_info(record, 2000)
    assert info.seeds is None and info.has_means and info.honest is None
    text = words(record)
    assert (
        "not measured, since one net alone was trained with a second seed because of its number. "
        "Scores that confirm the front do not measure it"
    ) in text
    told = plain(scoring(record, FACTS))
    assert "Each candidate was trained from scratch (" in told
    nets = sum(bool(trial.again) for trial in record.complete)
    assert f"{nets} of them again, with other seeds, for being on the front)" in told
    with pytest.raises(ValueError, match="noise between seeds is not known"):
        info.limits()


def test_machines_are_told_as_well(before: StudyRecord, after: StudyRecord) -> None:
    def told(record: StudyRecord) -> dict[str, Any]:
        info = front_info(record, 2000)
        found: dict[str, Any] = json.loads(
            json.dumps(to_json(info, reliability_info(record, info)), allow_nan=False)
        )
        return found

    found = confirmation(after)
    assert found is not None and told(before)["confirmed"] is None
    assert told(after)["confirmed"]["nets"] == found.nets
    assert told(after)["confirmed"]["left"] == list(found.left)
