"""``before``: what entered the call that made a block's input (NASNet's skip)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.space import Candidate

Bound = Callable[..., Candidate]
CELL = "block cell(n):\n  [ input > conv 1x1 n + before > conv 3x3 n ]\n"


def read(candidate: Candidate, path: str) -> str:
    """The node that the node at ``path`` reads."""
    graph = candidate.graph
    node = next(node for node in graph.nodes if node.path == path)
    return graph.nodes[node.inputs[0]].path


@pytest.mark.parametrize(
    ("lines", "path", "source"),
    [
        ("a: cell(4)\n", "a.b2.conv1", "input"),
        ("a: conv 1x1 4\nb: cell(4)\n", "b.b2.conv1", "a.conv1"),
        ("a: cell(4)\nb: cell(4)\n", "b.b2.conv1", "input"),
        ("a: cell(4)\nb: cell(4)\nc: cell(4)\n", "c.b2.conv1", "a.add1"),
        ("a: repeat 4 (cell(4))\n", "a.4.b2.conv1", "a.2.add1"),
        ("a: repeat 2 (cell(4))\nb: cell(4)\n", "b.b2.conv1", "a.1.add1"),
        ("a: stage(4)\nb: stage(4)\n", "b.repeat1.1.b2.conv1", "a.repeat1.1.add1"),
        ("a: cell(4)\nb: relu > dropout 0.1\nc: cell(4)\n", "c.b2.conv1", "input"),
        ("a: cell(4)\nb: [ relu + tanh ]\nc: cell(4)\n", "c.b2.conv1", "b.add1"),
    ],
)
def test_before_is_what_entered_the_call_before(
    bound: Bound, lines: str, path: str, source: str
) -> None:
    stage = "block stage(n):\n  id > repeat 2 (cell(n))\n" if "stage" in lines else ""
    assert read(bound(f"net n\ninput 4x8x8\n{CELL}{stage}{lines}"), path) == source


def test_a_call_that_lets_its_input_through_made_nothing(bound: Bound) -> None:
    text = f"net n\ninput 4x8x8\n{CELL}block idle():\n  id\na: cell(4)\nb: idle()\nc: cell(4)\n"
    assert read(bound(text), "c.b2.conv1") == "input"
