"""The head of a text: what it is called, what enters it, and what it declares once for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeVar

from explorer.errors import NetError, Place
from explorer.language import syntax
from explorer.ops import OPS, Input, Shape
from explorer.space.expression import NAMED, Constant, Value, calculate, exact, operation
from explorer.space.inputs import read_input
from explorer.space.members import members
from explorer.space.names import check_name, suggestion, twice
from explorer.space.space import Expected, Header

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
    expected: Expected | None
    outputs: syntax.Output | None
    places: Mapping[str, Place | None]  # of the params
    called: set[str] = field(default_factory=set)


def read_heading(file: syntax.File, rebind: Rebind) -> Heading:
    """The heading of a text, with ``rebind`` laid over its header.

    Raises:
        NetError: the net or input statement is missing or there twice, or a name is taken.
    """
    _check_version(file)
    net = _one(file, syntax.Net, "net googlenet")
    header = _rebound(_header(file, _params(file, rebind.params)), rebind)
    for member in members(file).values():
        _expected(member.expect)
    return Heading(
        net.kind,
        net.name,
        net.title or "",
        header,
        _defaults(file),
        _blocks(file),
        _expected(_at_most_one(file, syntax.Expect)),
        _at_most_one(file, syntax.Output),
        {s.name: s.place for s in file.statements if isinstance(s, syntax.Param)},
    )


def _check_version(file: syntax.File) -> None:
    for statement in file.statements:
        if isinstance(statement, syntax.Language) and statement.version != LANGUAGE:
            message = f"this text is in language {statement.version}; this version reads {LANGUAGE}"
            raise NetError(message, statement.place)
        if isinstance(statement, syntax.Use):
            raise NetError("a file can only be used from a file", statement.place)


S = TypeVar("S", bound=syntax.Statement)


def _one(file: syntax.File, kind: type[S], example: str) -> S:
    found = _at_most_one(file, kind)
    if found is None:
        word = kind.__name__.lower()
        raise NetError(f"{file.name}: the '{word}' statement is missing, as in: {example}")
    return found


def _at_most_one(file: syntax.File, kind: type[S]) -> S | None:
    found = [statement for statement in file.statements if isinstance(statement, kind)]
    if len(found) > 1:
        word, first = kind.__name__.lower(), found[0].place
        before = f"; the first is in line {first.line}" if first else ""
        raise NetError(f"a text has one '{word}' statement{before}", found[1].place)
    return found[0] if found else None


def _params(file: syntax.File, rebound: Mapping[str, Value]) -> dict[str, Value]:
    """The params in order, so that one may follow from another that was rebound."""
    params: dict[str, Value] = {}
    for statement in file.statements:
        if isinstance(statement, syntax.Param):
            check_name(statement.name, statement.place)
            if statement.name in params:
                raise twice(statement.name, statement.place, _first(file, statement))
            value = rebound.get(statement.name)
            params[statement.name] = _number(statement.value, params) if value is None else value
    for name in rebound:
        if name not in params:
            known = ", ".join(params) or "none"
            hint = suggestion(name, list(params))
            raise NetError(f"the text has no param '{name}'{hint} (it has: {known})")
    return params


def _first(file: syntax.File, param: syntax.Param) -> Place | None:
    """Where a param's name was declared first."""
    params = (s for s in file.statements if isinstance(s, syntax.Param))
    return next(other.place for other in params if other.name == param.name)


def _header(file: syntax.File, params: Mapping[str, Value]) -> Header:
    """What the input statements say together; classes and width are said once."""
    sources = [statement for statement in file.statements if isinstance(statement, syntax.Input)]
    if not sources:
        example = "input 3x224x224 classes 1000"
        raise NetError(f"{file.name}: the 'input' statement is missing, as in: {example}")
    inputs = _inputs(sources, params)
    classes = _said_once(sources, "classes")
    width = _said_once(sources, "width")
    return Header(
        inputs,
        None if classes is None else _classes(classes, params),
        *((Fraction(1), 1) if width is None else _width(width, params)),
        params,
        tuple(source.place for source in sources),
    )


def _inputs(sources: list[syntax.Input], params: Mapping[str, Value]) -> tuple[Input, ...]:
    labels: set[str] = set()
    for source in sources:
        if source.name is None and len(sources) > 1:
            example = "input words: ids 16"
            raise NetError(f"each of several inputs has a name, as in: {example}", source.place)
        if source.name is not None:
            check_name(source.name, source.place, is_value=True)
        if source.name in labels:
            first = next(other for other in sources if other.name == source.name)
            raise twice(str(source.name), source.place, first.place)
        labels.add(source.name or "")
    return tuple(read_input(source, lambda value: _number(value, params)) for source in sources)


def _said_once(sources: list[syntax.Input], setting: str) -> syntax.Input | None:
    found = [source for source in sources if getattr(source, setting) is not None]
    if len(found) > 1:
        place = getattr(found[1], setting).place
        raise NetError(f"'{setting}' is said once, at one of the inputs", place)
    return found[0] if found else None


def _classes(source: syntax.Input, params: Mapping[str, Value]) -> int:
    assert source.classes is not None
    classes = _number(source.classes, params)
    if not (isinstance(classes, int) and classes > 0):
        message = f"'classes' is a positive whole number, got {classes}"
        raise NetError(message, source.classes.place)
    return classes


def _width(source: syntax.Input, params: Mapping[str, Value]) -> tuple[Fraction, int]:
    assert source.width is not None and source.rounded is not None
    width, rounded = Fraction(_number(source.width, params)), _number(source.rounded, params)
    if width <= 0:
        raise NetError(f"'width' is positive, got {width}", source.width.place)
    if not (isinstance(rounded, int) and rounded > 0):
        message = f"'rounded' is a positive whole number, got {rounded}"
        raise NetError(message, source.rounded.place)
    return width, rounded


def _rebound(header: Header, rebind: Rebind) -> Header:
    if rebind.classes is not None and rebind.classes < 1:
        raise NetError(f"'classes' is a positive whole number, got {rebind.classes}")
    if rebind.width is not None and rebind.width <= 0:
        raise NetError(f"'width' is positive, got {rebind.width}")
    inputs = header.inputs
    if rebind.input is not None:
        if len(inputs) > 1:
            raise NetError("a net with several inputs keeps its own; it takes no other")
        inputs = (replace(inputs[0], what=rebind.input),)
    return replace(
        header,
        inputs=inputs,
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
            return calculate(op, (_number(left, params), _number(right, params)), expr.place)
        case syntax.Function(name=name, arguments=arguments) if name in NAMED:
            values = tuple(Constant(_number(argument, params)) for argument in arguments)
            result = operation(name, values, expr.place)
            assert isinstance(result, Constant)
            return result.value
    if isinstance(expr, syntax.Name):
        hint = suggestion(expr.name, list(params))
        message = f"no param above is called '{expr.name}'{hint}"
        raise NetError(message, expr.place)
    message = "a number is needed here, made of literals, params above, + - * / // and functions"
    raise NetError(message, expr.place)


def _defaults(file: syntax.File) -> dict[str, tuple[syntax.Argument, ...]]:
    defaults: dict[str, tuple[syntax.Argument, ...]] = {}
    for statement in file.statements:
        if not isinstance(statement, syntax.Default):
            continue
        if statement.op not in OPS:
            hint = suggestion(statement.op, list(OPS))
            message = f"no op is called '{statement.op}'{hint}"
            raise NetError(message, statement.place.at(statement.op) if statement.place else None)
        if statement.op in defaults:
            message = f"{statement.op} has its defaults already, and they hold for the whole text"
            raise NetError(message, statement.place)
        defaults[statement.op] = statement.arguments
    return defaults


def _blocks(file: syntax.File) -> dict[str, syntax.Block]:
    blocks: dict[str, syntax.Block] = {}
    for statement in file.statements:
        if isinstance(statement, syntax.Block):
            check_name(statement.name, statement.place)
            if statement.name in blocks:
                raise twice(statement.name, statement.place, blocks[statement.name].place)
            _check_parameters(statement)
            blocks[statement.name] = statement
    return blocks


def _check_parameters(block: syntax.Block) -> None:
    found: dict[str, Place | None] = {}
    for parameter in block.parameters:
        check_name(parameter.name, parameter.place)
        if parameter.name in found:
            raise twice(parameter.name, parameter.place, found[parameter.name])
        found[parameter.name] = parameter.place


def _expected(statement: syntax.Expect | None) -> Expected | None:
    if statement is None:
        return None
    counts = {count.name: _count(count) for count in statement.counts}
    return Expected(counts, statement.source or "")


def _count(count: syntax.Named) -> int:
    if count.name not in ("macs", "params", "activations"):
        known = ["macs", "params", "activations"]
        message = f"'expect' takes macs=, params= or activations=, not {count.name}="
        raise NetError(message + suggestion(count.name, known), count.place)
    value = _number(count.value, {})
    if not isinstance(value, int):
        raise NetError(f"a count is a whole number, got {value}", count.place)
    return value
