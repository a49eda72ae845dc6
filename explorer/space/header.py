"""The head of a text: what it is called, what enters it, and what it declares once for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeVar

from explorer.errors import NetError
from explorer.language import syntax
from explorer.ops import OPS, Shape, image
from explorer.space.expression import FUNCTIONS, Value, exact
from explorer.space.names import check_name, suggestion
from explorer.space.space import Header

LANGUAGE = 1  # the version of the language that this package reads


@dataclass(frozen=True, slots=True)
class Rebind:
    """Header items to replace. None keeps what the text says."""

    input: Shape | None = None
    classes: int | None = None
    width: Fraction | None = None
    params: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    """Everything in a text but its lines, knobs, levers and requirements."""

    kind: Literal["net", "space"]
    name: str
    title: str
    header: Header
    defaults: Mapping[str, tuple[syntax.Argument, ...]]
    blocks: Mapping[str, syntax.Block]
    expected: Mapping[str, int]
    called: set[str] = field(default_factory=set)


def read_heading(file: syntax.File, rebind: Rebind) -> Heading:
    """The heading of a text, with ``rebind`` laid over its header.

    Raises:
        NetError: the net or input statement is missing or there twice, or a name is taken.
    """
    _check_version(file)
    net = _one(file, syntax.Net, "net googlenet")
    source = _one(file, syntax.Input, "input 3x224x224 classes 1000")
    header = _rebound(_header(source, _params(file, rebind.params)), rebind)
    expected = {
        count.name: _count(count)
        for s in file.statements
        if isinstance(s, syntax.Expect)
        for count in s.counts
    }
    title = net.title or ""
    return Heading(net.kind, net.name, title, header, _defaults(file), _blocks(file), expected)


def _check_version(file: syntax.File) -> None:
    later = {syntax.Use: "use", syntax.Member: "member", syntax.Aux: "aux"}
    for statement in file.statements:
        if isinstance(statement, syntax.Language) and statement.version != LANGUAGE:
            message = f"this text is in language {statement.version}; this version reads {LANGUAGE}"
            raise NetError(message, statement.place)
        if type(statement) in later:
            word = later[type(statement)]
            raise NetError(
                f"'{word}' is reserved, and has no meaning yet in this version", statement.place
            )


S = TypeVar("S", bound=syntax.Statement)


def _one(file: syntax.File, kind: type[S], example: str) -> S:
    found = [statement for statement in file.statements if isinstance(statement, kind)]
    if not found:
        word = kind.__name__.lower()
        raise NetError(f"{file.name}: the '{word}' statement is missing, as in: {example}")
    if len(found) > 1:
        raise NetError(f"a text has one '{kind.__name__.lower()}' statement", found[1].place)
    return found[0]


def _params(file: syntax.File, rebound: Mapping[str, Value]) -> dict[str, Value]:
    """The params in order, so that one may follow from another that was rebound."""
    params: dict[str, Value] = {}
    for statement in file.statements:
        if isinstance(statement, syntax.Param):
            check_name(statement.name, statement.place)
            if statement.name in params:
                raise NetError(f"'{statement.name}' is declared twice", statement.place)
            value = rebound.get(statement.name)
            params[statement.name] = _number(statement.value, params) if value is None else value
    for name in rebound:
        if name not in params:
            known = ", ".join(params) or "none"
            hint = suggestion(name, list(params))
            raise NetError(f"the text has no param '{name}'{hint} (it has: {known})")
    return params


def _header(source: syntax.Input, params: Mapping[str, Value]) -> Header:
    if source.name is not None:
        raise NetError("named inputs are reserved, and have no meaning yet", source.place)
    shape = source.shape
    sizes: list[Value] = (
        list(shape.sizes)
        if isinstance(shape, syntax.Dims)
        else [_number(item.value, params) for item in shape.items]
    )
    whole = [size for size in sizes if isinstance(size, int) and size > 0]
    if len(whole) != len(sizes) or not 2 <= len(sizes) <= 3:
        raise NetError("an input is channels and a grid, as in 3x224x224 or 1x40", shape.place)
    classes = None if source.classes is None else _number(source.classes, params)
    if classes is not None and not (isinstance(classes, int) and classes > 0):
        raise NetError(f"'classes' is a positive whole number, got {classes}", source.place)
    width = Fraction(1) if source.width is None else Fraction(_number(source.width, params))
    rounded = 1 if source.rounded is None else _number(source.rounded, params)
    if width <= 0 or not (isinstance(rounded, int) and rounded > 0):
        raise NetError("'width' is positive and rounded to a positive whole number", source.place)
    return Header(image(whole[0], *whole[1:]), classes, width, rounded, params)


def _rebound(header: Header, rebind: Rebind) -> Header:
    if rebind.classes is not None and rebind.classes < 1:
        raise NetError(f"'classes' is a positive whole number, got {rebind.classes}")
    if rebind.width is not None and rebind.width <= 0:
        raise NetError(f"'width' is positive, got {rebind.width}")
    return replace(
        header,
        input=rebind.input or header.input,
        classes=header.classes if rebind.classes is None else rebind.classes,
        width=header.width if rebind.width is None else rebind.width,
    )


def _number(expr: syntax.Expr, params: Mapping[str, Value]) -> Value:
    """The value of an expression over literals and the params before it."""
    match expr:
        case syntax.Number():
            return exact(expr.value)
        case syntax.Name(name=name) if name in params:
            return params[name]
        case syntax.Tuple(items=(syntax.Item(value=inner),)):
            return _number(inner, params)
        case syntax.Unary(op="-", operand=operand):
            return -_number(operand, params)
        case syntax.Binary(op=op, left=left, right=right) if op in "+-*/" or op == "//":
            try:
                value = FUNCTIONS[op][1](_number(left, params), _number(right, params))
            except ZeroDivisionError:
                raise NetError("division by zero", expr.place) from None
            return exact(value)
    raise NetError("a number is needed here, from literals and earlier params", expr.place)


def _defaults(file: syntax.File) -> dict[str, tuple[syntax.Argument, ...]]:
    defaults: dict[str, tuple[syntax.Argument, ...]] = {}
    for statement in file.statements:
        if not isinstance(statement, syntax.Default):
            continue
        if statement.op not in OPS:
            hint = suggestion(statement.op, list(OPS))
            raise NetError(f"no op is called '{statement.op}'{hint}", statement.place)
        if statement.op in defaults:
            raise NetError(f"'{statement.op}' has its defaults already", statement.place)
        defaults[statement.op] = statement.arguments
    return defaults


def _blocks(file: syntax.File) -> dict[str, syntax.Block]:
    blocks: dict[str, syntax.Block] = {}
    for statement in file.statements:
        if isinstance(statement, syntax.Block):
            check_name(statement.name, statement.place)
            if statement.name in blocks:
                raise NetError(f"the block '{statement.name}' is declared twice", statement.place)
            blocks[statement.name] = statement
    return blocks


def _count(count: syntax.Named) -> int:
    if count.name not in ("macs", "params", "activations"):
        raise NetError("'expect' takes macs=, params= or activations=", count.place)
    value = _number(count.value, {})
    if not isinstance(value, int):
        raise NetError(f"a count is a whole number, got {value}", count.place)
    return value
