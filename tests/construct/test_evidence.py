"""The comparison of constructed nets with others, on data that is made here."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from explorer.budget import Budget
from explorer.construct.layers.fit import graph_of
from explorer.construct.layers.plan import Branch, Module, Named, Reduction, Stem
from explorer.cost import count, receptive_field
from scripts import evidence, evidence_report
from scripts.evidence_report import Table, compare, with_depth
from scripts.lines import read
from scripts.topologies import Task, googlenet, like_googlenet, random_topologies

TASK = Task((3, 32, 32), 10, Budget({"macs": 3_000_000}), (47, 47))


def test_random_topologies_fill_the_budget_and_have_the_receptive_field() -> None:
    first, second = texts = list(islice(random_topologies(TASK, np.random.default_rng(0)), 2))
    assert first != second
    for text in texts:
        graph = graph_of(text)
        assert 2_900_000 < count(graph).macs <= 3_000_000
        field = receptive_field(graph)
        assert field is not None and field.window == TASK.window
    assert next(random_topologies(TASK, np.random.default_rng(0))) == first


def test_the_ratios_are_googlenets() -> None:
    point = Module((Branch((1, 1), 32.0),), None, (3, 3))
    layers = [
        Named("stem", Stem((3, 3), (1, 1), 32.0), ""),
        Named("m1a", point, ""),
        Named("cut2", Reduction((2, 2)), ""),
        Named("m2a", point, ""),
    ]
    stem, first, cut, last = (named.layer for named in like_googlenet(layers))
    assert (stem, cut) == (layers[0].layer, layers[2].layer)
    assert len(googlenet()) == 9
    assert googlenet()[6] == (528, 256, 160, 320, 32, 128, 128)  # Table 1, inception (4e)
    for module, counts, channels, width in (
        (first, googlenet()[0], 32, 32),
        (last, googlenet()[-1], 32, 64),
    ):
        assert isinstance(module, Module) and module.projected is not None
        one, three, five = module.branches
        widths = [one.filters, three.filters, five.filters, module.projected]
        assert sum(widths) == pytest.approx(width)
        assert three.filters / one.filters == pytest.approx(counts.three / counts.one)
        assert five.filters / module.projected == pytest.approx(counts.five / counts.pool)
        assert three.reduced == pytest.approx(channels * counts.before_three / counts.entering)


def rows_of(right: dict[str, list[list[int]]]) -> list[dict[str, str]]:
    return [
        {
            "net": net,
            "seed": str(seed),
            "accuracy": str(np.mean(bits)),
            "right": np.packbits(np.array(bits, np.uint8)).tobytes().hex(),
        }
        for net, runs in right.items()
        for seed, bits in enumerate(runs)
    ]


def table_of(ours: float, theirs: float) -> Table:
    """Three constructed and six random topologies, three trainings each, on 300 images."""
    rng = np.random.default_rng(0)
    chances = {f"constructed{n}": ours for n in range(3)} | {
        f"random{n:02}": theirs for n in range(6)
    }
    return Table(
        rows_of(
            {
                net: (rng.random((3, 300)) < share).astype(int).tolist()
                for net, share in chances.items()
            }
        )
    )


def test_what_is_better_passes_and_what_is_alike_does_not() -> None:
    better, alike = (compare(table_of(ours, 0.5), "random") for ours in (0.65, 0.5))
    assert better.passes and better.percentile.value == 1
    assert 0.05 < better.difference.low < 0.15 < better.difference.high < 0.25
    assert not alike.passes
    assert alike.difference.low < 0 < alike.difference.high
    assert not compare(table_of(0.35, 0.5), "random").passes


def test_ties_count_half() -> None:
    bits = [[1, 0, 1, 0, 1, 1, 0, 1, 1]] * 3
    table = Table(rows_of({"constructed0": bits, "random00": bits, "random01": bits}))
    assert table.right.shape == (3, 3, 9)
    found = compare(table, "random")
    assert (found.difference.value, found.percentile.value) == (0, 0.5)


def test_missing_trainings_are_said() -> None:
    rows = rows_of({"constructed0": [[1, 0], [1, 1]], "random00": [[1, 1], [1, 0]]})
    with pytest.raises(SystemExit, match="some trainings are missing"):
        Table(rows[:-1])


def test_what_grows_with_depth() -> None:
    rows = [
        {"data": "d", "seed": str(seed), "by_3": "0.5", "by_5": str(0.1 * number + 0.01 * seed)}
        for seed in range(3)
        for number in range(4)
    ]
    estimate, each = with_depth(rows, "d", "by_5")
    assert each == pytest.approx([1, 1, 1])
    assert estimate.low == pytest.approx(1)
    assert with_depth(rows, "d", "by_3_and_5")[1] == pytest.approx([1, 1, 1])


def blobs(path: Path, images: int = 600, side: int = 12) -> Path:
    rng = np.random.default_rng(0)
    labels = np.arange(images) % 3
    values = rng.integers(0, 100, (images, side, side, 3)) + 60 * labels[:, None, None, None]
    shown = {"x_train": values[:-20].astype(np.uint8), "y_train": labels[:-20]}
    np.savez(path, x_test=values[-20:].astype(np.uint8), y_test=labels[-20:], **shown)
    return path


def test_the_split_is_of_all_images_and_always_the_same(tmp_path: Path) -> None:
    path = blobs(tmp_path / "blobs.npz")
    evidence.resplit.cache_clear()
    first = evidence.resplit(path)
    evidence.resplit.cache_clear()
    again = evidence.resplit(path)
    assert [len(part) for _, part in first.splits()] == [362, 67, 171]
    assert (first.test.images == again.test.images).all()
    evidence.without_test(first, tmp_path / "shown.npz")
    with np.load(tmp_path / "shown.npz") as shown:
        assert (shown["test_images"] == first.val.images).all()


def test_signals_are_refused_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, rng = tmp_path / "signals.npz", np.random.default_rng(0)
    signals = rng.normal(size=(90, 40)).astype(np.float32)
    labels = np.arange(90) % 3
    np.savez(path, x_train=signals, y_train=labels, x_test=signals, y_test=labels)
    monkeypatch.setattr("sys.argv", ["command", str(tmp_path / "found"), "--data", str(path)])
    with pytest.raises(SystemExit, match="holds signals; topologies are compared on images"):
        evidence.main()
    assert not (tmp_path / "found").exists()


@pytest.mark.slow
def test_a_small_comparison_from_its_nets_to_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = blobs(tmp_path / "blobs.npz")
    budget = Budget({"macs": 500_000})
    for name, value in {"BUDGET": budget, "CONSTRUCTED": 1, "RANDOM": 2, "SEEDS": (0, 1)}.items():
        monkeypatch.setattr(evidence, name, value)
    monkeypatch.setattr(evidence, "RECIPE", replace(evidence.RECIPE, epochs=1))
    monkeypatch.setattr(evidence, "searched", lambda data: drawn_from_inception(data))
    evidence.make_nets(tmp_path / "nets", path)
    made = {net.name: net.read_text("utf-8") for net in (tmp_path / "nets").iterdir()}
    assert set(made) == {
        *("constructed0.net", "googlenet.net", "random00.net", "random01.net", "searched.json")
    }
    data = evidence.resplit(path)
    for net in (tmp_path / "nets").iterdir():
        assert count(evidence.graph_from(net, data)).macs <= 500_000
        for seed in evidence.SEEDS:
            evidence.append(tmp_path / "runs.csv", evidence.train(net, path, seed))
    evidence.make_nets(tmp_path / "nets", path)  # nothing is made twice
    assert made == {net.name: net.read_text("utf-8") for net in (tmp_path / "nets").iterdir()}
    table = Table(read(tmp_path / "runs.csv"))
    assert table.right.shape == (5, 2, 171)
    monkeypatch.setattr("sys.argv", ["command", str(tmp_path), "--write"])
    capsys.readouterr()
    evidence_report.main()
    assert "Constructed less random: D = " in capsys.readouterr().out
    assert (tmp_path / "accuracy.svg").is_file() and (tmp_path / "report.md").is_file()


def drawn_from_inception(data: evidence.Dataset) -> dict[str, object]:
    """The defaults, narrowed to the budget: what a search gives, without one."""
    return {"width": str(evidence._width_that_fits({}, data)), "assignment": {}}
