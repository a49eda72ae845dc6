from __future__ import annotations

import numpy as np
import pytest

from explorer.budget import Budget, Feasible
from explorer.cost.batch import encode
from explorer.search.model.encoding import Encoding
from explorer.search.model.scores import normal_ranks, normal_scores
from explorer.search.model.surrogate import Surrogate
from explorer.search.model.warp import warped
from explorer.space.library import Text, find_text
from tests.search.tiny import TINY


@pytest.fixture(scope="module")
def encoding() -> Encoding:
    feasible = Feasible(Text("tiny.space", TINY).space())
    codes = feasible.draw(Budget({"macs": 10**9}), 300, np.random.default_rng(0))
    return Encoding(feasible, codes)


def test_what_has_no_part_in_the_net_makes_no_difference() -> None:
    space = find_text("inception").space()
    feasible = Feasible(space)
    rng = np.random.default_rng(0)
    encoding = Encoding(feasible, feasible.draws.codes(50, rng))
    pairs = [{"depth4": 2, "i4d.n1": 64}, {"depth4": 2, "i4d.n1": 128}, {"depth4": 5, "i4d.n1": 64}]
    first, same, deeper = encoding.rows(encode(space, pairs)).values
    assert np.array_equal(first, same)
    assert not np.allclose(first, deeper)


def test_a_knob_lies_on_an_arc_and_levers_at_right_angles(encoding: Encoding) -> None:
    given = [{"n1": 4}, {"n1": 8}, {"n1": 32}, {"n1": 4, "five": "crossed"}]
    rows = encoding.rows(encode(encoding.feasible.space, given)).values[:, encoding.choices]
    away = ((rows - rows[0]) ** 2).sum(axis=1) * encoding._radius**2
    assert away[2] == pytest.approx(1)
    assert away[3] == pytest.approx(1)
    assert 0 < away[1] < 0.1


def test_macs_are_exact(encoding: Encoding) -> None:
    codes = encode(encoding.feasible.space, [{"n1": 4}, {}])
    rows = encoding.rows(codes)
    assert np.allclose(rows.macs, encoding.feasible.counter.count(codes, ("macs",))["macs"])


def test_ranks_as_normal_quantiles() -> None:
    found = normal_ranks(np.array([3.0, 1.0, 2.0, np.nan, 2.0]))
    assert found[3] == found[2] == found[4] == 0
    assert found[0] == -found[1] > 0
    assert np.all(normal_scores([{"a": None}, {}], ["a"]) == 0)


def test_it_learns_from_choices_and_believes_what_it_expects(encoding: Encoding) -> None:
    codes = encoding.feasible.draw(Budget({"macs": 10**9}), 80, np.random.default_rng(1))
    rows = encoding.rows(codes).values
    truth = codes[0] / 7 - codes[2] / 2 + (codes[3] == 1)
    targets = warped(truth[:40])
    surrogate = Surrogate(encoding)
    belief = surrogate.learn(rows[:40], targets)
    means, deviations = belief.predict(rows[40:])
    assert np.corrcoef(means, truth[40:])[0, 1] > 0.95
    after, surer = belief.believing(rows[40:45]).predict(rows[40:])
    assert np.allclose(after, means, atol=0.15)
    assert np.all(surer[:5] < deviations[:5])
    # The same trials give the same hyperparameters, whatever was learned before.
    surrogate.learn(rows[:20], targets[:20])
    assert np.array_equal(surrogate.learn(rows[:40], targets).scales, belief.scales)
    assert np.array_equal(Surrogate(encoding).learn(rows[:40], targets).scales, belief.scales)
