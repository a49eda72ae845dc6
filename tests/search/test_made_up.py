"""Made-up scores, and how samplers are measured on them."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.cost.batch import decode, encode
from explorer.errors import ExplorerError
from explorer.score.reliability import kendall
from explorer.space import bind
from scripts import benchmark_made_up, made_up
from scripts.made_up import KINDS, landscape

SPACE, BUDGET = "nasbench_macro", "9e7"
MACRO = f"{SPACE}:{BUDGET}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the benchmark puts into the environment is taken out again."""
    for name, value in (("", "failing"), ("_SEED", "0"), ("_BUDGET", BUDGET)):
        monkeypatch.setenv(f"MADE_UP{name}", value)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_shares_and_another_seed_makes_others(kind: str) -> None:
    made, other = (landscape(SPACE, BUDGET, kind, seed) for seed in (0, 1))
    truth, seen = made.truth(made.typical), made.seen(made.typical)
    assert np.all((truth > 0) & (truth < 1)) and np.all((seen >= 0) & (seen <= 1))
    assert np.array_equal(seen, made.seen(made.typical))
    assert 0.3 < kendall(truth, seen) < 1
    assert abs(kendall(truth, other.truth(made.typical))) < 0.9


def test_kinds_are_what_they_are_called() -> None:
    def made(kind: str, seed: int = 0) -> made_up.Landscape:
        return landscape(SPACE, BUDGET, kind, seed)

    def by_macs(kind: str) -> float:
        each = [made(kind, seed) for seed in range(4)]
        return float(np.mean([kendall(m.truth(m.typical), m.doublings(m.typical)) for m in each]))

    assert by_macs("additive") > 0.2 > by_macs("unrelated") > -0.2 > by_macs("falling")
    failing = made("failing")
    share = (failing.truth(failing.typical) < 0.01).mean()
    assert 0.1 <= share <= 1 / 3
    assert np.array_equal(failing.truth(failing.typical) < 0.01, failing.fails(failing.typical))
    coarse = made("coarse")
    assert len(np.unique(coarse.seen(coarse.typical))) <= 21
    noisy, quiet = (
        kendall(each.truth(each.typical), each.seen(each.typical))
        for each in (made("noisy"), made("additive"))
    )
    assert noisy < 0.7 < 0.9 < quiet


@pytest.mark.parametrize("kind, adds_up", [("unrelated", True), ("pairwise", False)])
def test_effects_that_add_up_do_and_others_do_not(kind: str, adds_up: bool) -> None:
    """What two changes do together, beside what each does alone."""
    made = landscape(SPACE, BUDGET, kind, 0)
    default = encode(made.space, [bind(made.space).assignment])

    def together(first: int, second: int) -> float:
        nets = np.repeat(default, 4, axis=1)
        nets[first, [1, 3]] = 2
        nets[second, [2, 3]] = 2
        truth = made.truth(nets)
        growth = 0.0 if adds_up else 0.8 * made.doublings(nets)
        none, one, other, both = np.log(truth / (1 - truth)) - growth
        return abs(float(both - one - other + none))

    most = max(together(*pair) for pair in combinations(range(len(default)), 2))
    assert most < 1e-9 if adds_up else most > 0.01


def test_a_candidate_has_the_score_of_its_codes(asked: None) -> None:
    made = landscape(SPACE, BUDGET, "failing", 0)
    codes = made.typical[:, :5]
    candidates = [bind(made.space, decode(made.space, code)) for code in codes.T]
    told = [made_up.score(candidate, seed=7) for candidate in candidates]
    again = encode(made.space, [candidate.assignment for candidate in candidates])
    assert told == list(made.seen(again))
    known = made_up.features(candidates[0])
    assert list(known) == list(made_up.FEATURES)
    assert list(known.values()) == pytest.approx(made.features(again)[0])


def test_features_know_something_and_not_all() -> None:
    for seed in range(4):
        made = landscape(SPACE, BUDGET, "additive", seed)
        truth, mean = made.truth(made.typical), made.features(made.typical).mean(axis=1)
        assert 0.2 < kendall(truth, mean) < 0.8


def test_what_is_no_landscape() -> None:
    with pytest.raises(ExplorerError, match=r"one of additive, .*, not 'flat'"):
        landscape(SPACE, BUDGET, "flat", 0)
    with pytest.raises(ExplorerError, match="need a budget of macs, got 'params=1e6'"):
        landscape(SPACE, "params=1e6", "additive", 0)


def test_a_variable_that_is_missing(asked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_UP_BUDGET", "")
    candidate = bind(explorer.open_space(SPACE))
    with pytest.raises(ExplorerError, match="MADE_UP_BUDGET"):
        made_up.score(candidate, 0)


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
    mean = np.mean([shares[-1] for run, shares in known.items() if run.sampler == "random"])
    *_, total, _, ahead, _ = report
    assert total.startswith("| all | 4 | ") and f" | {mean:.3f} | " in total
    assert re.fullmatch("known_cost is ahead of random on [0-4] of 4 landscapes", ahead)
    titles = [text.split(" | ")[:2] for text in report[2:5]]
    assert titles == [["| additive", "2"], ["| failing", "2"], [f"| `{SPACE}`", "4"]]

    monkeypatch.setattr("sys.argv", [*words, "--draw", str(tmp_path / "shares.svg")])
    benchmark_made_up.main()  # which has nothing left to do
    assert capsys.readouterr().out.splitlines() == report
    assert (tmp_path / "shares.svg").read_text().startswith("<?xml")
    assert len(runs.read_text().splitlines()) == 8


def test_a_space_without_a_budget(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["script", "runs.jsonl", "--spaces", SPACE])
    with pytest.raises(SystemExit):
        benchmark_made_up.main()
    assert "SPACE:BUDGET, as in mbconv:3e8, got 'nasbench_macro'" in capsys.readouterr().err


def test_the_best_front_is_the_true_one_of_a_small_space() -> None:
    judge = benchmark_made_up.Judge(landscape(SPACE, BUDGET, "rugged", 0))
    typical = judge.made.typical
    assert judge.best >= judge.area(typical)
    best = int(np.argmax(judge.made.truth(typical)))
    shares = judge.shares(typical[:, [best, *range(20)]])
    assert 0 < shares[0] <= shares[-1] <= 1
