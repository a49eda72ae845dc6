"""Latencies predicted for many assignments at once, and for one graph."""

from __future__ import annotations

from random import Random

import pytest

from explorer.cost.batch import LATENCY, BatchCounter, cost_of, decode
from explorer.cost.kinds import LAYERS, OTHERS, totals
from explorer.cost.latency import Predictor, Setting
from explorer.errors import ExplorerError
from explorer.space import Space, bind
from explorer.space.library import find_text
from tests.cost.batch.spaces import Codes, drawn


def predictor_of(space: Space, codes: Codes) -> Predictor:
    """Weights made up for every kind that some assignments have but one, which others stand for."""
    dice = Random(0)
    kinds = {
        kind for column in codes.T for kind in totals(bind(space, decode(space, column)).graph)
    }
    sizes = (1e-2, 1e-8, 1e-8, 1e-8, 1e-8)
    weights = {kind: tuple(dice.random() * size for size in sizes) for kind in sorted(kinds)[1:]}
    setting = Setting("cpu", "made up", 1, 1, "float32", "none")
    return Predictor(weights, {LAYERS: sizes, OTHERS: sizes}, (0.1, 0.2), setting, space.name, "")


@pytest.mark.parametrize("name", ["inception", "resnext", "mbconv"])
def test_together_as_alone(name: str) -> None:
    """``resnext`` has a knob for its groups, so that a kind may be open."""
    space = find_text(name, "space").space()
    codes = drawn(space, 40, seed=2)
    predictor = predictor_of(space, codes)
    counter = BatchCounter(space, predictor)
    counts = counter.count(codes, (LATENCY, "macs"))
    assert not counter.reason
    for index, column in enumerate(codes.T):
        graph = bind(space, decode(space, column)).graph
        assert counts[LATENCY][index] == cost_of(graph, LATENCY, predictor)
        assert counts[LATENCY][index] == pytest.approx(1000 * predictor.upper(graph), rel=1e-3)
    bound = counter.lower_bound(LATENCY)
    assert bound is not None
    assert 0 < bound <= counts[LATENCY].min()


def test_without_measurements_there_is_no_latency() -> None:
    space = find_text("plain", "space").space()
    with pytest.raises(ExplorerError, match="there are none"):
        BatchCounter(space).count(drawn(space, 1, seed=0), (LATENCY,))
