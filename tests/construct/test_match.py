"""Matching of hidden units, and what is counted as found."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.construct import Model, matching, network_quality, quality
from explorer.errors import ExplorerError
from tests.construct.planted import matrix, planted

TRUTH = matrix([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [1, 0, 0, 0, 1]])


def test_units_go_to_those_they_share_most_with() -> None:
    found = matrix([[0, 0, 0, 1, 1], [1, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 1, 0, 0, 0]])
    assert matching(found, TRUTH).tolist() == [1, 0, -1, -1]


def test_edges_of_unmatched_units_are_false() -> None:
    found = matrix([[1, 1, 0, 0, 0], [0, 0, 0, 1, 0]])
    assert quality(found, TRUTH, np.array([0, -1])) == (2 / 3, 2 / 8)


def test_a_network_is_itself_under_other_names() -> None:
    network = planted(Model(40, 6, 3), 10, 0.1).network
    rng = np.random.default_rng(0)
    below = np.arange(40)
    renamed = []
    for weights in network:
        order = rng.permutation(40)
        renamed.append(weights[below][:, order])
        below = order
    for layer in network_quality(renamed, network):
        assert layer == ((1, 1), (1, 1))


def test_edges_to_units_without_a_true_name_are_false() -> None:
    network = planted(Model(40, 6, 2), 10, 0.1).network
    lost = network[0][:, 1:]
    lower, upper = network_quality([lost, network[1][1:]], network)
    assert lower.positive.precision == 1
    assert lower.positive.recall < 1
    assert upper.positive.precision == 1
    assert upper.positive.recall < 1
    extra = network_quality([lost, network[1][: lost.shape[1]]], network)[1]
    assert extra.positive.precision < 0.5


def test_every_false_edge_counts() -> None:
    """Six units without a match beneath one unit: six false edges, none hides another."""
    truth = [matrix([[1, 0], [0, 1]]), matrix([[1, 0], [0, 0]])]
    found = [matrix([[1, 0, 0, 0, 0, 0, 0], [0] * 7]), matrix([[1]] * 7)]
    assert network_quality(found, truth)[1].positive == (1 / 7, 1)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([np.ones((5, 2))], "1 layers were found, the network has 2"),
        ([np.ones((4, 2)), np.ones((2, 2))], "layer 1 is over 4 units, must be over 5"),
        ([np.ones((5, 2)), np.ones((3, 2))], "layer 2 is over 3 units, must be over 2"),
    ],
)
def test_layers_that_do_not_fit(layers: list[np.ndarray], message: str) -> None:
    truth = [matrix(np.ones((5, 5)).tolist())] * 2
    with pytest.raises(ExplorerError, match=message):
        network_quality([matrix(layer.tolist()) for layer in layers], truth)
