"""Signals on their way through a protocol, a feed, a training, and the scores without one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.cli import main
from explorer.data import Dataset, Split
from explorer.ops import image
from explorer.score import Feed, Protocol, Recipe, Scorer, describe
from explorer.score.feed import augment
from explorer.space.library import Text

CPU = torch.device("cpu")
NET = """net waves
input 2x64  classes 3  width 1 rounded 2
default conv same norm=batch act=relu
a: conv 5 8 > maxpool 3/2 same > conv 3 8 > avgpool global > linear classes
"""


def waves(count: int, seed: int) -> Split:
    """Three classes by the frequency of a sine, of two channels of very different scale."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    time = np.linspace(0, 2 * np.pi, 40) + rng.uniform(0, 6, (count, 1))
    signals = np.stack([np.sin((2 + 3 * labels[:, None]) * time)] * 2, axis=2)
    noisy = signals + 0.1 * rng.standard_normal(signals.shape)
    return Split((noisy * (1e-6, 50.0) + (0, 1000)).astype(np.float32), labels)


@pytest.fixture
def data() -> Dataset:
    return Dataset("waves", waves(120, 0), waves(60, 1), waves(30, 2), ("a", "b", "c"))


@pytest.fixture
def folder(tmp_path: Path, data: Dataset) -> Path:
    arrays = {f"x_{name}": split.images for name, split in data.splits()}
    arrays |= {f"y_{name}": split.labels for name, split in data.splits()}
    np.savez(tmp_path / "waves.npz", **arrays)  # type: ignore[arg-type]  # its allow_pickle
    (tmp_path / "waves.net").write_text(NET)
    return tmp_path


def test_batches_are_normalised_and_the_signals_left_alone(data: Dataset) -> None:
    feed = Feed(data, CPU)
    before = feed.train.clone()
    signals = feed.floats(feed.train)
    assert signals.shape == (120, 2, 40)
    assert signals.is_contiguous()
    assert torch.allclose(signals.mean((0, 2)), torch.zeros(2), atol=1e-4)
    assert torch.allclose(signals.std((0, 2)), torch.ones(2), atol=1e-3)
    assert torch.equal(feed.train, before)
    raw = torch.from_numpy(data.train.images).double().transpose(1, 2)
    mean, deviation = raw.mean((0, 2))[:, None], raw.std((0, 2), correction=0)[:, None]
    assert torch.allclose(signals.double(), (raw - mean) / deviation, atol=1e-4)


def test_bytes_are_normalised_like_images(data: Dataset) -> None:
    rng = np.random.default_rng(0)
    splits = [
        Split(rng.integers(0, 256, (len(split), 40, 1), dtype=np.uint8), split.labels)
        for _, split in data.splits()
    ]
    feed = Feed(Dataset("bytes", *splits, data.classes), CPU)
    assert feed.train.dtype == torch.uint8
    signals = feed.floats(feed.train)
    assert torch.allclose(signals.mean(), torch.tensor(0.0), atol=1e-4)
    assert torch.allclose(signals.std(), torch.tensor(1.0), atol=1e-3)


@pytest.mark.parametrize("value", [0.0, 7.25, -1e30, 1e-30])
def test_a_channel_that_never_changes_becomes_nothing(data: Dataset, value: float) -> None:
    flat = data.train.images.copy()
    flat[:, :, 1] = value
    feed = Feed(replace(data, train=Split(flat, data.train.labels)), CPU)
    signals = feed.floats(feed.train)
    assert (signals[:, 1] == 0).all()
    assert torch.isfinite(feed.floats(feed.val)).all()


def test_the_largest_values_stay_finite(data: Dataset) -> None:
    wide = data.train.images.copy()
    wide[:, :, 0] = np.where(np.arange(40) % 2, 1e30, -1e30)
    feed = Feed(replace(data, train=Split(wide, data.train.labels)), CPU)
    assert torch.allclose(feed.floats(feed.train)[:, 0].abs(), torch.ones(120, 40))


@pytest.mark.parametrize("mirror", [False, True])
def test_signals_are_shifted_and_never_mirrored(mirror: bool) -> None:
    signals = torch.randn(50, 2, 9).transpose(1, 2).contiguous().transpose(1, 2)
    recipe = Recipe(shift=2, mirror=mirror)
    moved = augment(signals, recipe, torch.Generator().manual_seed(3))
    by = torch.randint(-2, 3, (50, 1), generator=torch.Generator().manual_seed(3))
    assert set(by.flatten().tolist()) == {-2, -1, 0, 1, 2}
    for signal, shifted, step in zip(signals, moved, by, strict=True):
        assert torch.equal(shifted, signal[:, (torch.arange(9) + step).clamp(0, 8)])
    assert augment(signals, replace(recipe, shift=0), torch.Generator()) is signals


def test_a_protocol_leaves_the_length_and_rebinds_the_input(folder: Path) -> None:
    protocol = Protocol(str(folder / "waves.npz"), resolution=8)
    data = protocol.open_data()
    assert data.size == (40,)
    rebind = protocol.rebind(data, {})
    assert (rebind.input, rebind.classes) == (image(2, 40), 3)
    told = describe(protocol, data)
    assert (told["input"], told["kind"]) == ("2x40", "signals")


def test_training_learns_and_the_seed_decides(folder: Path) -> None:
    recipe = Recipe(epochs=6, batch=12, rate=0.1)
    scorer = Scorer(Text("waves.net", NET), Protocol(str(folder / "waves.npz"), recipe=recipe), CPU)
    result, _ = scorer.score({}, seed=1)
    assert result.accuracy > 0.9
    assert scorer.score({}, seed=1)[0].curve == result.curve


@pytest.mark.parametrize("options", [[], ["--input", "2x40"]])
def test_scores_without_training(
    folder: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    net, data = str(folder / "waves.net"), str(folder / "waves.npz")
    assert main(["score", net, "--data", data, "--batch", "32", "--json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["input"] == [2, 40]
    assert all(value is not None for value in found["nets"][0]["scores"].values())


REFUSED = [
    (["googlenet"], "googlenet.net:22:7: kernel 7x7 has 2 sizes, but the grid has 1"),
    (["{net}", "--input", "2x64"], "--input: {data} has signals of 2x40"),
    (
        ["{net}", "--input", "2x32x32"],
        "{data}: holds signals of 40 points; only images can be brought to 32 px",
    ),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_what_is_refused(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"net": folder / "waves.net", "data": folder / "waves.npz"}
    given = [word.format(**names) for word in words]
    assert main(["score", *given, "--data", str(names["data"])]) == 1
    assert message.format(**names) in capsys.readouterr().err.splitlines()[0]
