"""What a predicted latency is a sum over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.cost import count
from explorer.cost.kinds import FEATURES, LAYERS, OTHERS, kind, relatives, timed, totals
from explorer.space import Candidate, bind
from explorer.space.library import find_text

Bound = Callable[..., Candidate]
FOLDER = Path(__file__).parent.parent.parent / "search_spaces"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
HEAD = "net n\ninput 8x16x16  classes 2\ndefault conv nobias\n"


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        ("conv 3x3 4", "conv 3x3"),
        ("conv 3x3/2 4", "conv 3x3/2"),
        ("conv (1, 7)/(1, 2) 4", "conv 1x7/1x2"),
        ("conv 3x3 4 groups=4", "conv 3x3 grouped"),
        ("conv 3x3 8 groups=2 dilation=2", "conv 3x3 grouped dilated"),
        ("dwconv 5x5/2", "dwconv 5x5/2"),
        ("maxpool 3x3/2 same", "maxpool 3x3/2"),
        ("maxpool global", "maxpool global"),
        ("avgpool to=4x4", "avgpool to="),
        ("batchnorm", "batchnorm"),
        ("silu", "silu"),
        ("part 1/2", "view"),
        ("flatten", "view"),
        ("[ id | id ]", "concat"),
        ("[ id * avgpool global ]", "multiply"),
    ],
)
def test_kinds_are_of_ops_and_windows(bound: Bound, chain: str, name: str) -> None:
    assert kind(bound(HEAD + f"x: {chain}\n").graph.nodes[-1].op) == name


def test_kinds_know_no_width(bound: Bound) -> None:
    thin, wide = (bound(HEAD + f"x: conv 3x3 {8 * n} groups={n}\n").graph for n in (2, 8))
    assert list(totals(thin)) == list(totals(wide)) == ["conv 3x3 grouped"]


def test_what_stands_in_for_a_kind() -> None:
    assert relatives("conv 9x9/2 dilated") == ("conv", LAYERS)
    assert relatives("silu") == ("silu", OTHERS)


def test_features_of_one_node(bound: Bound) -> None:
    graph = bound(HEAD + "x: [ conv 3x3/2 4 | maxpool 2x2/2 valid ]\n").graph
    found = {name: dict(zip(FEATURES, sums, strict=True)) for name, sums in totals(graph).items()}
    cells = 8 * 8
    weights = 8 * 4 * 9
    assert found["conv 3x3/2"] == {
        "nodes": 1,
        "macs": weights * cells,
        "params": weights,
        "read": 8 * 16 * 16,
        "put_out": 4 * cells,
    }
    assert found["concat"]["read"] == found["concat"]["put_out"] == 12 * cells


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_shipped_texts_have_few_kinds_and_nothing_is_lost(path: Path) -> None:
    graph = bind(find_text(str(path)).space()).graph
    sums = totals(graph)
    nodes, macs, params = (sum(found[index] for found in sums.values()) for index in range(3))
    assert (macs, params) == (count(graph).macs, count(graph).params)
    assert nodes == len(list(timed(graph))) == len(graph.nodes) - len(graph.inputs)
    assert len(sums) <= 30
