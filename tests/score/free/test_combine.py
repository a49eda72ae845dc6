"""Ranks of several scores as one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.errors import ExplorerError
from explorer.score.free import combine


def test_ranks_are_averaged() -> None:
    scores = {"a": [1.0, 2, 3, 4], "b": [10.0, 40, 20, 30]}
    means = combine(scores, ["a", "b"])
    assert means == pytest.approx([0.25, 0.75, 0.625, 0.875])
    logs = combine(scores, ["a", "b"], logarithmic=True)
    assert logs[1] == pytest.approx((math.log(0.5) + math.log(1)) / 2)
    assert logs[0] == pytest.approx(math.log(0.25))


def test_logarithms_punish_what_is_poor_in_one_score() -> None:
    scores = {"a": [1.0, 3, 2], "b": [3.0, 1, 2]}
    logs = combine(scores, ["a", "b"], logarithmic=True)
    assert logs[2] > logs[0]
    assert len(set(combine(scores, ["a", "b"]))) == 1


def test_neither_scale_nor_order_matters() -> None:
    rng = np.random.default_rng(0)
    scores = {name: rng.normal(size=20) for name in "abc"}
    found = combine(scores, ["a", "b", "c"])
    grown = {name: np.exp(3 * values) for name, values in scores.items()}
    assert np.allclose(combine(grown, ["c", "a", "b"]), found)
    order = rng.permutation(20)
    shuffled = {name: values[order] for name, values in scores.items()}
    assert np.allclose(combine(shuffled, ["a", "b", "c"]), found[order])


def test_what_is_not_defined_is_last() -> None:
    scores = {"a": [None, 1.0, 2.0], "b": [None, None, None]}
    assert list(combine(scores, ["a"])) == pytest.approx([1 / 3, 2 / 3, 1])
    assert len(set(combine(scores, ["b"]))) == 1
    assert list(np.argsort(combine(scores, ["a", "b"]))) == [0, 1, 2]


def test_what_cannot_be_combined() -> None:
    with pytest.raises(ExplorerError, match="by the name of 'c'"):
        combine({"a": [1.0]}, ["a", "c"])
    with pytest.raises(ExplorerError, match="equally many"):
        combine({"a": [1.0], "b": [1.0, 2.0]}, ["a", "b"])
