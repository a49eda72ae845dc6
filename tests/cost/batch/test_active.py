"""Which choices have a part in a graph: for many assignments as for one."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.budget import Draws
from explorer.cost.batch import BatchCounter, decode
from explorer.space import bind
from explorer.space.library import find_text


@pytest.mark.parametrize("name", ["inception", "nasbench_macro", "mbconv", "resnext_forms"])
@pytest.mark.parametrize("compiled", [True, False])
def test_active_as_bound(name: str, compiled: bool) -> None:
    space = find_text(name, "space").space()
    counter = BatchCounter(space)
    codes = Draws.of(space).codes(12, np.random.default_rng(0))
    codes = codes[:, counter.count(codes).valid]
    if not compiled:
        counter.trace = None
    active = counter.active(codes)
    for column in range(codes.shape[1]):
        read = bind(space, decode(space, codes[:, column])).active
        assert {p for p, here in zip(space.choices, active[:, column], strict=True) if here} == read
