"""One change to a net is told as that lever at that place, and as nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.compare import Change, difference
from explorer.graph import Graph, fingerprint
from explorer.space import Candidate
from tests.compare.texts import Edit, Line, block_edits, branch_edits, conv_edits, nets, text

Bound = Callable[..., Candidate]


def places(changes: tuple[Change, ...]) -> set[tuple[str, str]]:
    return {(one.lever, spot.a or spot.b or "") for one in changes for spot in one.spots}


def graphs(bound: Bound, edit: Edit) -> tuple[Graph, Graph]:
    return bound(edit.before).graph, bound(edit.after).graph


@pytest.mark.parametrize(
    "kind",
    ["kernel", "channels", "activation", "normalization", "groups", "dilation", "factorization"],
)
@given(data=st.data())
def test_a_convolution(bound: Bound, kind: str, data: st.DataObject) -> None:
    edit = data.draw(conv_edits(kind))
    before, after = graphs(bound, edit)
    found = difference(before, after)
    assert places(found) == edit.expected
    assert {one.lever for one in difference(after, before)} == {lever for lever, _ in edit.expected}


@given(edit=branch_edits())
def test_a_branch_less(bound: Bound, edit: Edit) -> None:
    before, after = graphs(bound, edit)
    (gone,) = difference(before, after)
    assert places((gone,)) == edit.expected
    assert gone.b is None
    (back,) = difference(after, before)
    assert back.a is None


@given(edit=block_edits())
def test_a_block_more(bound: Bound, edit: Edit) -> None:
    before, after = graphs(bound, edit)
    (more,) = difference(before, after)
    assert places((more,)) == edit.expected
    assert more.line() == "depth: block cell added (5 nodes) at more"


@given(lines=nets(), others=nets())
def test_nothing_is_said_exactly_when_both_compute_the_same(
    bound: Bound, lines: list[Line], others: list[Line]
) -> None:
    a, b = bound(text(lines)).graph, bound(text(others)).graph
    assert difference(a, a) == ()
    assert (difference(a, b) == ()) == (fingerprint(a) == fingerprint(b))


@given(lines=nets(), others=nets())
def test_the_other_way_round_every_arrow_turns(
    bound: Bound, lines: list[Line], others: list[Line]
) -> None:
    a, b = bound(text(lines)).graph, bound(text(others)).graph
    assert difference(b, a) == tuple(change.reversed() for change in difference(a, b))


@given(lines=nets())
def test_names_make_no_difference(bound: Bound, lines: list[Line]) -> None:
    plain = text(lines)
    assert difference(bound(plain).graph, bound(plain.replace("piece", "row")).graph) == ()


@given(edit=conv_edits("kernel"))
def test_a_change_is_found_under_other_names(bound: Bound, edit: Edit) -> None:
    after = edit.after.replace("piece", "row")
    found = difference(bound(edit.before).graph, bound(after).graph)
    assert places(found) == edit.expected
