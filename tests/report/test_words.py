"""The sentences follow from the numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.cost import Cost
from explorer.report.changes import changes
from explorer.report.info import front_info, standard_error
from explorer.report.unit import ACCURACY
from explorer.report.words import (
    answer,
    continuing,
    not_done,
    question,
    reasons,
    scoring,
)
from explorer.search import Reference, StudyRecord
from tests.report.studies import FACTS, PLAIN, failed, measured, searched, settings, study, trial

CHEAP, DEAR = {"depth": 1}, {"depth": 3}


def plain(sentences: list[str]) -> str:
    return " ".join(sentences).replace("\N{NO-BREAK SPACE}", " ")


def pair(low: float, high: float, reference: Reference | None = None) -> StudyRecord:
    asked = settings()
    trials = [trial(asked, 0, low, CHEAP), trial(asked, 1, high, DEAR)]
    return study(trials, reference=reference)


def test_the_question_names_the_space_and_the_budget() -> None:
    asked = question(pair(0.6, 0.7))
    assert asked == "Which net of the space “small” is the most accurate within 2M multiply-adds?"
    both = study([], settings(budget="macs=1e6,params=5e4"))
    assert question(both).endswith("within 1M multiply-adds and 50k params?")


def test_the_answer_names_the_best_and_the_cheapest_as_good() -> None:
    said = plain(answer(front_info(pair(0.69, 0.70), 100)))
    assert said.startswith("Trial 1 scored best among 2 complete trials: 70.0 ± 4.6 % of")
    assert "Trial 0 lies within one standard error of counting of it (69.0 %) and costs" in said
    assert "No cheaper trial" in plain(answer(front_info(pair(0.5, 0.9), 100)))


def test_the_defaults_are_compared_when_they_were_scored() -> None:
    over = Reference("inception", Cost(3_000_000), 0.65)
    said = plain(answer(front_info(pair(0.6, 0.7, over), 100)))
    assert "GoogLeNet (defaults), scored in the same way, reached 65.0 %" in said
    assert said.endswith("at 3M macs, over the budget.")
    assert "comparison" not in plain(answer(front_info(pair(0.6, 0.7), 100)))


def test_without_an_answer_that_is_said() -> None:
    assert "no answer yet" in plain(answer(front_info(study([]), 100)))
    asked = settings(budget="1")
    over = study([trial(asked, 0, 0.7)], asked)
    assert "No complete trial fits the budget" in plain(answer(front_info(over, 100)))


def test_what_was_not_measured_is_said() -> None:
    record = pair(0.6, 0.7)
    left = plain(not_done(record, front_info(record, 2000)))
    assert "No training was repeated with another seed" in left
    assert "2 of 8,232 assignments were scored" in left
    knobs = "".join(f"knob k{index} = 1 in 1..10\n" for index in range(9))
    huge = study([], settings(PLAIN.replace("a: ", knobs + "a: ")))
    assert "0 of about 10⁹ assignments" in plain(not_done(huge, front_info(huge, 2000)))
    asked = settings(PLAIN)
    none = study([trial(asked, 0, 0.7)], asked)
    assert "sampled" not in plain(not_done(none, front_info(none, 2000)))


def test_what_was_repeated_is_said() -> None:
    record = measured(4)
    assert "from scratch (2 of them once more, with another seed" in plain(scoring(record, FACTS))
    left = plain(not_done(record, front_info(record, 2000)))
    assert "2 of 4 complete trials had a second seed and none a third, and no candidate" in left
    said = plain(answer(front_info(record, 2000)))
    assert "within one standard deviation between seeds of it" in said


def test_the_protocol_is_told_with_its_numbers() -> None:
    said = plain(scoring(searched(), FACTS))
    assert "for 1×28×28 images and 10 classes, with its channel counts times 1/8" in said
    assert "and with stride=1." in said
    assert "3 epochs of 6,000 images of “cluttered”, 32 a step" in said
    assert "2,000 validation images" in said
    assert "No copy has been scored yet" in plain(scoring(study([]), FACTS))
    unknown = settings(PLAIN)  # has no param to set
    assert "stride" not in plain(scoring(study([], unknown), FACTS))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("explorer search s --trials 4", "explorer search s --trials 4"),
        ("explorer search s --trials=9 --seed 1", "explorer search s --trials=4 --seed 1"),
        ("explorer search 's p' --time 10m", "explorer search 's p' --time 10m --trials 4"),
        ("", "explorer search --study small-2e6 --trials 4"),
    ],
)
def test_the_same_command_with_more_trials_goes_on(command: str, expected: str) -> None:
    assert continuing(replace(pair(0.6, 0.7), command=command)) == expected


def test_reasons_are_grouped() -> None:
    found = reasons([failed(1, "a"), failed(2, "b"), failed(3, "b"), failed(4, "")])
    assert found == [("b", [2, 3]), ("a", [1]), ("no reason was stored", [4])]


def test_changes_are_short_and_complete() -> None:
    asked = settings()
    chosen = {"depth": 3, "body[1].kind": "wide", "body[3].kind": "wide", "body[2].k": 4}
    record = study([trial(asked, 0, 0.7), trial(asked, 1, 0.7, chosen)])
    default, moved = (changes(asked.text.space(), t) for t in record.trials)
    assert str(default) == "nothing: these are the defaults"
    assert str(moved) == "3 cell; kind wide ×2; 2 of 4 numbers moved"
    assert moved.moved == {
        "depth": 3,
        "body[1].kind": "wide",
        "body[2].k": 4,
        "body[3].kind": "wide",
    }
    assert len(moved.assignment) == 7


def test_an_average_of_weights_is_told() -> None:
    asked = settings()
    recipe = replace(asked.protocol.recipe, average=0.98)
    averaged = replace(asked, protocol=replace(asked.protocol, recipe=recipe))
    told, plain = (
        " ".join(scoring(study([trial(s, 0, 0.5)], s), FACTS)) for s in (averaged, asked)
    )
    assert "measured by a running average of the weights that keeps 0.98." in told
    assert "average" not in plain


def test_the_answer_says_what_its_noise_leaves_out() -> None:
    counted = plain(answer(front_info(pair(0.5, 0.9), 100)))
    assert "The ± is one standard error of counting, here and below; what another" in counted
    info = front_info(measured(24), 2000)
    said = plain(answer(info))
    assert "The ± is one standard deviation between seeds, here and below; being" in said
    error = 100 * standard_error(info.best.accuracy, 2000) if info.best else 0.0
    assert f"on 2,000 objects makes each score uncertain by another {error:.1f} points." in said
    limit = max(info.limits(info.front[-1]))
    assert f"only differences above {100 * limit:.1f} points are more than noise" in said


def test_validation_images_that_show_one_object_are_told() -> None:
    facts = {**FACTS, "validation images": 6000, "validation objects": 2000}
    said = plain(scoring(searched(), facts))
    assert "6,000 validation images (2,000 objects, 3 images of each) that the copy" in said
    assert "objects" not in plain(scoring(searched(), {**facts, "validation objects": 6000}))


@pytest.mark.parametrize(
    ("score", "bare", "value"),
    [(0.6575, "0.658", "65.8 %"), (0.6565, "0.657", "65.7 %"), (1.0, "1.000", "100.0 %")],
)
def test_a_score_is_rounded_alike_everywhere(score: float, bare: str, value: str) -> None:
    assert ACCURACY.bare(score) == bare
    assert ACCURACY.value(score).replace("\N{NO-BREAK SPACE}", " ") == value
    assert ACCURACY.short(score) == value.removesuffix(" %")
