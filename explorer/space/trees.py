"""Rewriting syntax trees: replace, find, substitute, splice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any, TypeVar

from explorer.language import syntax
from explorer.language.syntax import Apply, Chain, Name, Number, Part
from explorer.ops import ACTS, NORMS, OPS
from explorer.space.expression import Constant, Value
from explorer.space.names import Frame, LeverName, ValueName, Word
from explorer.space.resolve import resolve

IDENTITY = Part(Apply("id"))
T = TypeVar("T")


def rewritten(node: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with ``change`` applied to its every value, innermost first."""
    if isinstance(node, tuple):
        return tuple(rewritten(item, change) for item in node)
    if not isinstance(node, syntax.Located) or _is_word(node):
        return node
    new = {f.name: rewritten(getattr(node, f.name), change) for f in fields(node) if f.compare}
    return change(replace(node, **new))


def inside(node: Any) -> Iterator[Any]:
    """Every value of a tree, in the order of the text."""
    if isinstance(node, syntax.Located):
        yield node
        node = () if _is_word(node) else tuple(getattr(node, f.name) for f in fields(node))
    if isinstance(node, tuple):
        for item in node:
            yield from inside(item)


def _is_word(node: object) -> bool:
    """Whether this is an argument such as ``norm=batch``, which names nothing."""
    if not (isinstance(node, syntax.Named) and isinstance(node.value, Name)):
        return False
    return (node.name == "norm" and node.value.name in NORMS) or (
        node.name == "act" and node.value.name in ACTS
    )


def names(node: Any) -> dict[str, None]:
    """Everything that a tree asks for by name, in the order of the text."""
    return {value.name: None for value in inside(node) if isinstance(value, Name | Apply)}


def substituted(node: T, numbers: Mapping[str, syntax.Expr]) -> T:
    """The tree with numbers for names, and with the arithmetic done that this decides."""

    def change(value: Any) -> Any:
        match value:
            case Name(name=name) if name in numbers:
                return numbers[name]
            case Apply(name=name) if isinstance(other := numbers.get(name), Name):
                return replace(value, name=_as_element(other.name))
            case syntax.Tuple(items=(syntax.Item(value=Number() as number, name=None),)):
                return number
            case syntax.Binary() | syntax.Unary() | syntax.Function() if not names(value):
                result = known_value(value, Frame(""))
                if result is not None and not isinstance(result, bool):
                    return literal(result)
        return value

    found: T = rewritten(node, change) if numbers.keys() & names(node).keys() else node
    return found


def _as_element(name: str) -> str:
    """A name that stood for an argument, as an element of a chain."""
    return (NORMS | ACTS)[name] or "id" if name in (*NORMS, *ACTS) else name


def known_value(expr: syntax.Expr, frame: Frame) -> Value | None:
    if isinstance(expr, Name) and not is_number(expr.name, frame):
        return None
    result = resolve(expr, frame)
    return result.value if isinstance(result, Constant) else None


def is_number(name: str, frame: Frame) -> bool:
    """Whether a name means a number, rather than a word, a lever or a value."""
    meaning = frame.find(name)
    is_word = meaning is None and name in (*NORMS, *ACTS)
    return not (is_word or isinstance(meaning, LeverName | ValueName | Word))


def chain_of(parts: Iterable[Part]) -> Chain:
    """The chain of these parts without idle ones; alone, ``id`` stays."""
    return Chain(tuple(part for part in parts if part != IDENTITY) or (IDENTITY,))


def spliced(before: Sequence[Part], parts: Sequence[Part]) -> list[Part]:
    """Parts as they may stand behind others: a named value only begins a chain."""
    first = parts[0].element if parts else None
    if before and isinstance(first, Apply) and first.name not in (*OPS, "id"):
        return [Part(syntax.Group(Chain(tuple(parts))))]
    return list(parts)


def one_copy(chain: Chain) -> list[Part]:
    """The parts of one copy; its own names, when it has some, stay its own."""
    if names_values(chain):
        return [Part(syntax.Repeat(Number("1"), chain))]
    return list(chain.parts)


def names_values(node: object) -> bool:
    return any(isinstance(value, Part) and value.alias for value in inside(node))


def needed(statements: Sequence[syntax.Statement]) -> list[syntax.Statement]:
    """The statements without the params that nothing reads."""
    asked = names(tuple(s for s in statements if not isinstance(s, syntax.Param)))
    for statement in reversed(statements):
        if isinstance(statement, syntax.Param) and statement.name in asked:
            asked |= names(statement.value)
    return [s for s in statements if not isinstance(s, syntax.Param) or s.name in asked]


def literal(value: Value) -> syntax.Expr:
    if value < 0:
        return syntax.Unary("-", literal(-value))
    exact = Fraction(value)
    number = Number(str(exact.numerator))
    if exact.denominator == 1:
        return number
    return syntax.Binary("/", number, Number(str(exact.denominator)))
