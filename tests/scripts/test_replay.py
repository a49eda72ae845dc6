"""Searches of nets whose scores are known, without studies and workers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.errors import ExplorerError
from scripts import search_trained
from scripts.replay import AS_IS, Change, Part, modelled, searched

FIDELITY = Path(__file__).parents[2] / "reports" / "fidelity"


@pytest.fixture(scope="module")
def trained() -> Part:
    """The trained nets of the fidelity report."""
    return search_trained.trained(FIDELITY, ["swap", "naswot", "expressivity"])


def test_parts_without_features_and_with_those_of_others(trained: Part) -> None:
    own, values = trained.encoding.costs.stop, trained.rows.values
    assert values.shape == (150, own + 3)
    assert np.array_equal(trained.plain().rows.values, values[:, :own])
    moved = trained.shuffled().rows.values
    assert np.array_equal(moved[:, :own], values[:, :own])
    assert not np.array_equal(moved[:, own:], values[:, own:])
    assert np.array_equal(np.sort(moved, axis=0), np.sort(values, axis=0))


def test_changes_of_the_model(trained: Part) -> None:
    before = modelled(trained, AS_IS).featured.kernel.medians  # type: ignore[union-attr]
    change = Change("", amplitudes=2, choices=3, noise=5)
    after = modelled(trained, change).featured.kernel.medians  # type: ignore[union-attr]
    assert after[0] == pytest.approx(6 * before[0])  # of effects of choices that add up
    assert after[-1] == pytest.approx(5 * before[-1])
    assert set(np.round(after[1:-1] / before[1:-1], 9)) == {1, 2}  # lengths, and amplitudes


def test_searches_of_a_part(trained: Part) -> None:
    parts = [search_trained.drawn(trained, 40, seed) for seed in range(10)]
    kinds = (Change("", at_random=True), Change("", plain=True), Change("", by_truth=True))
    at_random, plain, best = (
        np.mean([part.share(searched(part, kind, 12)) for part in parts]) for kind in kinds
    )
    assert at_random < plain < best <= 1
    found = searched(parts[0], AS_IS, 12)
    assert found == searched(parts[0], AS_IS, 12)
    assert len(set(found)) == 12
    assert parts[0].share(searched(parts[0], kinds[0], 40)) == pytest.approx(1)
    assert parts[0].share([0]) < 1
    with pytest.raises(ExplorerError, match="no net of a part is above the accuracy 101"):
        parts[0]._replace(reference=(101.0, 1e9)).share([0])


def test_the_first_net(trained: Part) -> None:
    part = search_trained.drawn(trained, 40, 0)
    features = part.rows.values[:, part.encoding.costs.stop :].mean(axis=1)
    for first, change in ((7, AS_IS), (int(features.argmax()), Change("", best_first=True))):
        assert searched(part._replace(first=7), change, 1) == [first]


def test_what_training_free_scores_are_worth_to_a_search(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["script", str(FIDELITY), "--parts", "2", "--nets", "30", "--trials", "7"]
    monkeypatch.setattr("sys.argv", given)
    search_trained.main()
    _, _, *lines, _, ranking, trust = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in text.strip("|").split("|")] for text in lines]
    assert [row[0] for row in rows] == [change.title for change in search_trained.CHANGES]
    assert all(row[1] == "2" and 0 < float(row[2]) <= 1 for row in rows)
    assert "(macs 0.59)" in ranking and float(ranking.split()[-1]) < 0
    assert all(0 <= float(text.split()[-1]) <= 1 for text in trust.split(","))
    monkeypatch.setattr("sys.argv", [*given, "--features", "swop"])
    with pytest.raises(SystemExit, match=r"no score is called 'swop'; there are: .*swap"):
        search_trained.main()
    monkeypatch.setattr("sys.argv", [*given, "--nets", "151"])
    with pytest.raises(SystemExit, match="--nets: there are 150, got 151"):
        search_trained.main()
