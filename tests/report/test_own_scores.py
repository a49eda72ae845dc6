"""Reports of scores by a function of the user's own: units, words, figures, files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.report import correlations, trust, write_report
from explorer.report.dots import ranking
from explorer.report.figures import pareto
from explorer.report.info import front_info
from explorer.report.reliability import reliability_info
from explorer.report.unit import ACCURACY, significant, unit_of
from explorer.report.words import answer, not_done, question, scoring
from explorer.search import Reference, Settings, StudyRecord, Trial
from tests.report.studies import measured, settings, study, trial
from tests.report.test_page import Page

FACTS = {"about": "Less is worse."}


def own(asked: Settings) -> Settings:
    return replace(asked, score="tables:loss", data_fingerprint="", objectives=())


def scored(record: StudyRecord, factor: float = -100.0) -> StudyRecord:
    """The study as one of negative losses, each of which is 100 times one less the accuracy."""

    def changed(found: Trial) -> Trial:
        again = tuple(factor * (1 - value) for value in found.repeats)
        score = factor * (1 - found.accuracy)
        return replace(found, curve=(score,), repeats=again, free={}, proxy_macs=0)

    trials = tuple(changed(found) for found in record.trials)
    return replace(record, settings=own(record.settings), trials=trials)


def words(record: StudyRecord) -> str:
    front = front_info(record, 0)
    info = reliability_info(record, front)
    parts: Sequence[list[str]] = (
        [question(record)], answer(front), scoring(record, FACTS), trust.noise(front, info),
        correlations.notes(info), correlations.ceiling(info), trust.verdict(front, info),
        not_done(record, front),
    )  # fmt: skip
    said = " ".join(text for part in parts for text in part).replace("\N{NO-BREAK SPACE}", " ")
    for stranger in ("%", " points", "ccura", "images right", "binomial", "proxy macs", "nan"):
        assert stranger not in said.replace("95 %", "").replace("% less", ""), stranger
    return said


@pytest.fixture(scope="module")
def noisy() -> StudyRecord:
    return scored(measured(24))


@pytest.fixture(scope="module")
def exact() -> StudyRecord:
    return scored(measured(24, sigma=0))


# ---- units


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0"), (0.715, "0.715"), (-2.302585, "-2.3026"), (94.1523, "94.152"),
        (12345.6, "12,346"), (999_999.0, "999,999"), (1.5e9, "1.5e+09"), (-1.2345678e-7,
        "-1.2346e-07"), (1000.0, "1000"),
    ],
)  # fmt: skip
def test_numbers_keep_significant_digits(number: float, written: str) -> None:
    assert significant(number, 5) == written


def test_a_study_has_the_unit_of_its_scores() -> None:
    assert unit_of(settings()) == ACCURACY
    unit = unit_of(own(settings()))
    assert (unit.name, unit.axis, unit.factor) == ("loss", "loss (more is better)", 1.0)
    assert unit.noisy(-2.302585, 0.01234).replace("\N{NO-BREAK SPACE}", " ") == "−2.3026 ± 0.0123"
    assert ACCURACY.noisy(0.7, 0.01).replace("\N{NO-BREAK SPACE}", " ") == "70.0 ± 1.0 %"
    for low, high in ((-3.0, 5.0), (7.0, 7.0), (0.0, 0.0), (-1e100, 1e100)):
        assert unit.margin(low, high) > 0


# ---- words


def test_noise_between_seeds_is_known_for_any_score(noisy: StudyRecord) -> None:
    said = words(noisy)
    assert "scores best by “tables:loss” within 1G multiply-adds?" in said
    assert "12 of the 24 complete trials were scored a second time, with another seed" in said
    assert "the honest significant difference of" in said and "Tukey" in said
    assert "Be careful" in said and "Scored again, its nets" in said
    assert "scoring all 24 nets again would rank them" in said
    assert "It says of itself: “Less is worse.”" in said
    assert "12 of 24 complete trials had a second seed and none a third." in said
    info = front_info(noisy, 0)
    assert info.has_bars and info.best is not None and info.best.noise > 0


def test_seeds_that_agree_exactly_are_no_noise(exact: StudyRecord) -> None:
    said = words(exact)
    assert "The two seeds agreed exactly for every one of them, so there are no error bars." in said
    assert "No cheaper trial scored the same." in said
    assert "Second seeds changed no score, so they set no ceiling" in said
    assert "No second seed changed a score, so no difference on this front is a seed's" in said
    assert "±" not in said and "Be careful" not in said


def test_without_repeats_there_are_no_error_bars_and_no_claims(noisy: StudyRecord) -> None:
    trials = tuple(replace(found, repeats=()) for found in noisy.trials)
    said = words(replace(noisy, trials=trials))
    assert "not measured, since no net was scored with a second seed." in said
    assert "so there are no error bars." in said
    assert "The noise of a score is not known, so no cheaper trial can be called as good." in said
    assert "cannot tell which differences are real, since its noise between seeds was not" in said
    assert "step" not in said and "±" not in said
    assert "No score was repeated with another seed." in said


def test_equal_scores_and_few_trials_are_no_trouble() -> None:
    asked = own(settings())
    same = [trial(asked, n, 3.0, repeats=[3.0] if n % 2 else []) for n in range(9)]
    assert "all trials have the same score" in words(study(same, asked))
    assert "No trial is complete" in words(study([], asked))
    one = study([trial(asked, 0, -7.0, repeats=[-7.5])], asked)
    assert "one net alone was scored with a second seed" in words(one)


def test_second_runs_that_failed_are_counted(noisy: StudyRecord) -> None:
    lost = replace(noisy.trials[0], repeats=(), reason="scored again with another seed: no")
    said = words(replace(noisy, trials=(lost, *noisy.trials[1:])))
    assert "1 second scoring failed, which no figure here takes into account" in said


def test_a_space_that_is_used_up_is_said() -> None:
    asked = own(settings(text=SWITCH))
    both = [trial(asked, n, float(n), {"kind": word}) for n, word in enumerate(("plain", "wide"))]
    assert "All 2 assignments of the space were scored" in words(study(both, asked))


SWITCH = """\
space switch
input 3x32x32  classes 10
lever kind in {plain, wide}
a: choose kind { plain: conv 3x3 8 same | wide: conv 5x5 8 same }
head: avgpool global > linear classes
"""


# ---- figures and files


def test_the_front_is_drawn_in_the_scores_own_unit(noisy: StudyRecord, exact: StudyRecord) -> None:
    info = front_info(noisy, 0)
    axes = pareto(info).axes[0]
    assert axes.get_ylabel() == "loss (more is better)"
    low, high = axes.get_ylim()
    assert low < min(p.accuracy for p in info.points) <= max(p.accuracy for p in info.points) < high
    assert "± one standard deviation between seeds" in legend(noisy)
    assert "±" not in legend(exact)
    lines = ranking(reliability_info(exact, front_info(exact, 0))).legends[0].get_texts()
    assert "noise ceiling" not in [line.get_text() for line in lines]


def legend(record: StudyRecord) -> str:
    return " ".join(t.get_text() for t in pareto(front_info(record, 0)).legends[0].get_texts())


@pytest.mark.parametrize("scale", [1e-100, 1e-9, 1e6, 1e98])
def test_scores_of_any_size_are_drawn_and_told(scale: float, tmp_path: Path) -> None:
    record = scored(measured(12), -scale)
    words(record)
    write_report(record, tmp_path / "far", FACTS)


def test_the_page_names_the_function_and_opens_no_data(exact: StudyRecord, tmp_path: Path) -> None:
    reference = Reference("small", exact.trials[0].cost, -41.5)
    found = replace(exact, reference=reference)
    first, *_ = write_report(found, tmp_path / "own")  # no facts: nothing is opened to find them
    page = Page(first.read_text("utf-8"))
    assert (
        "Each candidate was scored by the function “tables:loss” (12 of them once more" in page.text
    )
    assert "Trial loss Macs Params Of budget" in page.text
    assert "small defaults, scored in the same way, reached −41.5 at" in page.text
    assert "pareto.svg : loss against multiply-adds" in page.text
    assert "learning" not in page.text and "accura" not in page.text
    assert not (tmp_path / "own" / "learning.svg").exists()
    assert "tables:loss gave it -" in (tmp_path / "own" / "best.net").read_text("utf-8")


def test_tables_have_a_score(noisy: StudyRecord, tmp_path: Path) -> None:
    write_report(noisy, tmp_path, FACTS)
    front, trials = (rows(tmp_path / name) for name in ("front.csv", "trials.csv"))
    assert list(front[0])[:3] == ["trial", "score", "seed_deviation"]
    assert [float(row["score"]) for row in front] == [t.accuracy for t in noisy.front]
    assert [float(row["score"]) for row in trials] == [t.accuracy for t in noisy.trials]
    assert {"repeat_score"} <= set(trials[0]) and not {"accuracy", "proxy_macs"} & set(trials[0])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
