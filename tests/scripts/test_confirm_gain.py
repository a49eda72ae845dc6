"""What scoring a front again is worth: the measures, and the rules that are compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import explorer
from scripts import confirm_gain, confirm_rules
from scripts.confirm_gain import Place
from scripts.confirm_rules import MORE, RULES, SETTLED, SINGLE, Shown
from scripts.made_up import landscape
from scripts.search_trained import trained

FIDELITY = Path(__file__).parents[2] / "reports" / "fidelity"


def test_a_score_is_the_truth_with_the_noise_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("SPACE", "BUDGET", "SEED", "NOISE")
    for name, value in zip(names, ("resnext", "4e9", "0", "0.2"), strict=True):
        monkeypatch.setenv(f"CONFIRM_{name}", value)
    net = explorer.bind(explorer.open_space("resnext"))
    scores = np.array([confirm_gain.score(net, seed) for seed in range(400)])
    assert confirm_gain.score(net, 3) == scores[3]
    logits = np.log(scores / (1 - scores))
    assert logits.std() == pytest.approx(0.2, rel=0.1)
    from explorer.cost.batch import encode

    made = landscape("resnext", "4e9", "additive", 0)
    truth = made.truth(encode(made.space, [net.assignment]))[0]
    assert logits.mean() == pytest.approx(np.log(truth / (1 - truth)), abs=0.03)


@pytest.mark.slow
def test_ways_to_spend_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place("resnext", "4e9", 0, 0.5, 6)
    whole = place.searched()
    found = whole["ways"]
    assert [line["times"] for line in found] == [0, 1, 2, -1, -2]
    scores = [line["scores"] for line in found]
    assert scores[0] == 6 < scores[1] < scores[2] and scores[3:] == scores[1:3]
    assert all(0 <= line["offered"] <= 1 for line in found)
    rows = list(confirm_gain.report([{**whole, "seed": seed} for seed in range(2)]))
    assert rows[2].startswith("| 0.5 | 6 candidates | 6 |")
    assert rows[3].startswith(f"| 0.5 | 6 candidates, confirmed once | {scores[1]} |")
    assert rows[4].startswith(f"| 0.5 | more candidates | {scores[1]} |")
    gain = found[1]["offered"] - found[3]["offered"]
    assert f"| {gain:+.3f} ± 0.000 |" in rows[3]
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "none.jsonl"), "--report"])
    with pytest.raises(SystemExit, match=r"none\.jsonl: holds no searches"):
        confirm_gain.main()
    (tmp_path / "none.jsonl").write_text(json.dumps(whole) + "\n")
    assert confirm_gain.read(tmp_path / "none.jsonl") == {place: whole}
    for wrong in {**whole, "ways": found[:2]}, {"ways": 3}, 7:
        (tmp_path / "none.jsonl").write_text(json.dumps(wrong) + "\n")
        with pytest.raises(SystemExit, match="holds a line that is no search of this kind"):
            confirm_gain.main()


def test_what_a_front_offers_is_its_nets_truth() -> None:
    macs, truth = np.array([1.0, 10.0, 100.0, 1000.0]), np.array([1.0, 4.0, 2.0, 8.0])
    shown, true, again = confirm_rules._worth(Shown([0, 2], [3.0, 5.0], 7), truth, macs)
    assert 1 < true < 2 and 3 < shown < 5 and again == 7
    assert confirm_rules._worth(Shown([1], [4.0], 0), truth, macs)[:2] == (4, 4)


def test_rules_on_trained_nets() -> None:
    every = trained(FIDELITY, ["swap"]).plain()
    silent = list(confirm_rules.replayed(every, 1e-9, 12, 2, 2))
    for found in silent:  # without noise nothing is gained or lost
        assert len({round(found[title][1], 6) for title in RULES}) == 1
        assert found[SINGLE][0] == pytest.approx(found[SINGLE][1])
        assert found[SETTLED][2] == found["the front once, by all scores"][2]
    (loud,) = confirm_rules.replayed(every, 5, 12, 1, 1)
    assert set(loud) == {*RULES, MORE} and loud[MORE][2] == loud[SETTLED][2] > 0
    flattered = {title: shown - true for title, (shown, true, _) in loud.items()}
    assert flattered[SETTLED] < flattered[SINGLE]
