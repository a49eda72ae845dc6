"""Families: one text, several nets."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.space import bind
from explorer.space.library import Text, find_text

FAMILY = """space family "a family"
input 3x32x32  classes 10
param depth = 1
knob n = 8 in 8..64 step 8
lever pool in {max, avg}
expect macs=1
member small (depth=2)
member big (depth=3, n=16, pool=avg) expect macs=2
x: repeat depth (conv 3x3 n) > choose pool { max: maxpool 2x2/2 valid | avg: avgpool 2x2/2 valid }
"""


def member(name: str) -> Text:
    return Text("family.space", FAMILY, name)


def test_a_member_sets_params_knobs_and_levers() -> None:
    candidate = bind(member("big").space())
    ops = [node.op.name for node in candidate.graph.nodes]
    assert ops == ["input", "conv", "conv", "conv", "avgpool"]
    assert candidate.graph.nodes[1].shape.channels == 16
    assert candidate.graph.name == "family_big"


def test_a_member_has_its_own_expectations() -> None:
    big, small = member("big").space().expected, member("small").space().expected
    assert big is not None
    assert big.counts == {"macs": 2}
    assert small is None


def test_a_member_that_carries_the_name_of_its_family_keeps_its_own() -> None:
    text = FAMILY.replace("member small", "member family18")
    assert Text("f", text, "family18").space().name == "family18"


def test_choices_of_a_member_stay_open() -> None:
    space = member("big").space()
    assert list(space.choices) == ["n", "pool"]
    assert bind(space, {"n": 64}).graph.nodes[1].shape.channels == 64


def test_a_member_alone_is_a_text_of_its_own() -> None:
    alone = member("big").alone()
    assert "member" not in alone.content
    assert count(bind(alone.space()).graph) == count(bind(member("big").space()).graph)


def test_a_member_is_named_behind_a_colon(tmp_path: Path) -> None:
    path = tmp_path / "family.space"
    path.write_text(FAMILY)
    assert find_text(f"{path}:big").member == "big"
    assert find_text(str(path)).member is None


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("bog", ("", ""), "no member is called 'bog'; did you mean 'big'? (it has: small, big)"),
        ("big", ("pool=avg", "pool=3"), "a lever takes one of its alternatives, got 3"),
        ("big", ("pool=avg", "pool=sum"), "'sum' is no alternative of 'pool' (it has: max, avg)"),
        ("big", ("n=16", "n=9"), "the default 9 of n is not in its domain"),
        ("big", ("depth=3", "depht=3"), "called 'depht'; did you mean 'depth'?"),
    ],
)
def test_what_is_no_member_is_refused(name: str, change: tuple[str, str], message: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        bind(Text("family.space", FAMILY.replace(*change), name).space())
    assert message in caught.value.message
