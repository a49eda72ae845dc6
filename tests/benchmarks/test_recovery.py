"""Recovery's hot path beside the plain way: `make bench`. No time is asserted."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from explorer.construct import Model, draw_network, draw_samples
from explorer.construct.encode import encode, observe
from explorer.construct.match import edges_of_sign
from explorer.construct.samples import boolean_samples, ones_in_common, values_at
from explorer.construct.units import Units
from tests.benchmarks.timing import timed

pytestmark = pytest.mark.bench
_REPEATS = 5


@pytest.mark.parametrize(
    ("units", "degree", "density"),
    [(1000, 10, 0.005), (1000, 32, 0.005), (4000, 10, 0.00125)],
)
def test_ones_in_common_beside_the_product(units: int, degree: int, density: float) -> None:
    rng = np.random.default_rng(100)
    network = draw_network(Model(units, degree), rng)
    samples = boolean_samples(draw_samples(network, 30_000, density, rng)[0])
    children = edges_of_sign(network[0], 1).T.tocsr()
    every = np.ones(units)
    thresholds = np.maximum(2, np.round(0.6 * np.diff(children.indptr)))
    states = encode(Units(children, thresholds, density * every, every), observe(samples))
    ratios = []
    for _ in range(_REPEATS):
        product, slow = timed(lambda: values_at(states, samples @ children.T))
        ours, fast = timed(lambda: ones_in_common(states, samples, children))
        assert (product == ours).all()
        ratios.append(slow / fast)
    print(f"\nn = {units}, d = {degree}: the product takes {median(ratios):.1f} times as long")
