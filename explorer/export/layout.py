"""Python expressions as small trees, laid out in lines as ruff would format them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword

WIDTH = 100  # characters in a line
STEP = 4


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for the text of an argument, which is known later."""

    index: int


@dataclass(frozen=True, slots=True)
class Call:
    """Anything in brackets: ``head`` ends with the opening one, ``close`` is the closing one.

    An item is what stands in front of a value (``padding=``, or nothing) and the value.
    """

    head: str
    items: tuple[tuple[str, Expression], ...]
    close: str = ")"


@dataclass(frozen=True, slots=True)
class Infix:
    """Operands with one sign between them."""

    sign: str
    operands: tuple[Expression, ...]


Expression = str | Hole | Call | Infix


def call(head: str, *values: Expression) -> Call:
    """A call with positional arguments: ``call("f", "x")`` is ``f(x)``."""
    return Call(f"{head}(", tuple(("", value) for value in values))


def is_plain(name: str) -> bool:
    """Whether a name of the language can stand behind a dot in a class and mean itself there."""
    return name.isidentifier() and not iskeyword(name) and not name.startswith("__")


def fill(expression: Expression, texts: Sequence[str]) -> Expression:
    """The same expression with ``texts`` in its holes."""
    match expression:
        case Hole(index=index):
            return texts[index]
        case Call(head=head, items=items, close=close):
            return Call(head, tuple((name, fill(value, texts)) for name, value in items), close)
        case Infix(sign=sign, operands=operands):
            return Infix(sign, tuple(fill(operand, texts) for operand in operands))
    return expression


def flat(expression: Expression) -> str:
    """The expression on one line, however long."""
    match expression:
        case Call(head=head, items=items, close=close):
            return head + ", ".join(f"{name}{flat(value)}" for name, value in items) + close
        case Infix(sign=sign, operands=operands):
            return f" {sign} ".join(flat(operand) for operand in operands)
        case Hole():
            raise AssertionError("a hole is filled before it is laid out")
    return expression


def lay(before: str, expression: Expression, after: str = "", indent: int = 0) -> list[str]:
    """The lines of ``before expression after``; broken inside brackets where it is too long."""
    line = f"{' ' * indent}{before}{flat(expression)}{after}"
    if len(line) <= WIDTH or isinstance(expression, (str, Hole)):
        return [line]
    if isinstance(expression, Infix):
        return _lay_infix(before, expression, after, indent)
    lines = [f"{' ' * indent}{before}{expression.head}"]
    for name, value in expression.items:
        lines += lay(name, value, ",", indent + STEP)
    return [*lines, f"{' ' * indent}{expression.close}{after}"]


def _lay_infix(before: str, expression: Infix, after: str, indent: int) -> list[str]:
    inside = " " * (indent + STEP)
    whole = inside + flat(expression)
    if len(whole) <= WIDTH:
        body = [whole]
    else:
        first, *rest = (flat(operand) for operand in expression.operands)
        body = [inside + first, *(f"{inside}{expression.sign} {operand}" for operand in rest)]
    return [f"{' ' * indent}{before}(", *body, f"{' ' * indent}){after}"]
