"""The correlation test: counts, streams, thresholds, and the covariance that theory predicts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import i0

from explorer.construct import (
    Model,
    Paper,
    correlate,
    correlations,
    linked_pairs,
    pair_counts,
    streamed_counts,
)
from explorer.errors import DataError
from tests.construct.planted import one_layer, planted

RNG = np.random.default_rng(0)
SOME = RNG.random((300, 12)) < 0.3


def test_counts_are_those_of_a_matrix_product() -> None:
    counts = pair_counts(csr_array(SOME.astype(np.float32)))
    assert counts.samples == 300
    assert (counts.alone == SOME.sum(axis=0)).all()
    assert (counts.both.toarray() == SOME.astype(int).T @ SOME).all()


def test_dense_and_sparse_products_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = one_layer().samples
    sparse = pair_counts(samples).both
    monkeypatch.setattr(correlate, "_SPEEDUP", 0)
    assert (pair_counts(samples).both != sparse).nnz == 0


def test_a_stream_counts_like_the_whole() -> None:
    whole = pair_counts(SOME)
    streamed = streamed_counts([SOME[:100], SOME[100:101], SOME[101:]])
    assert streamed.samples == whole.samples
    assert (streamed.alone == whole.alone).all()
    assert (streamed.both != whole.both).nnz == 0


def test_a_stream_counts_beyond_what_float32_can() -> None:
    one = streamed_counts([[[1, 1]], [[1, 1]]])
    assert one.both.dtype == np.float64


def test_a_stream_must_be_of_one_kind() -> None:
    with pytest.raises(DataError, match="a chunk has 5 units, the first 12"):
        streamed_counts([SOME, SOME[:, :5]])
    with pytest.raises(DataError, match="there are no samples"):
        streamed_counts([])
    with pytest.raises(DataError, match=r"samples hold 0\.5, must be 0 or 1"):
        streamed_counts([SOME, SOME / 2])


def test_siblings_have_the_covariance_of_theory() -> None:
    """rho (1 - rho) P(S = 0)^2, where S is the difference of two Poisson numbers of mean rho d / 2.

    One parent decides where the others cancel: S = 0 has probability e^(-2L) I0(2L). Strangers have
    a covariance of order rho / n below zero, since the number of ones on top is fixed.
    """
    density, degree = 0.02, 10
    network = planted(Model(300, degree), 40_000, density)
    counts = pair_counts(network.samples)
    shared = (network.children.T @ network.children).toarray()
    against = (network.network[0] < 0).astype(float).T.tocsr()
    mixed = (against.T @ network.children).toarray() + (against.T @ against).toarray()
    others = (mixed + mixed.T == 0) & ~np.eye(300, dtype=bool)
    means = counts.alone / counts.samples
    covariance = counts.both.toarray() / counts.samples - np.outer(means, means)
    load = density * degree / 2
    theory = density * (1 - density) * (np.exp(-2 * load) * i0(2 * load)) ** 2
    siblings, strangers = (covariance[others & (shared == number)].mean() for number in (1, 0))
    assert siblings - strangers == pytest.approx(theory, rel=0.05)


def test_linked_pairs_are_siblings() -> None:
    network = one_layer()
    pairs = linked_pairs(pair_counts(network.samples))
    siblings = (network.children.T @ network.children).tocsr()
    true = np.asarray(siblings[pairs.first, pairs.second]).ravel() > 0
    assert true.mean() > 0.98
    assert true.sum() > 0.93 * ((siblings.nnz - (siblings.diagonal() > 0).sum()) / 2)
    assert (np.diff(pairs.first * 200 + pairs.second) > 0).all()


def test_the_papers_test_looks_at_raw_probabilities() -> None:
    samples = np.zeros((300, 3), bool)
    samples[:20, :2] = samples[:19, 2] = True
    pairs = linked_pairs(pair_counts(csr_array(samples, dtype=np.float32)), Paper(0.1, 10))
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0], [1])  # 20 of 300 = 2/3 of .1


def test_correlations_are_pearsons_and_nothing_for_units_that_never_change() -> None:
    samples = SOME.copy()
    samples[:, 3], samples[:, 5] = False, True
    found = correlations(pair_counts(csr_array(samples.astype(np.float32))))
    live = [unit for unit in range(12) if unit not in (3, 5)]
    assert np.allclose(found[np.ix_(live, live)], np.corrcoef(samples[:, live].T))
    assert not found[[3, 5]].any()
    assert not found[:, [3, 5]].any()
