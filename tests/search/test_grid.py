"""The grid search for alpha, beta and gamma: what is trained, kept, and said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.cli import main
from explorer.errors import ExplorerError, StudyError
from explorer.scale import Baseline, coefficient_grid
from explorer.search import read_recipe
from explorer.search.grid import Grid, Point, Score, ScoreFile, Trainer, bill, result
from explorer.search.grid.train import OnEpoch
from explorer.space.library import find_text

COMMAND = ["scale", "tiny.space", "--grid", "--data", "tiny.npz", "--recipe", "quick"]


@pytest.fixture
def grid(folder: Path) -> Grid:
    protocol = read_recipe(Path("studies/quick.toml")).protocol
    return Grid(Baseline(find_text("tiny.space")), protocol, protocol.open_data())


def scores(*accuracies: float | None, point: Point, first: int = 0) -> list[Score]:
    return [Score(*point.key, n, a, 1.0) for n, a in enumerate(accuracies, first)]


def test_points_cost_about_twice_the_net(grid: Grid) -> None:
    assert len(coefficient_grid()) == 19
    assert all(abs(point.product - 2) <= 0.2 for point in coefficient_grid())
    assert 2 <= len(grid.points) <= len(grid.tried) <= 19
    for point in grid.points:
        assert 1.6 <= point.ratio <= 2.4
        assert point.macs == round(point.ratio * grid.unscaled.macs)
        assert point.graph.input.grid == (point.side, point.side)
        assert point.side == round(12 * point.coefficients.gamma)


def test_no_net_is_trained_twice(grid: Grid) -> None:
    """A stage of two modules is as deep for alpha = 1.1 as for 1.4."""
    assert len(grid.points) < len([p for p in grid.tried if 1.6 <= p.ratio <= 2.4])
    assert len({(p.macs, p.side, len(p.graph.nodes)) for p in grid.points}) == len(grid.points)


def test_a_net_that_cannot_be_trained_is_refused(folder: Path) -> None:
    protocol = read_recipe(Path("studies/quick.toml")).protocol
    with pytest.raises(ExplorerError, match="--grid: googlenet cannot be trained on 3x12x12: "):
        Grid(Baseline(find_text("googlenet")), protocol, protocol.open_data())


def test_runs_are_kept_and_not_done_again(grid: Grid, folder: Path) -> None:
    trainer = Trainer(grid, ScoreFile(folder / "kept", {"net": "tiny"}), seed=3, repeats=1)
    every = len(grid.points) + 1
    due = bill(trainer)
    assert due.trainings == every
    assert due.images == 2 * 45  # epochs, and three quarters of the images
    assert due.seconds > 0
    epochs: list[int] = []
    with trainer.kept.held():
        run = trainer.run(lambda point, repeat, done: epochs.append(done))
        first = next(run)
    assert first.key == (1.0, 1.0, 1.0)
    assert epochs == [1, 2]
    file = folder / "kept" / "scores.jsonl"
    file.write_text(file.read_text() + '{"alpha": 1.0, "be')  # a writer was killed
    again = Trainer(grid, trainer.kept, seed=3, repeats=1)
    assert len(again.left()) == every - 1
    with again.kept.held():
        assert len(list(again.run())) == every - 1
    assert len(again.kept.read()) == every
    assert again.kept.read()[0] == first
    assert bill(again).trainings == 0
    assert len(Trainer(grid, trainer.kept, seed=3, repeats=2).left()) == every


def test_equal_seeds_give_equal_scores(grid: Grid, folder: Path) -> None:
    reached = []
    for name in ("one", "two"):
        trainer = Trainer(grid, ScoreFile(folder / name, {}), seed=3, repeats=1)
        with trainer.kept.held():
            reached.append(replace(next(trainer.run()), seconds=0))
    assert reached[0] == reached[1]


def test_a_folder_belongs_to_one_question(folder: Path) -> None:
    with ScoreFile(folder / "kept", {"net": "a", "seed": 1}).held():
        pass
    other = ScoreFile(folder / "kept", {"net": "b", "seed": 1})
    with pytest.raises(StudyError, match="was begun with another net; give another -o"):
        other.check()
    (folder / "kept" / "question.json").write_text("{")
    with pytest.raises(StudyError, match="is not what a grid search leaves"):
        other.check()
    (folder / "kept" / "scores.jsonl").write_text("{}\n")
    with pytest.raises(StudyError, match="holds a line that is no score"):
        other.read()
    (folder / "file").touch()
    with (
        pytest.raises(StudyError, match="cannot be written"),
        ScoreFile(folder / "file", {}).held(),
    ):
        pass


def test_the_result_says_what_noise_may_explain(grid: Grid) -> None:
    first, second, *_ = grid.points
    clear = [*scores(0.9, 0.91, point=first), *scores(0.8, 0.81, point=second)]
    found = result(grid, clear, repeats=2, objects=100)
    assert found.best.point is first
    assert found.best.accuracy == pytest.approx(0.905)
    assert found.best.error == pytest.approx((0.01**2 / 2 / 2) ** 0.5)  # pooled, of two runs
    assert found.alike == ()
    assert found.unscaled is None
    one = result(grid, clear, repeats=1, objects=400)
    assert one.best.error == pytest.approx(0.015)  # sqrt(0.9 * 0.1 / 400)
    assert one.alike == ()
    close = [*scores(0.9, point=first), *scores(0.86, point=second)]
    assert [row.point for row in result(grid, close, 1, 100).alike] == [second]


def test_runs_that_diverge_are_no_accuracy(grid: Grid) -> None:
    first, second, *_ = grid.points
    some = [*scores(None, 0.5, point=first), *scores(None, point=second)]
    found = result(grid, some, repeats=2, objects=100)
    assert [(row.point, row.runs) for row in found.rows] == [(first, 2)]
    with pytest.raises(ExplorerError, match="no point was trained to the end"):
        result(grid, scores(None, point=second), repeats=1, objects=100)


def test_the_bill_comes_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMMAND) == 1
    printed = capsys.readouterr()
    assert "trainings of 90 images" in printed.out
    assert "multiply-adds forward and back; about" in printed.out
    assert "enlarged to up to" in printed.out
    assert "add --yes to go on" in printed.err
    assert not Path("studies/scale-tiny-tiny").exists()


def test_the_command_trains_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [*COMMAND, "--resolution", "9", "-o", "out", "--yes"]
    assert main(command) == 0
    first = capsys.readouterr().out
    assert "accuracy" in first and "enlarged" not in first
    assert "step 2: explorer scale tiny.space --phi P --alpha" in first
    runs = len(Path("out/scores.jsonl").read_text().splitlines())
    assert main([*command, "--json"]) == 0
    again = capsys.readouterr()
    assert "all runs are in out" in again.err
    found = json.loads(again.out)
    assert len(found["points"]) + 1 == runs
    assert found["points"][0]["alpha"] == found["alpha"]
    assert found["unscaled"]["ratio"] == 1
    assert found["unscaled"]["side"] == 9


def test_ctrl_c_loses_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = Trainer.run

    def interrupted(self: Trainer, on_epoch: OnEpoch) -> Iterator[Score]:
        yield next(trained(self, on_epoch))
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "run", interrupted)
    assert main([*COMMAND, "--yes", "-o", "out"]) == 130
    assert "stopped; what is finished is kept" in capsys.readouterr().out
    assert len(Path("out/scores.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--resolution", "24"], "--resolution: the images of tiny.npz have 12 pixels"),
        (["--recipe", "none"], "--recipe: there is no recipe 'none'"),
        (["--device", "abacus"], "--device: no device is called 'abacus'"),
        (["--alpha", "1.3"], "--alpha: goes with --phi, --budget or --published"),
    ],
)
def test_wrong_input_is_one_line(
    more: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, *more]) == 1
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1
