"""What stands in the boxes and beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from fractions import Fraction

from explorer.graph import Node, Scope
from explorer.ops import Op, Shape
from explorer.picture.cells import Cell, Folded

_SIGNS = {"add": "+", "multiply": "×", "concat": "concat"}
_SHORT = {"batchnorm": "bn", "layernorm": "ln", "groupnorm": "gn"}
# Arguments that no figure of a paper prints.
_SILENT = {"pad", "bias", "ceil", "excludepad", "eps", "momentum", "alpha", "beta", "k", "affine"}


def sign(node: Node) -> str:
    """The label of a join."""
    return _SIGNS[node.op.name]


def op_words(folded: Folded, cell: Cell) -> str:
    """``conv 3x3/2 64 · bn · relu``."""
    graph, head = folded.graph, folded.head(cell)
    first = sign(head) if folded.is_join(cell) else _op(head.op, graph.shapes(head), head)
    tails = [graph.nodes[index].op.name for index in cell.nodes[1:]]
    return " · ".join([first, *(_SHORT.get(name, name) for name in tails)])


def scope_words(folded: Folded, cell: Cell) -> str:
    """``i3a · inception``, or ``s1.2–4 · bottleneck ×3`` for copies."""
    scopes = [folded.graph.scopes[index] for index in cell.scopes]
    name = _range(scopes[0].path, scopes[-1].path)
    return with_block(name, scopes[0]) + (f" ×{len(scopes)}" if len(scopes) > 1 else "")


def with_block(name: str, scope: Scope) -> str:
    """A scope's name and its block, unless the name is made from the block's."""
    is_said = scope.block is None or name.rpartition(".")[2].rstrip("0123456789") == scope.block
    return name if is_said else f"{name} · {scope.block}"


def puts_out(folded: Folded, cell: Cell) -> str | None:
    """The shape that an op puts out, if its grid is another than what came in."""
    head, last = folded.head(cell), folded.last(cell)
    came = [grid_of(shape) for shape in folded.graph.shapes(head)]
    return str(last.shape) if came and grid_of(last.shape) not in came else None


def grid_of(shape: Shape) -> str:
    """What tells grids apart; a vector and a map of one cell are the same to the eye."""
    return "" if shape.kind != "tokens" and set(shape.grid) <= {1} else grid_words(shape)


def grid_words(shape: Shape) -> str:
    """``56 × 56``, ``196 tokens``, ``vector``."""
    if shape.kind in ("tokens", "ids"):
        return f"{shape.grid[0]} {shape.kind}"
    return " × ".join(str(size) for size in shape.grid) or shape.kind


def percent(share: float) -> str:
    """``8.1%``; whole only where it is."""
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{share:.1%}" if 0 < share < 0.9995 else f"{share:.0%}"


def _range(first: str, last: str) -> str:
    """``s1.2`` and ``s1.4`` as ``s1.2–4``."""
    if first == last:
        return first
    stem, _, word = last.rpartition(".")
    is_same = stem == first.rpartition(".")[0]
    return f"{first}–{word}" if is_same else f"{first} – {last}"


def _op(op: Op, inputs: tuple[Shape, ...], node: Node) -> str:
    if not inputs:
        return f"{node.path} {node.shape}"
    values = {item.name: getattr(op, item.name) for item in fields(op)}
    if not values and op.name == "avgpool":
        return "avgpool global"
    is_depthwise = op.name == "conv" and values["groups"] == inputs[0].channels == _width(values)
    if is_depthwise:
        del values["groups"]
    name = "dwconv" if is_depthwise else _SHORT.get(op.name, op.name)
    return " ".join([name, *_written(op, values), *_named(op, values)])


def _width(values: Mapping[str, object]) -> object:
    """The channels that an op says it puts out, unless it is one alone."""
    return values["channels"] if values["channels"] != 1 else None


def _written(op: Op, values: Mapping[str, object]) -> Iterator[str]:
    """What stands behind the name without names: ``3x3/2``, ``64``."""
    over = op.signature.over
    known = [item for item in op.signature.positional if item.name in values]
    for number, parameter in enumerate(known):
        value = values[parameter.name]
        under = values.get(over.name) if over and not number else None
        behind = "" if under is None or _is_one(under) else f"/{_sizes(under, short=True)}"
        if behind or value != parameter.default:
            yield f"{_sizes(value)}{behind}"


def _named(op: Op, values: Mapping[str, object]) -> Iterator[str]:
    """Arguments with names, unless they are what they mostly are."""
    over = op.signature.over
    for parameter in op.signature.named:
        value = values.get(parameter.name)
        is_usual = value is None or value == parameter.default or _is_one(value)
        if not is_usual and parameter != over and parameter.name not in _SILENT:
            yield f"{parameter.name} {_sizes(value, short=True)}"


def _is_one(value: object) -> bool:
    return value == 1 or (isinstance(value, tuple) and set(value) == {1})


def _sizes(value: object, short: bool = False) -> str:
    """``3x3`` for a pair; with ``short`` equal sizes are said once."""
    if isinstance(value, tuple):
        once = short and len(set(value)) == 1
        return str(value[0]) if once else "x".join(str(size) for size in value)
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)
