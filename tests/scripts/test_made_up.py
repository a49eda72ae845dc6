"""Made-up scores, and how samplers are measured on them."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.budget.extremes import every
from explorer.cost.batch import decode
from explorer.errors import ExplorerError
from explorer.score.reliability import kendall
from explorer.space import bind
from scripts import benchmark_made_up, made_up
from scripts.benchmark_made_up import Judge, Run
from scripts.lines import append_json
from scripts.made_up import KINDS, Array, Landscape, landscape

SPACE, BUDGET = "nasbench_macro", "9e7"
MACRO = f"{SPACE}:{BUDGET}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the benchmark puts into the environment is taken out again."""
    for name, value in (("", "failing"), ("_SEED", "0"), ("_BUDGET", BUDGET)):
        monkeypatch.setenv(f"MADE_UP{name}", value)


def made(kind: str, seed: int = 0) -> Landscape:
    return landscape(SPACE, BUDGET, kind, seed)


def explained(kind: str, degree: int) -> float:
    """The share of the logit's variance that values of choices, or pairs of them, explain."""
    scores = made(kind)
    codes = every(scores.space)
    truth = scores.truth(codes)
    logits = np.log(truth / (1 - truth))
    if kind != "unrelated":
        logits -= 0.8 * scores.doublings(codes)
    alone = [row == code for row in codes for code in range(1, 3)]
    pairs = [a & b for n, a in enumerate(alone) for b in alone[:n]] if degree == 2 else []
    columns: Array = np.array([np.ones(codes.shape[1]), *alone, *pairs], float).T
    left = logits - columns @ np.linalg.lstsq(columns, logits)[0]
    return float(1 - left.var() / logits.var())


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_shares_and_another_seed_makes_others(kind: str) -> None:
    scores, others = made(kind), made(kind, 1)
    truth, seen = scores.truth(scores.typical), scores.seen(scores.typical)
    assert np.all((truth > 0) & (truth < 1)) and np.all((seen >= 0) & (seen <= 1))
    assert np.array_equal(seen, scores.seen(scores.typical))
    assert 0.3 < kendall(truth, seen) < 1
    assert abs(kendall(truth, others.truth(scores.typical))) < 0.9


def test_effects_are_of_choices_of_pairs_or_of_all() -> None:
    assert explained("unrelated", 1) == pytest.approx(1)
    assert explained("pairwise", 1) < 0.5
    assert explained("pairwise", 2) == pytest.approx(1)
    assert explained("rugged", 1) < explained("rugged", 2) < 0.8


def test_macs_help_or_do_not() -> None:
    def by_macs(kind: str) -> float:
        each = [made(kind, seed) for seed in range(4)]
        return float(np.mean([kendall(m.truth(m.typical), m.doublings(m.typical)) for m in each]))

    assert by_macs("additive") > 0.2 > by_macs("unrelated") > -0.2


def test_scores_fall_on_both_sides_of_a_quarter_of_the_budget() -> None:
    away: list[float] = []
    for seed in range(4):
        scores = made("falling", seed)
        codes = every(scores.space)
        truth, doublings = scores.truth(codes), scores.doublings(codes)
        for side in (doublings < -2, doublings > -2):
            away.append(kendall(truth[side], np.abs(doublings[side] + 2)))
    assert np.mean(away[::2]) < -0.1 and np.mean(away[1::2]) < -0.1


def test_a_part_of_the_nets_fails() -> None:
    for failing in (made("failing"), landscape("resnext", "4e9", "failing", 0)):
        fails = failing.fails(failing.typical)
        assert 0.1 <= fails.mean() <= 1 / 3
        assert np.array_equal(failing.truth(failing.typical) < 0.01, fails)
        assert np.array_equal(failing.seen(failing.typical) < 0.01, fails)
    additive = made("additive")
    assert not additive.fails(additive.typical).any()


def test_some_trainings_are_noisy_and_some_scores_coarse() -> None:
    noisy, quiet = (
        kendall(each.truth(each.typical), each.seen(each.typical))
        for each in (made("noisy"), made("additive"))
    )
    assert noisy < 0.7 < 0.9 < quiet
    coarse = made("coarse")
    twentieths = 20 * coarse.seen(coarse.typical)
    assert twentieths == pytest.approx(np.round(twentieths))


def test_what_has_no_part_in_a_net_makes_no_difference() -> None:
    scores = landscape("resnext", "4e9", "pairwise", 0)
    codes = scores.typical
    active = scores.feasible.counter.active(codes)
    rows, nets = np.nonzero(~active)
    others = codes.copy()
    sizes = np.array([len(choice.values) for choice in scores.space.choices.values()])
    others[rows, nets] = (others[rows, nets] + 1) % sizes[rows]
    same = np.all(scores.feasible.counter.active(others) == active, axis=0)
    changed = same & np.any(codes != others, axis=0)
    assert changed.sum() > 10
    codes, others = codes[:, changed], others[:, changed]
    assert scores.truth(codes) == pytest.approx(scores.truth(others))
    assert scores.seen(codes) == pytest.approx(scores.seen(others))


def test_a_candidate_has_the_score_of_its_codes(asked: None) -> None:
    scores = made("failing")
    codes = scores.typical[:, :5]
    candidates = [bind(scores.space, decode(scores.space, code)) for code in codes.T]
    told = [made_up.score(each, seed=7) for each in candidates]
    assert told == pytest.approx(scores.seen(codes), rel=1e-12)
    known = made_up.features(candidates[0])
    assert list(known) == list(made_up.FEATURES)
    assert list(known.values()) == pytest.approx(scores.features(codes)[0])


def test_features_know_something_and_not_all() -> None:
    for seed in range(4):
        scores = made("additive", seed)
        mean = scores.features(scores.typical).mean(axis=1)
        assert 0.2 < kendall(scores.truth(scores.typical), mean) < 0.8


def test_what_is_no_landscape() -> None:
    with pytest.raises(ExplorerError, match=r"one of additive, .*, not 'flat'"):
        landscape(SPACE, BUDGET, "flat", 0)
    with pytest.raises(ExplorerError, match="need a budget of macs, got 'params=1e6'"):
        landscape(SPACE, "params=1e6", "additive", 0)


@pytest.mark.parametrize(("name", "value"), [("MADE_UP_BUDGET", ""), ("MADE_UP_SEED", "one")])
def test_a_variable_that_says_nothing(
    asked: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ExplorerError, match=r"need MADE_UP, .* a whole MADE_UP_SEED, got"):
        made_up.score(bind(explorer.open_space(SPACE)), 0)


def test_samplers_are_measured_and_go_on(
    asked: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs.jsonl"
    words = ["script", str(runs), "--spaces", MACRO, "--kinds", "additive", "failing"]
    words += ["--samplers", "known_cost", "random", "--seeds", "2", "--trials", "7", "--at", "7"]
    monkeypatch.setattr("sys.argv", words)
    benchmark_made_up.main()
    known = benchmark_made_up.read(runs)
    assert len(known) == 8
    for shares in known.values():
        assert len(shares) == 7 and shares == sorted(shares) and 0 <= shares[-1] <= 1
    report = capsys.readouterr().out.splitlines()[8:]
    titles = [text.split(" | ")[:2] for text in report[2:5]]
    assert titles == [["| additive", "2"], ["| failing", "2"], [f"| `{SPACE}`", "4"]]
    assert re.fullmatch("known_cost is ahead of random on [0-4] of 4 landscapes", report[-2])

    monkeypatch.setattr("sys.argv", [*words, "--draw", str(tmp_path / "shares.svg")])
    benchmark_made_up.main()  # which has nothing left to do
    assert capsys.readouterr().out.splitlines() == report
    assert (tmp_path / "shares.svg").read_text().startswith("<?xml")
    assert len(runs.read_text().splitlines()) == 8


def test_leads_are_of_the_same_landscapes() -> None:
    def run(sampler: str, seed: int, budget: str = BUDGET) -> Run:
        return Run(SPACE, budget, "noisy", seed, sampler, 2)

    known = {
        run("a", 0): [0.1, 0.5], run("b", 0): [0.1, 0.4], run("a", 1): [0.3, 0.8],
        run("b", 1): [0.2, 0.4], run("a", 2): [0.9, 0.9], run("b", 2, "8e7"): [0.0, 0.0],
    }  # fmt: skip
    found = list(benchmark_made_up.report(known, [2]))
    # Leads of .1 and .4: a mean of .25, and .3 / sqrt 2 / sqrt 2.
    assert found[2] == "| noisy | 2 | 0.650 | 0.400 | +0.250 ± 0.150 |"
    assert found[-2].strip() == "a is ahead of b on 2 of 2 landscapes"
    after_three = list(benchmark_made_up.report(known, [3]))
    assert "of 0 landscapes" in after_three[-2]
    with pytest.raises(ExplorerError, match="no landscape that a, b all have"):
        benchmark_made_up.picture({run("a", 0): [0.1, 0.5], run("b", 1): [0.1, 0.4]})


def test_a_search_without_scores_is_none(asked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_up, "_asked", lambda candidate: 1 / 0)
    run = Run(SPACE, BUDGET, "noisy", 0, "random", 2)
    with pytest.raises(ExplorerError, match="nasbench_macro, noisy, seed 0: no net was scored"):
        run.searched(Judge(made("noisy")))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["runs.jsonl", "--spaces", SPACE], "SPACE:BUDGET, as in mbconv:3e8, got 'nasbench_macro'"),
        (["runs.jsonl", "--trials", "0"], "--trials: must be at least 1, got 0"),
        (["no/runs.jsonl"], "there is no folder no"),
        (["runs.jsonl", "--draw", "no/a.svg"], "--draw: there is no folder no"),
        (["runs.jsonl", "--draw", "a.doc"], "--draw: a figure is an .svg or a .png, got 'a.doc'"),
    ],
)
def test_bad_words_are_told_before_anything_is_searched(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    told: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["script", *words])
    with pytest.raises(SystemExit):
        benchmark_made_up.main()
    assert told in capsys.readouterr().err


def test_a_file_that_was_cut_off_or_is_another(tmp_path: Path) -> None:
    path, search = tmp_path / "runs.jsonl", Run(SPACE, BUDGET, "noisy", 0, "random", 1)
    append_json(path, asdict(search) | {"shares": [0.5]})
    with path.open("a") as file:
        file.write('{"space": "nasb')
    assert benchmark_made_up.read(path) == {search: [0.5]}
    append_json(path, {"space": SPACE})
    with pytest.raises(ExplorerError, match="a line that is no search of this kind"):
        benchmark_made_up.read(path)
    path.write_text('{"space"\n{}\n')
    with pytest.raises(ExplorerError, match="line 1 is no JSON"):
        benchmark_made_up.read(path)
    assert benchmark_made_up.read(tmp_path / "none.jsonl") == {}


def test_the_best_front_is_the_true_one_of_a_small_space() -> None:
    judge = Judge(made("rugged"))
    codes = every(judge.made.space)
    fits = codes[:, judge.macs(codes) <= 9e7]
    assert judge.best == judge.area(fits)
    best = int(np.argmax(judge.made.truth(fits)))
    shares = judge.shares(fits[:, [best, *range(20)]])
    assert shares[0] < shares[-1] < 1 and shares[-1] == pytest.approx(
        judge.area(fits[:, [best, *range(20)]]) / judge.best, abs=1e-4
    )


def test_generations_find_a_better_front_than_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_made_up, "_GENERATIONS", 5)
    first, again = (Judge(landscape("resnext", "4e9", "additive", 0)) for _ in "12")
    assert first.best == again.best
    assert first.best > 1.1 * first.area(first.made.typical)
