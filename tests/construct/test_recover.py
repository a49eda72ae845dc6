"""Whole layers and networks from samples, and input that holds none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array

from explorer.construct import (
    Adaptive,
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
    assert reaches(result.positive, 0.99, 0.96)
    assert found.states.shape == (6_000, len(found.units))


def test_dense_arrays_do_as_well() -> None:
    samples = planted(Model(60, 8), 1_500, 0.05).samples
    sparse, dense = recover_layer(samples), recover_layer(samples.toarray().astype(bool))
    assert (sparse.weights != dense.weights).nnz == 0


def test_a_dense_graph_needs_triples() -> None:
    """Twelve children of each of 200 parents: two units share .72 of them on average."""
    network = planted(Model(200, 24), 6_000, 0.01)
    (result,) = network_quality([recover_layer(network.samples).weights], network.network)
    assert reaches(result.positive, 0.97, 0.97)


def test_negative_edges_where_samples_are_many() -> None:
    network = planted(Model(150, 10), 15_000, 0.027)
    (result,) = network_quality([recover_layer(network.samples).weights], network.network)
    assert reaches(result.negative, 0.98, 0.85)


@pytest.mark.parametrize("weights", ["signs", "uniform"])
def test_a_real_bottom_is_found_with_its_weights(weights: str) -> None:
    model = Model(150, 10, weights=weights)  # type: ignore[arg-type]
    network = planted(model, 5_000, 0.027, "real")
    found = recover_real_layer(network.samples)
    (result,) = network_quality([found.weights], network.network)
    assert reaches(result.positive, 0.99, 0.98)
    assert reaches(result.negative, 0.99, 0.98)
    drawn = (found.states @ found.weights.T - network.samples).toarray()
    assert np.abs(drawn).mean() < 0.1 * abs(network.samples).mean()


def test_two_layers() -> None:
    network = planted(Model(300, 8, 2, "regular"), 8_000, 1 / 150)
    found = recover_network(network.samples, 2)
    lower, upper = network_quality([layer.weights for layer in found], network.network)
    assert reaches(lower.positive, 0.9, 0.9)
    assert reaches(upper.positive, 0.93, 0.85)


def test_the_papers_constants_find_most_of_an_easy_layer() -> None:
    network = planted(Model(200, 10, degrees="regular"), 6_000, 0.015)
    layer = recover_layer(network.samples, thresholds=Paper(0.015, 10))
    (result,) = network_quality([layer.weights], network.network)
    assert reaches(result.positive, 0.85, 0.5)


def test_the_papers_constants_know_of_halves_and_of_layers() -> None:
    network = planted(Model(200, 10, degrees="regular"), 4_000, 0.015, "real")
    layer = recover_real_layer(network.samples, thresholds=Paper(0.015, 10))
    (result,) = network_quality([layer.weights], network.network)
    assert reaches(result.positive, 0.6, 0.4)
    assert Paper(0.01, 8).beneath(2).density == pytest.approx(0.16)


def test_a_seed_decides_everything() -> None:
    samples = planted(Model(60, 8), 1_500, 0.05).samples
    first, second = (recover_layer(samples, seed=3) for _ in range(2))
    assert (first.weights != second.weights).nnz == 0
    assert (first.states != second.states).nnz == 0


def test_the_order_of_samples_does_not_matter() -> None:
    samples = planted(Model(60, 8), 1_500, 0.05).samples
    turned = samples[np.random.default_rng(0).permutation(1_500)]
    first, second = (recover_layer(each).weights for each in (samples, turned))
    assert (first != second).nnz == 0


def test_samples_are_not_touched() -> None:
    samples = csr_array(([1, 0, 1], ([0, 0, 1], [1, 0, 1])), shape=(2, 2), dtype=np.float32)
    samples.has_sorted_indices = False
    recover_layer(samples)
    assert samples.nnz == 3


def test_units_that_are_always_on_together_have_one_parent() -> None:
    """All edges that there may be are positive, and so none can be negative."""
    samples = np.repeat(np.random.default_rng(0).random((200, 1)) < 0.1, 6, axis=1)
    layer = recover_layer(samples)
    assert (layer.weights.toarray() == np.ones((6, 1))).all()
    assert (layer.states.toarray() == samples[:, :1]).all()


def test_units_that_never_change_have_no_edges() -> None:
    samples = planted(Model(60, 8), 1_500, 0.05).samples.toarray()
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
        (np.zeros((0, 5)), r"shape \(0, 5\), must be \(samples, units\), of each at least 1"),
        (np.zeros((5, 0)), r"shape \(5, 0\)"),
        (np.zeros(5), r"shape \(5,\), must be numbers of \(samples, units\)"),
        (np.full((4, 3), 2), "hold 2, must be 0 or 1"),
        (np.full((4, 3), np.nan), "hold nan, must be finite"),
        (np.full((4, 3), -np.inf), "hold -inf, must be finite"),
        ([["a"]], r"must be numbers"),
        ([[1, 0], [1]], "of several lengths, must be numbers"),
        ([[1j]], "are complex128 of shape"),
        (csr_array([[1j]]), "are complex128 of shape"),
        (coo_array([1, 0, 1]), r"shape \(3,\), must be numbers of \(samples, units\)"),
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
    with pytest.raises(ExplorerError, match='bottom is "grey"'):
        recover_network(np.zeros((50, 4)), 1, bottom="grey")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("density", "degree"), [(0, 4), (1, 4), (0.1, 1), (float("nan"), 4), (0.1, float("nan"))]
)
def test_the_papers_numbers_have_ranges(density: float, degree: float) -> None:
    with pytest.raises(ExplorerError, match=r"(density|degree) is"):
        Paper(density, degree)


def test_shares_are_shares() -> None:
    with pytest.raises(ExplorerError, match=r"purity is 70, must be between 0 and 1"):
        Adaptive(purity=70)
