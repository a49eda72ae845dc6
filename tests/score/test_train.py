"""The training loop: what it sees, what it learns, and that nothing is left to chance."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from explorer.build import build
from explorer.data import Dataset, Split, load
from explorer.errors import ExplorerError
from explorer.score import (
    DivergedError,
    Feed,
    Protocol,
    Recipe,
    Run,
    Scorer,
    checkpoint,
    pick_device,
    train,
    training_seed,
)
from explorer.score.feed import augment, moments
from explorer.score.protocol import protocol_from_json, protocol_to_json
from explorer.score.train import accuracy
from explorer.space import bind
from explorer.space.library import Text

CPU = torch.device("cpu")
NET = """net small
input 3x8x8  classes 3
a: conv 3x3 6 norm=batch act=relu > avgpool global > linear classes
"""


@pytest.fixture
def data() -> Dataset:
    """Three classes that differ in brightness."""
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        labels = np.arange(count) % 3
        noise = rng.integers(0, 80, (count, 8, 8, 3))
        return Split((noise + 60 * labels[:, None, None, None]).astype(np.uint8), labels)

    return Dataset("blobs", split(96), split(60), split(30), ("a", "b", "c"))


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))


def test_batches_are_normalised(data: Dataset) -> None:
    feed = Feed(data, CPU)
    images = feed.floats(feed.train)
    assert images.shape == (96, 3, 8, 8)
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(images.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(images.std((0, 2, 3)), torch.ones(3), atol=1e-3)


@pytest.mark.parametrize("name", ["cluttered", "fashion"])
def test_counted_moments_are_those_of_the_pixels(name: str) -> None:
    """To the last bit of what nets see; of the shipped data, so that old scores can be compared."""
    images = load(name).train.images
    pixels = images.reshape(-1, images.shape[-1]).astype(np.float64) / 255
    for found, expected in zip(moments(images), (pixels.mean(0), pixels.std(0)), strict=True):
        np.testing.assert_array_equal(found.astype(np.float32), expected.astype(np.float32))
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_an_epoch_is_every_image_once(data: Dataset) -> None:
    feed = Feed(data, CPU)
    recipe = Recipe(batch=10, shift=0, mirror=False)
    batches = list(feed.epoch(recipe, torch.Generator().manual_seed(0)))
    assert [len(labels) for _, labels in batches] == [10] * 9
    few = list(feed.epoch(Recipe(batch=10, images=35), torch.Generator().manual_seed(0)))
    assert len(few) == 3
    seen = torch.cat([images for images, _ in batches])
    assert len({image.numpy().tobytes() for image in seen}) == 90


def test_augmentation_shifts_and_mirrors() -> None:
    images = torch.arange(25, dtype=torch.uint8).view(1, 1, 5, 5).repeat(200, 1, 1, 1)
    moved = augment(images, Recipe(shift=1, mirror=True), torch.Generator().manual_seed(0))
    kinds = {image.numpy().tobytes() for image in moved}
    assert len(kinds) == 18  # three rows, three columns, mirrored or not
    centre = images[0, 0, 1:4, 1:4]
    assert any(torch.equal(image[0, 1:4, 1:4], centre) for image in moved)
    assert any(torch.equal(image[0, 1:4, 1:4], centre.flip(1)) for image in moved)
    assert torch.equal(augment(images, Recipe(shift=0, mirror=False), torch.Generator()), images)


@pytest.mark.parametrize(("shift", "mirror"), [(2, True), (2, False), (0, True), (9, True)])
@pytest.mark.parametrize("shape", [(7, 3, 6, 5), (1, 1, 4, 4)])
def test_augmentation_image_by_image(shape: tuple[int, ...], shift: int, mirror: bool) -> None:
    """The same draws in the same order, each image moved and mirrored on its own."""
    count, _, height, width = shape
    images = torch.randint(0, 256, shape, dtype=torch.uint8)
    moved = augment(images, Recipe(shift=shift, mirror=mirror), torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(3)
    down, right = (
        torch.randint(-shift, shift + 1, (count, 1), generator=generator) for _ in range(2)
    )
    mirrored = torch.rand(count, generator=generator) < 0.5
    for index, image in enumerate(images):
        rows = (torch.arange(height) + down[index]).clamp(0, height - 1)
        columns = (torch.arange(width) + right[index]).clamp(0, width - 1)
        expected = image[:, rows][:, :, columns]
        expected = expected.flip(2) if mirror and mirrored[index] else expected
        assert torch.equal(moved[index], expected)


def test_training_learns(data: Dataset) -> None:
    feed = Feed(data, CPU)
    model = net()
    told: list[int] = []
    recipe = Recipe(epochs=8, batch=16, rate=0.05, shift=0)
    result = train(model, feed, recipe, 1, lambda epoch, _: told.append(epoch))
    assert result.accuracy > 0.9
    assert result.accuracy == accuracy(model, feed)
    assert told == list(range(1, 9))
    assert result.images == 8 * 96


def test_the_seed_decides(data: Dataset) -> None:
    feed, recipe = Feed(data, CPU), Recipe(epochs=2, batch=16, rate=0.02)
    first, second, other = (train(net(), feed, recipe, seed) for seed in (1, 1, 2))
    assert first.curve == second.curve
    models = [net() for _ in range(2)]
    for model, seed in zip(models, (1, 2), strict=True):
        train(model, feed, recipe, seed)
    assert not torch.equal(models[0][0].weight, models[1][0].weight)  # type: ignore[index,union-attr,arg-type]
    assert len(other.curve) == 2


def test_the_running_average_is_what_is_measured_and_kept(data: Dataset) -> None:
    found, weights = net(), []
    recipe = Recipe(epochs=2, batch=96, average=0.25)  # a step an epoch
    result = train(
        found,
        Feed(data, CPU),
        recipe,
        0,
        lambda *_: weights.append([p.detach().clone() for p in found.parameters()]),
    )
    for after, first, second in zip(found.parameters(), *weights, strict=True):
        torch.testing.assert_close(after, 0.25 * first + 0.75 * second)
    assert accuracy(found, Feed(data, CPU)) == result.accuracy


NET_WITH_ALL = """net all
input 3x8x8  classes 3
a: conv 3x3 6 norm=batch act=relu > dropout 0.4 > avgpool global > linear classes
"""


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_a_run_that_stops_goes_on_as_if_it_had_not(
    data: Dataset, tmp_path: Path, average: float
) -> None:
    """Bit for bit: weights, norms, momentum, rate, order of the images and dropout."""
    recipe = Recipe(epochs=4, batch=16, rate=0.1, average=average)
    graph = bind(Text("all.net", NET_WITH_ALL).space()).graph

    def begin() -> Run:
        torch.manual_seed(5)
        return Run(build(graph), Feed(data, CPU), recipe, seed=5)

    straight = begin()
    whole = straight.advance(4)
    for stop in (1, 3):
        first = begin()
        first.advance(stop)
        checkpoint.save(tmp_path / "run.pt", first.state())
        torch.manual_seed(0)  # another process would have another state
        state = checkpoint.load(tmp_path / "run.pt")
        assert state is not None
        second = begin()
        second.restore(state)
        told: list[int] = []
        rest = second.advance(4, lambda epoch, _, told=told: told.append(epoch))
        assert told == list(range(stop + 1, 5))
        assert rest.accuracy == whole.accuracy
        assert rest.curve == (*first.curve, *whole.curve[stop:])
        assert rest.images == whole.images
        assert rest.seconds > first.seconds
        for (name, one), two in zip(
            straight.net.state_dict().items(), second.net.state_dict().values(), strict=True
        ):
            assert torch.equal(one, two), name
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_what_killed_writers_left_goes_with_the_next_checkpoint(tmp_path: Path) -> None:
    path, other = tmp_path / "run.pt", tmp_path / "other.pt.7.part"
    half = tmp_path / "run.pt.4000000.part"
    for then in (lambda: checkpoint.save(path, {}), lambda: checkpoint.remove(path)):
        half.touch()
        other.touch()
        then()
        assert not half.exists() and other.exists()
    assert not path.exists()
    checkpoint.remove(path)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None])
def test_a_checkpoint_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "run.pt"
    if content is not None:
        path.write_bytes(content)
    assert checkpoint.load(path) is None


def test_a_checkpoint_never_runs_code(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (tmp_path.joinpath("trapped").touch, ())

    torch.save({"net": Trap()}, tmp_path / "run.pt")
    assert checkpoint.load(tmp_path / "run.pt") is None
    assert not (tmp_path / "trapped").exists()


def test_a_loss_that_is_no_number_is_reported(data: Dataset) -> None:
    recipe = Recipe(epochs=3, batch=16, rate=1e18)
    with pytest.raises(DivergedError, match="in epoch"):
        train(net(), Feed(data, CPU), recipe, 1)


def test_seeds_depend_on_everything_and_nothing_else() -> None:
    seeds = {training_seed(s, f, r) for s in (0, 1) for f in ("g1:a", "g1:b") for r in (0, 1)}
    assert len(seeds) == 8
    assert training_seed(0, "g1:a") == training_seed(0, "g1:a")


def test_a_scorer_trains_what_it_counts() -> None:
    text = Text("small", NET)
    protocol = Protocol("fashion", 12, Fraction(2), {}, Recipe(epochs=1, batch=32, images=320))
    scorer = Scorer(text, protocol)
    assert scorer.cost({}).macs == 12 * 12 * 9 * 1 * 12 + 12 * 10
    assert scorer.small_grids(scorer.proxy({})) == []
    first, model = scorer.score({}, seed=5)
    second, _ = scorer.score({}, seed=5)
    assert first.curve == second.curve
    assert sum(p.numel() for p in model.parameters()) == scorer.cost({}).params


def test_a_net_without_a_class_each_is_refused() -> None:
    text = Text("small", NET.replace("linear classes", "linear 7"))
    scorer = Scorer(text, Protocol("fashion", 12, recipe=Recipe(epochs=1)))
    with pytest.raises(ExplorerError, match="not one number a class"):
        scorer.score({}, 0)


def test_small_grids_are_noticed() -> None:
    text = Text("small", NET.replace("conv 3x3 6", "maxpool 6x6/6 valid > conv 3x3 6"))
    scorer = Scorer(text, Protocol("fashion", 12))
    assert scorer.small_grids(scorer.proxy({})) == ["a.conv1 sees 1x2x2"]


def test_a_device_that_is_none() -> None:
    assert pick_device("cpu") == CPU
    with pytest.raises(ExplorerError, match="--device: no device is called 'abacus'"):
        pick_device("abacus")


WITH_HEAD = """net small
input 3x8x8  classes 3
a: conv 3x3 6 norm=batch act=relu
aux 0.5: a > avgpool global > linear classes
b: a > conv 3x3 6 norm=batch act=relu > avgpool global > linear classes
"""


def test_auxiliary_heads_train_with_the_net(data: Dataset) -> None:
    text = Text("small.net", WITH_HEAD)
    graph = bind(text.space(), heads=True).graph
    recipe = Recipe(epochs=2, batch=16)
    ends = []
    for weight in (0.0, 0.5):
        torch.manual_seed(0)
        module = build(graph)
        begun = module.get_parameter("aux1.linear1.weight").detach().clone()
        result = train(module, Feed(data, CPU), recipe, 0, heads=(weight,))
        assert 0 <= result.accuracy <= 1
        moved = not torch.equal(begun, module.get_parameter("aux1.linear1.weight"))
        ends.append((moved, module.get_parameter("a.conv1.weight").detach()))
    assert ends[1][0]
    assert not torch.equal(ends[0][1], ends[1][1]), "the head's loss reaches what it reads"


def test_a_protocol_may_ask_for_the_heads() -> None:
    protocol = protocol_from_json({"heads": True}, "here")
    assert protocol.heads
    assert protocol_from_json(protocol_to_json(protocol), "here") == protocol
    with pytest.raises(ExplorerError, match="expected a value like False"):
        protocol_from_json({"heads": "yes"}, "here")
