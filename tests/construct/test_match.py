"""Matching of hidden units, and what is counted as found."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")

from explorer.construct import Model, matching, network_quality, quality
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
        assert layer == {1: (1, 1), -1: (1, 1)}


def test_edges_to_units_without_a_true_name_are_false() -> None:
    network = planted(Model(40, 6, 2), 10, 0.1).network
    lost = network[0][:, 1:]
    lower, upper = network_quality([lost, network[1][1:]], network)
    assert lower[1].precision == 1
    assert lower[1].recall < 1
    assert upper[1].precision == 1
    assert upper[1].recall < 1
    extra = network_quality([lost, network[1][: lost.shape[1]]], network)[1]
    assert extra[1].precision < 0.5
