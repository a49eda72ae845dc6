"""Everything that a text can say is drawn sooner or later."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from random import Random
from typing import Any, get_args

from explorer.language import parse, syntax
from explorer.ops import JOINS, OPS
from explorer.space import bind
from explorer.space.expression import NAMED
from tests.properties.meaning import space_of
from tests.properties.random_ops import DRAWERS
from tests.properties.texts import a_net, a_space

TEXTS = 300


@cache
def drawn() -> tuple[str, ...]:
    every = (str((a_space if seed % 2 else a_net)(Random(seed))) for seed in range(TEXTS))
    return tuple(every)


@cache
def said() -> tuple[Any, ...]:
    """Every value of every tree."""
    return tuple(value for text in drawn() for value in inside(parse(text)))


def inside(value: Any) -> Any:
    if isinstance(value, syntax.Located):
        yield value
        value = tuple(getattr(value, field.name) for field in fields(value))
    if isinstance(value, tuple):
        for item in value:
            yield from inside(item)


def found(kind: type) -> list[Any]:
    return [value for value in said() if isinstance(value, kind)]


def test_every_op_has_its_place_in_the_generator() -> None:
    assert set(DRAWERS) == set(OPS)


def test_every_op_is_drawn() -> None:
    assert set(OPS) <= {apply.name for apply in found(syntax.Apply)}


def test_every_op_and_join_is_in_some_graph() -> None:
    graphs = [bind(space_of(text), heads=True).graph for text in drawn()]
    names = {node.op.name for graph in graphs for node in graph.nodes}
    assert {*OPS, "input", *(join.name for join in JOINS.values())} <= names
    assert any(len(graph.inputs) > 2 for graph in graphs)
    assert any(len(graph.outputs) - len(graph.heads) > 2 for graph in graphs)
    kinds = {(node.shape.kind, len(node.shape.grid)) for g in graphs for node in g.nodes}
    assert {("map", 2), ("map", 1), ("tokens", 1), ("vector", 0), ("ids", 1)} <= kinds


def test_every_argument_of_every_op_is_drawn() -> None:
    arguments = [(a.name, each) for a in found(syntax.Apply) for each in a.arguments]
    words = {(op, a.value.name) for op, a in arguments if isinstance(a.value, syntax.Name)}
    words |= {(op, a.name) for op, a in arguments if isinstance(a, syntax.Named)}
    slashes = {op for op, a in arguments if isinstance(a, syntax.Positional) and a.over}
    for op in OPS.values():
        named = [p.name for p in op.signature.named if p.name not in op.signature.flags]
        said_by_flag = {name for name, _ in op.signature.flags.values()}
        for word in (*op.signature.flags, *(name for name in named if name not in said_by_flag)):
            assert (op.name, word) in words, f"{op.name} {word}"
        assert op.signature.over is None or op.name in slashes, op.name


def test_every_kind_of_syntax_is_drawn() -> None:
    kinds = {
        kind
        for kind in vars(syntax).values()
        if isinstance(kind, type) and issubclass(kind, syntax.Located)
    }
    # A used file is another one; tests of 'alone' put the blocks of a text into it.
    missing = kinds - {type(value) for value in said()}
    assert missing == {syntax.Located, syntax.Statement, syntax.Use}


def test_every_form_of_an_element_is_drawn() -> None:
    kinds = set(get_args(syntax.JoinKind))
    assert {join.kind for join in found(syntax.Join)} == kinds
    assert {splat.kind for splat in found(syntax.Splat)} == kinds
    repeats = {(repeat.each, bool(repeat.counter)) for repeat in found(syntax.Repeat)}
    assert len(repeats) == 4
    assert {c.otherwise is None for c in found(syntax.Conditional)} == {True, False}
    assert any(branch.when for branch in found(syntax.Branch))
    assert {type(part.element) for part in found(syntax.Part) if part.alias} >= {
        *(syntax.Apply, syntax.Call, syntax.Group, syntax.Repeat, syntax.Join),
    }
    assert any(item.name for call in found(syntax.Call) for item in call.items)


def test_every_form_of_a_declaration_is_drawn() -> None:
    knobs = found(syntax.Knob)
    spans = [knob.domain for knob in knobs if isinstance(knob.domain, syntax.Span)]
    assert {span.log for span in spans} == {span.step is None for span in spans} == {True, False}
    assert {knob.default is None for knob in knobs} == {True, False}
    assert {lever.default is None for lever in found(syntax.Lever)} == {True, False}
    assert any(parameter.default for parameter in found(syntax.Parameter))
    inner = [type(s) for block in found(syntax.Block) for s in block.body]
    assert {syntax.Param, syntax.Knob, syntax.Lever, syntax.Require, syntax.Line} == set(inner)


def test_every_function_sign_and_word_is_drawn() -> None:
    assert set(NAMED) <= {function.name for function in found(syntax.Function)}
    signs = {binary.op for binary in found(syntax.Binary)}
    assert {"+", "-", "*", "/", "//", "<", "<=", ">", ">=", "==", "!=", "and", "or"} <= signs
    assert {unary.op for unary in found(syntax.Unary)} == {"-", "not"}
    names = {value.name for value in (*found(syntax.Name), *found(syntax.Apply))}
    assert {"classes", "channels", "input", "before", "id", "zero", "global"} <= names
    starts = [line.chain.parts[0].element for line in found(syntax.Line)]
    assert any(isinstance(e, syntax.Apply) and e.name.startswith(("y", "v")) for e in starts)
