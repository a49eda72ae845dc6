"""Communities, the fixed point, the encoder, pruning and edges, each by itself."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import binom

from explorer.construct import ADAPTIVE, Model, Paper, linked_pairs, pair_counts
from explorer.construct.communities import communities
from explorer.construct.correlate import Pairs
from explorer.construct.edges import least_squares, negative_edges
from explorer.construct.encode import decode, encode, observe, refit
from explorer.construct.grow import grow
from explorer.construct.match import edges_of_sign, matching, quality
from explorer.construct.prune import distinct, supported, without_supersets
from explorer.construct.samples import from_pairs, ones_in_common, values_at
from explorer.construct.seek import seek
from explorer.construct.thresholds import Thresholds, bayes_threshold
from explorer.construct.units import Units
from tests.construct.planted import matrix, one_layer, planted, reaches


def units_of(children: csr_array, thresholds: float = 2, rates: float = 0.02) -> Units:
    every = np.ones(children.shape[0])
    return Units(children, thresholds * every, rates * every, 0.9 * every)


def test_common_neighbours_find_overlapping_cliques() -> None:
    cliques = [range(6), range(5, 11), range(10, 16), [0, 16, 17, 18, 19, 20]]
    edges = sorted({edge for clique in cliques for edge in combinations(clique, 2)})
    first, second = np.array(edges).T
    many = np.ones(len(edges))
    found = communities(Pairs(first, second, many, many), 21, Paper(0.01, 12))
    assert [set(found.children[[i]].indices) for i in range(len(found))] == [
        set(cliques[i]) for i in (0, 3, 1, 2)
    ]
    assert found.thresholds == pytest.approx(3.6)


def test_a_pair_grows_to_the_children_of_its_parent() -> None:
    network = one_layer()
    observed = observe(network.samples)
    pairs = linked_pairs(pair_counts(network.samples))
    found = grow(observed, pairs, ADAPTIVE, np.random.default_rng(0))
    result = quality(found.children, network.children, matching(found.children, network.children))
    assert result.recall > 0.9
    true = (found.children @ network.children.T).toarray().max(axis=1)
    assert (true == found.sizes).mean() > 0.9


def test_rounds_of_seeds_find_all_units_with_three_children() -> None:
    network = one_layer()
    found = seek(observe(network.samples), ADAPTIVE, np.random.default_rng(0))
    large = np.diff(network.children.indptr) >= 3
    partner = matching(found.children, network.children)
    assert large.sum() - 8 <= len(found) <= large.sum() + 2
    true = network.children[large]
    assert reaches(quality(found.children, true, matching(found.children, true)), 0.99, 0.97)
    assert (partner >= 0).mean() > 0.98


def test_the_threshold_is_where_the_posterior_turns() -> None:
    for size, noise, signal, rate in [
        (5, 0.03, 0.9, 0.005),
        (16, 0.1, 0.8, 0.02),
        (3, 0.2, 0.9, 0.1),
    ]:
        on = np.arange(size + 1)
        likely = rate * binom.pmf(on, size, signal) > (1 - rate) * binom.pmf(on, size, noise)
        first = int(np.argmax(likely)) if likely.any() else size
        array = np.array([size]), np.array([noise]), np.array([signal]), np.array([rate])
        assert bayes_threshold(*array)[0] == max(first, 2)


def test_the_encoder_counts_children() -> None:
    units = units_of(matrix([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]]))
    samples = matrix([[1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 0]])
    states = encode(units, observe(samples)).toarray()
    assert states.tolist() == [[1, 0], [0, 1], [0, 0], [1, 1]]


def test_values_are_looked_up_at_places() -> None:
    places = matrix([[1, 0, 1], [0, 0, 0], [0, 1, 1]])
    values = csr_array(np.array([[5.0, 6, 0], [7, 0, 0], [0, 8, 0]]))
    assert values_at(places, values).tolist() == [5, 0, 8, 0]
    assert values_at(places, csr_array((3, 3))).tolist() == [0, 0, 0, 0]


def test_ones_in_common_are_the_product_at_places(monkeypatch: pytest.MonkeyPatch) -> None:
    network = one_layer()
    states = encode(units_of(network.children), observe(network.samples))
    product = (network.samples @ network.children.T).toarray()
    rows = np.repeat(np.arange(states.shape[0]), np.diff(states.indptr))
    assert states.nnz > 1_000
    for places in (2**20, 7 * network.samples.shape[1], 1):
        monkeypatch.setattr("explorer.construct.samples._BLOCK", places)
        found = ones_in_common(states, network.samples, network.children)
        assert (found == product[rows, states.indices]).all()


def test_nothing_in_common() -> None:
    samples, sets = matrix([[1, 0], [0, 0]]), matrix([[0, 1], [0, 0], [1, 1]])
    assert ones_in_common(matrix([[1, 1, 1], [1, 1, 1]]), samples, sets).tolist() == [
        *(0, 0, 1),
        *(0, 0, 0),
    ]
    assert ones_in_common(csr_array((2, 3)), samples, sets).tolist() == []


def test_the_encoder_cuts_the_work_into_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    network = one_layer()
    observed, units = observe(network.samples), units_of(network.children)
    whole = encode(units, observed)
    monkeypatch.setattr("explorer.construct.encode._WORK", 5_000)
    assert (encode(units, observed) != whole).nnz == 0


def test_states_that_others_explain_are_off() -> None:
    """The third unit's children are on because the first two are on, not because it is."""
    units = units_of(
        matrix([[1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0, 0]])
    )
    samples = matrix([[1] * 8, [0, 0, 0, 1, 1, 0, 0, 0]] + [[0] * 8] * 30)
    observed = observe(samples)
    assert encode(units, observed)[[0, 1]].toarray().tolist() == [[1, 1, 1], [0, 0, 1]]
    assert decode(units, observed)[[0, 1]].toarray().tolist() == [[1, 1, 0], [0, 0, 1]]


def test_of_doubles_the_purer_stays() -> None:
    children = matrix([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]])
    units = Units(children, np.full(3, 2.0), np.full(3, 0.1), np.array([0.9, 0.5, 0.9]))
    assert (distinct(units, double=0.6).children != children[[0, 2]]).nnz == 0


def test_sets_of_cousins_are_supersets_of_siblings() -> None:
    rows = [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1]]
    rates = np.array([0.04, 0.04, 0.01])
    units = Units(matrix(rows), np.full(3, 2.0), rates, np.full(3, 0.9))
    assert without_supersets(units).children.toarray().tolist() == rows[:2]
    alike = Units(matrix(rows), np.full(3, 2.0), np.full(3, 0.01), np.full(3, 0.9))
    assert len(without_supersets(alike)) == 3


def test_echoes_have_no_support() -> None:
    """What two units' shared children say is said by the two."""
    network = one_layer()
    observed = observe(network.samples)
    large = network.children[np.diff(network.children.indptr) >= 4]
    echo = from_pairs(
        np.zeros(4, int), np.r_[large[[0]].indices[:2], large[[1]].indices[:2]], (1, 200)
    )
    both = refit(units_of(large, 3).join(units_of(echo, 4)), observed)
    assert len(supported(both, observed, 0.2)) == large.shape[0]


@pytest.mark.parametrize("thresholds", [ADAPTIVE, Paper(0.04, 10)])
def test_negative_edges_follow_from_true_states(thresholds: Thresholds) -> None:
    network = planted(Model(100, 10), 20_000, 0.04)
    negative = edges_of_sign(network.network[0], -1).T.tocsr()
    found = negative_edges(network.states[1], network.children, network.samples, thresholds)
    right = quality(found, negative, np.arange(100))
    assert reaches(right, 0.99, 0.97)


def test_weights_are_exact_where_states_are() -> None:
    network = planted(Model(60, 6, weights="uniform"), 2_000, 0.1, "real")
    weights = network.network[0].T.tocsr()
    edges = edges_of_sign(weights, 1) + edges_of_sign(weights, -1)
    found = least_squares(network.states[1], network.samples, edges)
    assert abs(found - weights).max() < 1e-5
