"""From data and a budget to a net."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
import torch

from explorer.around import around
from explorer.budget import parse_budget
from explorer.construct.layers import Construction, Step, construct, correlations, look
from explorer.construct.layers.filters import both_signs, principal_directions, signed_templates
from explorer.construct.layers.growth import grow
from explorer.construct.layers.plan import Branch, Module, Stem, body_text, net_text
from explorer.cost import count
from explorer.data import Dataset
from explorer.errors import BudgetError, DataError
from explorer.graph import fingerprint
from explorer.language import parse, print_syntax
from explorer.space import bind
from explorer.space.library import Text
from tests.construct.layers.fields import shared, smooth, textures

BUDGET = 3e5


@cache
def built(rows: int = 3, columns: int = 3, seed: int = 0) -> Construction:
    return construct(textures((rows, columns)), parse_budget(f"{BUDGET:g}"), seed=seed)


# ---- the net


def test_the_net_fills_its_budget() -> None:
    macs = count(built().graph).macs
    assert 0.9 * BUDGET < macs <= BUDGET


def test_the_text_is_ours_and_laid_out() -> None:
    text = built().text
    assert print_syntax(parse(text, "built")) == text
    assert "classes 2" in text


def test_the_space_around_it_has_it_for_its_defaults() -> None:
    space = around(Text("built.net", built().text)).space()
    assert fingerprint(bind(space).graph) == fingerprint(built().graph)
    assert {name.partition("_")[0] for name in space.choices} >= {"width", "one", "three"}


def test_the_same_data_and_seed_give_the_same_net_and_every_layer_is_told() -> None:
    told: list[Step] = []
    shares: list[tuple[str, float]] = []
    again = construct(
        textures((3, 3)),
        parse_budget(f"{BUDGET:g}"),
        on_step=told.append,
        on_progress=lambda label, share: shares.append((label, share)),
    )
    assert again.text == built().text
    assert tuple(told) == again.steps
    assert ("stem", 1.0) in shares
    assert again.ended


def test_other_data_gives_another_net() -> None:
    def shape(found: Construction) -> list[str]:
        return [type(s.named.layer).__name__ + s.named.layer.text(1.0) for s in found.steps]

    assert shape(built(1, 7)) != shape(built())
    lines = [b.window for s in built(1, 7).steps if isinstance(s.named.layer, Module)
             for b in s.named.layer.branches]  # fmt: skip
    assert any(window[0] < window[1] for window in lines)


def test_a_budget_that_no_net_meets() -> None:
    with pytest.raises(BudgetError, match=r"narrowest net .* allowed is"):
        construct(textures((3, 3)), parse_budget("500"))


@pytest.mark.parametrize("times", [1.01, 2, 6])
def test_a_budget_just_above_that_is_met(times: float) -> None:
    """Layers are added as long as any net with them fits, so the least that is told is enough."""
    with pytest.raises(BudgetError) as refused:
        construct(textures((3, 3)), parse_budget("500"))
    least = re.search(r"narrowest net .* has ([\d.]+)k macs", str(refused.value))
    assert least is not None
    allowed = times * float(least[1]) * 1e3
    found = construct(textures((3, 3)), parse_budget(str(int(allowed))))
    assert count(found.graph).macs <= allowed
    assert found.steps[0].named.label == "stem"


def test_a_budget_of_latency_is_refused() -> None:
    with pytest.raises(BudgetError, match="bounds no latency"):
        construct(textures((3, 3)), parse_budget("macs=1e6,latency=5ms"))


def test_too_few_images() -> None:
    with pytest.raises(DataError, match="24 training images"):
        construct(textures((3, 3), images=24), parse_budget("1e6"))


# ---- layers


def test_a_layer_learns_what_tells_the_classes_apart() -> None:
    data: Dataset = textures((3, 3), images=600)
    pixels = np.moveaxis(data.train.images, -1, 1).astype(np.float32)
    maps = (pixels - pixels.mean()) / pixels.std()
    seen = look(correlations(maps), maps)
    labels = torch.from_numpy(data.train.labels)
    stem = Stem((3, 3), (1, 1), 8)
    first, again = (grow(stem, seen, torch.from_numpy(maps), labels, 0) for _ in range(2))
    assert first.maps.shape == (600, 8, 12, 12)
    assert torch.equal(first.maps, again.maps)
    assert first.accuracy > 0.7


def test_templates_are_of_the_clusters_and_have_both_signs() -> None:
    rough = shared((3,))
    maps = np.concatenate([smooth((3, 3))[:, :, :10, :10], rough], axis=1)
    seen = look(correlations(maps), maps)
    templates = signed_templates(seen, (3, 3), 1, 8)
    assert templates.shape == (8, 5, 3, 3)
    assert np.allclose(templates[::2], -templates[1::2])
    norms = np.sqrt((templates**2).sum(axis=(1, 2, 3)))
    assert norms == pytest.approx(np.ones(8))
    for template in templates:  # each reads the channels of one cluster
        reads = set(np.flatnonzero(np.abs(template).sum(axis=(1, 2)) > 1e-9).tolist())
        assert any(reads <= set(cluster.channels.tolist()) for cluster in seen.clusters)


def test_a_reduction_and_its_filters_make_the_template() -> None:
    """Behind a 1x1 with both signs and a rectifier, a direction is a difference again."""
    maps = shared((3, 3))
    found = correlations(maps)
    directions = principal_directions(found, 4)
    unit = np.random.default_rng(0).normal(size=6)
    positive = np.maximum(directions @ unit, 0)
    assert positive[0] - positive[1] == pytest.approx(directions[0] @ unit)


def test_both_signs_repeat_when_they_run_out() -> None:
    found = both_signs(np.array([[1.0, 2.0]]), 3)
    assert found.tolist() == [[1, 2], [-1, -2], [1, 2]]


# ---- texts


def test_branches_as_text() -> None:
    assert Branch((1, 1), 16).text(1.5) == "conv 1x1 24"
    assert Branch((3, 3), 16, 7.6).text(1) == "conv 1x1 8 > conv 3x3 16"
    assert Branch((5, 5), 8, 4, True).text(1) == "conv 1x1 4 > conv 1x5 8 > conv 5x1 8"
    assert Branch((5,), 0.4).text(1) == "conv 5 2"


def test_a_body_has_no_head_and_a_net_has() -> None:
    stem = Stem((5,), (2,), 8)
    assert "layer: conv 5/2 8" in body_text(stem, (1, 40))
    text = net_text([], (1, 40), 10, 1.0, "small", "a title", ["said"])
    assert text.startswith("# said\nnet small")
    odd = net_text([], (1, 40), 10, 1.0, "small", 'of "x".npz', ["two\nlines"])
    assert odd.startswith("# two lines\nnet small \"of 'x'.npz\"")
    assert text.rstrip().endswith("head: avgpool global > linear classes")
