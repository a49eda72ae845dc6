"""A predictor of latency: linear, above zero, and the same after JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.cost.kinds import FEATURES, LAYERS, totals
from explorer.cost.latency import Predictor, Setting
from explorer.errors import ExplorerError
from explorer.space import Candidate

Bound = Callable[..., Candidate]
TEXT = """net n
input 3x16x16  classes 2
a: conv 3x3 8 > relu > conv 3x3/2 16 > relu > maxpool 3x3/2 same
b: avgpool global > linear classes
"""
SETTING = Setting("cpu", "an abacus", 1, 1, "float32", "2.4")
WEIGHTS = {
    "conv 3x3": (0.5, 1e-6, 0.0, 1e-7, 1e-7),
    "relu": (0.25, 0.0, 0.0, 1e-6, 0.0),
    "maxpool 3x3/2": (0.125, 0.0, 0.0, 0.0, 1e-5),
    "linear": (1.0, 1e-5, 1e-6, 0.0, 0.0),
}
GENERAL = {"conv": (1.0, 2e-6, 0.0, 0.0, 0.0), LAYERS: (2.0, 0.0, 0.0, 0.0, 0.0)}
PREDICTOR = Predictor(WEIGHTS, GENERAL, (0.02, 0.01, 0.03), SETTING, "tiny", "3x16x16", 0.1)


def test_a_prediction_is_a_dot_product_with_summed_features(bound: Bound) -> None:
    graph = bound(TEXT).graph
    sums = totals(graph)
    rows = np.array([sums[name] for name in sums], float)
    weights = np.array([PREDICTOR.weights_of(name) for name in sums])
    assert PREDICTOR.predict(graph) == pytest.approx(float((rows * weights).sum()))
    assert PREDICTOR.predict(graph) == pytest.approx(sum(PREDICTOR.by_kind(graph).values()))
    parts = list(PREDICTOR.by_kind(graph).values())
    assert parts == sorted(parts, reverse=True)


def test_arrays_are_predicted_as_numbers_are(bound: Bound) -> None:
    nets = [bound(TEXT.replace("3x3 8", f"3x3 {n}")).graph for n in (4, 8, 32)]
    sums = [totals(net) for net in nets]
    together = {name: [np.array(c) for c in zip(*(s[name] for s in sums), strict=True)]
                for name in sums[0]}  # fmt: skip
    expected = [PREDICTOR.predict(net) for net in nets]
    assert np.allclose(PREDICTOR.predict_totals(together), expected)
    assert expected == sorted(expected)


def test_a_kind_that_was_never_measured_is_estimated_by_its_relatives(bound: Bound) -> None:
    graph = bound(TEXT).graph
    assert PREDICTOR.unseen(graph) == ["conv 3x3/2", "avgpool global", "view"]
    assert PREDICTOR.weights_of("conv 3x3/2") == GENERAL["conv"]
    assert PREDICTOR.weights_of("dwconv 3x3") == GENERAL[LAYERS]
    assert min(PREDICTOR.by_kind(graph).values()) > 0


def test_the_upper_bound_lies_above_by_the_error(bound: Bound) -> None:
    graph = bound(TEXT).graph
    assert PREDICTOR.upper(graph) == pytest.approx(PREDICTOR.predict(graph) * 1.03)
    perfect = replace(PREDICTOR, errors=(0.0,))
    assert perfect.upper(graph) == perfect.predict(graph)


@pytest.mark.parametrize(
    ("count", "rank", "share"), [(3, 3, 3 / 4), (18, 18, 18 / 19), (19, 19, 0.95), (39, 38, 0.95)]
)
def test_an_error_bounds_the_next_net(count: int, rank: int, share: float) -> None:
    errors = tuple(np.random.default_rng(0).permutation(np.arange(1, count + 1) / 100))
    error = replace(PREDICTOR, errors=errors).error
    assert (error.nets, error.upper, error.share) == (count, rank / 100, pytest.approx(share))
    assert error.median == pytest.approx((count + 1) / 200)


def test_the_bound_holds_as_often_as_it_says() -> None:
    dice = np.random.default_rng(0)
    drawn = dice.exponential(size=(4000, 20))
    held = [row[-1] <= replace(PREDICTOR, errors=tuple(row[:-1])).error.upper for row in drawn]
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)


def test_the_error_in_words() -> None:
    assert str(PREDICTOR.error) == "predicted within 2.0% (median), 75% within 3.0%, 3 nets"


def test_json_and_back() -> None:
    text = json.dumps(PREDICTOR.to_json())
    assert Predictor.from_json(json.loads(text)) == PREDICTOR


@pytest.mark.parametrize(
    "change",
    [
        {"weights": {"relu": [1, 2]}},
        {"weights": {"relu": [-1, 0, 0, 0, 0]}},
        {"weights": {"relu": [float("nan"), 0, 0, 0, 0]}},
        {"weights": 7},
        {"general": {}},
        {"errors": []},
        {"setting": {}},
        {"features": list(FEATURES)[1:]},
        {"format": 99},
    ],
)
def test_what_is_no_predictor_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ExplorerError, match="predictor"):
        Predictor.from_json(PREDICTOR.to_json() | change)
    for other in ([], "text", None, {}):
        with pytest.raises(ExplorerError, match="predictor"):
            Predictor.from_json(other)
