"""The closed form and fvcore count the same, operator by operator."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from explorer.budget import draw
from explorer.build import audit
from explorer.errors import NetError
from explorer.graph import Graph
from explorer.ops import JOINS, OPS
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


AUDIT = sys.modules["explorer.build.audit"]
LINE = "net n\ninput 3x8x8\na: conv 1x1 2 > gelu\n"


def test_an_op_in_neither_list_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a zero: whether the op is new to the list, or its layer calls an operator that is."""
    without = {name: found for name, found in AUDIT._NO_RULE.items() if name != "gelu"}
    graph = bind(Text("n", LINE).space()).graph
    check(graph)
    monkeypatch.setattr(AUDIT, "_NO_RULE", without)
    with pytest.raises(NetError, match=r"^fvcore met operators that nobody counts: gelu$"):
        audit(graph)
    monkeypatch.setattr(AUDIT, "_check_known", lambda *_: None)
    with pytest.raises(NetError, match=r"^the audit has no entry for the op 'gelu'$"):
        audit(graph)


def test_every_op_is_counted_by_fvcore_or_listed() -> None:
    """By name; tests/build/test_every_op.py recounts a net with each."""
    with_rule = {"conv", "dwconv", "linear", "attention", "batchnorm", "groupnorm", "layernorm"}
    joins = {op.name for op in JOINS.values()}
    assert {*OPS, *joins} == with_rule | set(AUDIT._NO_RULE)
