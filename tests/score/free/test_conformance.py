"""What every score promises, over nets of every kind."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.errors import ExplorerError
from explorer.score.free import FREE_SCORES, Batch, free_scores
from explorer.space.library import shipped
from tests.build.small import small
from tests.score.free.nets import TEXTS, batch_of, graph_of

ZOO = sorted(name for name in shipped() if name.endswith(".net"))
LARGE = {"alexnet.net", "vgg16.net"}  # take no images smaller than 224 x 224

# What is not defined, and for which of the nets; all else is a number.
_CODES, _BLOCKS = {"swap", "naswot"}, {"expressivity", "progressivity", "trainability", "zen"}
_LOSS = {"grad_norm", "snip"}
UNDEFINED = {
    "linear": _CODES,
    "perceptron": _BLOCKS,
    "no_weights": {*_BLOCKS, *_LOSS, "synflow"},
    "two_inputs": _LOSS,
    "two_outputs": {*_LOSS, "progressivity", "trainability"},
    "bytes": {"progressivity", "trainability"},  # one block
    "zeros": {"synflow", "zen"},
    "deep": {"zen"},
    "translator": {*_LOSS, "zen"},
}


def undefined(values: dict[str, float | None]) -> set[str]:
    return {name for name, value in values.items() if value is None}


@pytest.mark.parametrize("name", TEXTS)
def test_scores_are_numbers_or_not_defined(name: str) -> None:
    graph = graph_of(name)
    found = dict(free_scores(graph, batch_of(graph)).values)
    assert list(found) == list(FREE_SCORES)
    assert undefined(found) == UNDEFINED.get(name, set())
    assert all(math.isfinite(value) for value in found.values() if value is not None)


@pytest.mark.parametrize("name", [name for name in ZOO if name not in LARGE])
def test_every_net_of_the_zoo_has_every_score(name: str) -> None:
    graph = small(name.partition(".")[0])
    assert undefined(dict(free_scores(graph, batch_of(graph, 4)).values)) == set()


@pytest.mark.parametrize("name", TEXTS)
def test_the_order_of_the_batch_is_of_no_matter(name: str) -> None:
    graph = graph_of(name)
    batch = batch_of(graph, 6)
    order = torch.tensor([4, 1, 5, 0, 3, 2])
    labels = batch.labels
    assert labels is not None
    other = Batch(tuple(part[order] for part in batch.inputs), labels[order])
    assert free_scores(graph, batch).values == free_scores(graph, other).values


@pytest.mark.parametrize("name", ["resnext", "mobilenet", "vit", "signal"])
def test_the_seed_decides_and_nothing_else(name: str) -> None:
    graph = graph_of(name)
    batch = batch_of(graph)
    before = torch.random.get_rng_state()
    first = free_scores(graph, batch, 1).values
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(99)
    assert free_scores(graph, batch, 1).values == first
    other = free_scores(graph, batch, 2).values
    assert {each for each in first if first[each] == other[each]} <= {
        *("swap", "macs", "params", "depth"),  # few units of a small net may all be distinct
    }
    for score in FREE_SCORES:
        assert free_scores(graph, batch, 1, [score]).values == {score: first[score]}


def test_scoring_leaves_threads_and_probes_alone() -> None:
    graph = graph_of("resnext")
    before = torch.get_num_threads()
    found = free_scores(graph, batch_of(graph), names=["naswot", "swap", "macs"])
    assert torch.get_num_threads() == before
    assert list(found.values) == ["naswot", "swap", "macs"]
    assert list(found.seconds) == ["forward", "costs"]


def test_auxiliary_heads_are_left_out() -> None:
    graph = graph_of("headed")
    assert graph.heads
    assert free_scores(graph, batch_of(graph)).values["params"] == 275


def test_what_cannot_be_scored_is_refused() -> None:
    graph = graph_of("resnext")
    with pytest.raises(ExplorerError, match="no score is called 'sawp'"):
        free_scores(graph, batch_of(graph), names=["sawp"])
    with pytest.raises(ExplorerError, match=r"takes inputs of \[\(3, 32, 32\)\]"):
        free_scores(graph, Batch((torch.rand(4, 3, 8, 8),)))
    with pytest.raises(ExplorerError, match="2 images at least"):
        Batch((torch.rand(1, 3, 8, 8),))
    with pytest.raises(ExplorerError, match="as many labels; got 3, 2"):
        Batch((torch.rand(3, 3, 8, 8),), torch.zeros(2, dtype=torch.int64))


def test_without_labels_the_loss_is_not_defined() -> None:
    graph = graph_of("resnext")
    found = free_scores(graph, Batch.random(graph, 4)).values
    assert undefined(dict(found)) == {"grad_norm", "snip"}
