"""The generative model: degrees, densities, and what each layer makes of the one above."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.construct import Model, draw_network, draw_samples
from explorer.errors import ExplorerError
from tests.construct.planted import planted


def test_regular_networks_have_as_many_edges_everywhere() -> None:
    for weights in draw_network(Model(60, 8, 2, "regular"), np.random.default_rng(0)):
        dense = weights.toarray()
        for axis in (0, 1):
            assert ((dense > 0).sum(axis) == 4).all()
            assert ((dense < 0).sum(axis) == 4).all()


def test_binomial_networks_have_the_degree_on_average() -> None:
    (weights,) = draw_network(Model(2_000, 10), np.random.default_rng(0))
    assert weights.nnz / 2_000 == pytest.approx(10, rel=0.03)
    assert (weights.data > 0).mean() == pytest.approx(0.5, abs=0.02)
    assert set(weights.data.tolist()) == {-1.0, 1.0}


def test_uniform_weights_lie_between_minus_one_and_one() -> None:
    (weights,) = draw_network(Model(500, 10, weights="uniform"), np.random.default_rng(0))
    assert np.abs(weights.data).max() <= 1
    assert np.abs(weights.data).mean() == pytest.approx(0.5, abs=0.02)


def test_layers_follow_from_the_one_above() -> None:
    network, states = planted(Model(80, 6, 2), 300, 0.05)
    assert (states[2].sum(axis=1) == 4).all()
    for below, above, weights in zip(states, states[1:], network, strict=False):
        drive = above.toarray() @ weights.toarray().T
        assert (below.toarray() == (drive > 0)).all()


def test_a_real_bottom_is_not_thresholded() -> None:
    network, states = planted(Model(80, 6), 300, 0.05, "real")
    assert (states[0].toarray() == states[1].toarray() @ network[0].toarray().T).all()


@pytest.mark.parametrize("density", [0.01, 0.5, 1])
def test_every_sample_has_so_many_ones_on_top(density: float) -> None:
    states = draw_samples(
        draw_network(Model(100, 2), np.random.default_rng(0)), 50, density, np.random.default_rng(1)
    )
    assert (states[1].toarray().sum(axis=1) == 100 * density).all()
    assert states[1].max() == 1


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"units": 5, "degree": 8}, r"degree is 8, must be in \(0, 5\]"),
        ({"units": 5, "degree": 0}, "degree is 0"),
        ({"units": 5, "degree": 2, "layers": 0}, "layers is 0"),
        ({"units": 9, "degree": 3, "degrees": "regular"}, "degree is 3, must be even"),
        ({"units": 9, "degree": 3, "degrees": "even"}, 'degrees is "even", must be "binomial" or'),
        ({"units": 9, "degree": 3, "weights": "real"}, 'weights is "real", must be "signs" or'),
    ],
)
def test_models_that_there_are_not(model: dict[str, object], message: str) -> None:
    with pytest.raises(ExplorerError, match=message):
        Model(**model)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("samples", "density", "message"),
    [
        (0, 0.1, "samples is 0"),
        (5, 0.001, r"density is 0.001, must be from 0.02 \(one of 50 units\) to 1"),
        (5, 1.1, "density is 1.1"),
        (5, float("nan"), "density is nan"),
    ],
)
def test_samples_that_there_are_not(samples: int, density: float, message: str) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ExplorerError, match=message):
        draw_samples(draw_network(Model(50, 4), rng), samples, density, rng)


def test_samples_of_networks_that_there_are_not() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ExplorerError, match="the network has no layers"):
        draw_samples([], 5, 0.1, rng)
    with pytest.raises(ExplorerError, match='bottom is "grey", must be "boolean" or "real"'):
        draw_samples(draw_network(Model(50, 4), rng), 5, 0.1, rng, "grey")  # type: ignore[arg-type]


def test_a_graph_too_dense_to_be_regular_is_refused() -> None:
    with pytest.raises(ExplorerError, match="too much for a regular graph of 4 units"):
        for seed in range(20):
            draw_network(Model(4, 4, degrees="regular"), np.random.default_rng(seed))
