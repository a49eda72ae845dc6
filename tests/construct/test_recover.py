"""Whole layers and networks from samples, and input that holds none."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")

from scipy.sparse import vstack

from explorer.construct import (
    Model,
    Paper,
    network_quality,
    recover_layer,
    recover_network,
    recover_real_layer,
)
from explorer.errors import DataError, ExplorerError
from tests.construct.planted import one_layer, planted, reaches


def test_one_boolean_layer() -> None:
    network = one_layer()
    found = recover_layer(network.samples)
    (result,) = network_quality([found.weights], network.network)
    assert reaches(result[1], 0.99, 0.96)
    assert found.states.shape == (6_000, len(found.units))


def test_dense_arrays_do_as_well() -> None:
    samples = planted(Model(60, 8), 1_500, 0.05).samples
    sparse, dense = recover_layer(samples), recover_layer(samples.toarray().astype(bool))
    assert (sparse.weights != dense.weights).nnz == 0


def test_a_dense_graph_needs_triples() -> None:
    """Sixteen children of each of 250 parents: two units share one with probability .65."""
    network = planted(Model(250, 32), 12_000, 0.012)
    (result,) = network_quality([recover_layer(network.samples).weights], network.network)
    assert reaches(result[1], 0.97, 0.97)


def test_negative_edges_where_samples_are_many() -> None:
    network = planted(Model(150, 10), 15_000, 0.027)
    (result,) = network_quality([recover_layer(network.samples).weights], network.network)
    assert reaches(result[-1], 0.98, 0.85)


@pytest.mark.parametrize("weights", ["signs", "uniform"])
def test_a_real_bottom_is_found_with_its_weights(weights: str) -> None:
    model = Model(150, 10, weights=weights)  # type: ignore[arg-type]
    network = planted(model, 5_000, 0.027, "real")
    found = recover_real_layer(network.samples)
    (result,) = network_quality([found.weights], network.network)
    assert reaches(result[1], 0.99, 0.98)
    assert reaches(result[-1], 0.99, 0.98)
    drawn = (found.states @ found.weights.T - network.samples).toarray()
    assert np.abs(drawn).mean() < 0.1 * abs(network.samples).mean()


def test_two_layers() -> None:
    network = planted(Model(400, 8, 2, "regular"), 12_000, 0.005)
    found = recover_network(network.samples, 2)
    lower, upper = network_quality([layer.weights for layer in found], network.network)
    assert reaches(lower[1], 0.88, 0.9)
    assert reaches(upper[1], 0.9, 0.75)


def test_the_papers_constants_find_most_of_an_easy_layer() -> None:
    network = planted(Model(200, 10, degrees="regular"), 6_000, 0.015)
    layer = recover_layer(network.samples, thresholds=Paper(0.015, 10))
    (result,) = network_quality([layer.weights], network.network)
    assert reaches(result[1], 0.85, 0.5)


def test_the_papers_constants_know_of_halves_and_of_layers() -> None:
    network = planted(Model(200, 10, degrees="regular"), 4_000, 0.015, "real")
    layer = recover_real_layer(network.samples, thresholds=Paper(0.015, 10))
    (result,) = network_quality([layer.weights], network.network)
    assert reaches(result[1], 0.6, 0.4)
    assert Paper(0.01, 8).beneath(2).density == pytest.approx(0.16)


def test_a_seed_decides_everything() -> None:
    samples = planted(Model(60, 8), 1_500, 0.05).samples
    first, second = (recover_layer(samples, seed=3) for _ in range(2))
    assert (first.weights != second.weights).nnz == 0
    assert (first.states != second.states).nnz == 0


def test_the_order_of_samples_does_not_matter_much() -> None:
    network = one_layer()
    turned = vstack([network.samples[3_000:], network.samples[:3_000]]).tocsr()
    both = [recover_layer(samples).weights for samples in (network.samples, turned)]
    assert (both[0] > 0).sum() == pytest.approx((both[1] > 0).sum(), rel=0.01)


def test_units_that_never_change_have_no_edges() -> None:
    samples = one_layer().samples.toarray()
    samples[:, 7], samples[:, 9] = 0, 1
    weights = recover_layer(samples).weights.toarray()
    assert not (weights[[7, 9]] > 0).any()


@pytest.mark.parametrize(
    "samples", [np.zeros((50, 4)), np.ones((50, 4)), np.eye(5), np.ones((1, 1)), np.ones((9, 2))]
)
def test_nothing_to_find_is_found(samples: np.ndarray) -> None:
    for layer in (recover_layer(samples), recover_real_layer(samples)):
        assert layer.weights.shape == (samples.shape[1], 0)
        assert layer.states.shape == (samples.shape[0], 0)
    assert len(recover_layer(samples, thresholds=Paper(0.1, 4)).units) == 0


def test_independent_units_have_no_parents() -> None:
    samples = np.random.default_rng(0).random((3_000, 100)) < 0.05
    assert len(recover_layer(samples).units) <= 1


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros((0, 5)), r"shape \(0, 5\), must hold a sample and a unit"),
        (np.zeros((5, 0)), r"shape \(5, 0\)"),
        (np.zeros(5), r"shape \(5,\), must be numbers of \(samples, units\)"),
        (np.full((4, 3), 2), "hold 2, must be 0 or 1"),
        (np.full((4, 3), np.nan), "not finite"),
        ([["a"]], r"must be numbers"),
    ],
)
def test_samples_that_are_none(samples: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        recover_layer(samples)


def test_a_layer_over_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="layer 1 of 2: no hidden units were found"):
        recover_network(np.zeros((50, 4)), 2)
    with pytest.raises(ExplorerError, match="layers is 0"):
        recover_network(np.zeros((50, 4)), 0)
    with pytest.raises(ExplorerError, match="bottom is 'grey'"):
        recover_network(np.zeros((50, 4)), 1, bottom="grey")


@pytest.mark.parametrize(("density", "degree"), [(0, 4), (1, 4), (0.1, 1)])
def test_the_papers_numbers_have_ranges(density: float, degree: float) -> None:
    with pytest.raises(ExplorerError, match=r"(density|degree) is"):
        Paper(density, degree)
