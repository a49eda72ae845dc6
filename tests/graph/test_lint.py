"""The graph's own checks find what is planted, and nothing in a graph of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from explorer.graph import Graph, Node, Output, Scope, lint
from explorer.ops import Input, image
from explorer.ops.conv import Conv
from explorer.ops.elementwise import ReLU
from explorer.ops.join import Add
from explorer.space import Candidate

SOURCE = image(3, 8, 8)
CONV = Conv((1, 1), 3, (1, 1), (0, 0), (1, 1), 1, bias=True)


def node(path: str, op: object, *inputs: int, scope: int = 0) -> Node:
    return Node(path, op, inputs, SOURCE, scope)  # type: ignore[arg-type]


def graph(*nodes: Node, output: int | None = None) -> Graph:
    scopes = (Scope("", -1), Scope("stem", 0, "cell"))
    return Graph(
        "n", nodes, (Output("output", len(nodes) - 1 if output is None else output),), scopes
    )


IN = node("input", Input(SOURCE))
GOOD = graph(IN, node("stem.conv1", CONV, 0, scope=1), node("add1", Add(), 0, 1))


def test_a_good_graph_has_no_problems() -> None:
    assert lint(GOOD) == []


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        (
            (IN, node("relu1", ReLU(), 0), node("other", Input(SOURCE))),
            "other: the inputs are the first nodes, and only those",
        ),
        ((node("relu1", ReLU(), 0),), "relu1: the inputs are the first nodes, and only those"),
        ((IN, node("a.b", ReLU(), 0), node("a", ReLU(), 1)), "a: other nodes lie inside it"),
        ((IN, node("add1", Add(), 0, 2), node("relu1", ReLU(), 1)), "add1: reads a node that"),
        ((IN, node("relu1", ReLU(), 1)), "relu1: reads a node that comes after it"),
        ((IN, node("a", ReLU(), 0), node("a", ReLU(), 1)), "a: two nodes have this path"),
        ((IN, node("conv1", CONV, 0, scope=1)), "conv1: lies outside its scope stem"),
        ((IN, node("stemmed.conv1", CONV, 0, scope=1)), "stemmed.conv1: lies outside its scope"),
        (
            (IN, replace(node("conv1", CONV, 0), shape=image(4, 8, 8))),
            "conv1: says 4x8x8, but its inputs give 3x8x8",
        ),
        (
            (IN, node("left", ReLU(), 0), node("relu1", ReLU(), 0)),
            "left: nothing reads it",
        ),
    ],
)
def test_a_planted_problem_is_found(nodes: tuple[Node, ...], problem: str) -> None:
    found = lint(graph(*nodes))
    assert any(line.startswith(problem) for line in found), found


def test_every_problem_is_told() -> None:
    broken = graph(
        IN,
        replace(node("conv1", CONV, 0, scope=1), shape=image(4, 8, 8)),
        node("conv1", CONV, 0),
    )
    assert len(lint(broken)) == 4


def test_an_op_that_does_not_fit_its_inputs_is_a_problem_like_others() -> None:
    wide = replace(CONV, kernel=(9, 9))
    assert len(lint(graph(IN, node("conv1", wide, 0)))) == 1


def test_what_the_output_is_may_stand_before_the_end() -> None:
    assert lint(graph(IN, node("relu1", ReLU(), 0), output=1)) == []


def test_a_bound_graph_is_clean(bound: Callable[..., Candidate]) -> None:
    text = (
        "net n\ninput 3x8x8 classes 2\n"
        "a: [ conv 3x3 8 norm=batch act=relu > conv 1x1 3 + id ]\n"
        "b: avgpool global > linear classes\n"
    )
    assert lint(bound(text).graph) == []
