"""The closed form and fvcore count the same, operator by operator."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from explorer.budget import draw
from explorer.build import audit
from explorer.errors import NetError
from explorer.graph import Graph
from explorer.space import bind
from explorer.space.library import Text, find_text, shipped
from tests.build.small import small
from tests.build.test_module import MANY_OPS


def check(graph: Graph) -> None:
    found = audit(graph)
    assert found.agrees, found
    assert found.counted == found.recounted
    assert any(row.unit == "macs" and row.fvcore for row in found.rows)
    assert sum(row.nodes for row in found.rows) == len(graph.nodes) - len(graph.inputs)


@pytest.mark.parametrize("name", shipped())
def test_shipped(name: str) -> None:
    check(small(name))


def test_googlenet_in_full() -> None:
    check(bind(find_text("googlenet").space()).graph)


@pytest.mark.parametrize("seed", range(4))
def test_random_candidates(seed: int) -> None:
    space = find_text("inception").space()
    check(bind(space, draw(space, np.random.default_rng(seed))).graph)


def test_many_ops() -> None:
    check(bind(Text("many_ops", MANY_OPS).space()).graph)


def test_one_dimension() -> None:
    text = (
        "net n\ninput 1x40 classes 3\na: conv 5/2 8 norm=batch > avgpool global > linear classes\n"
    )
    check(bind(Text("n", text).space()).graph)


def test_an_op_in_neither_list_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["explorer.build.audit"], "_NO_RULE", {})
    with pytest.raises(NetError, match=r"nobody counts|no entry"):
        check(bind(find_text("googlenet").space()).graph)
