"""Python expressions as small trees, laid out in lines as ruff would format them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from keyword import iskeyword

WIDTH = 100  # characters in a line
STEP = 4
_WRITTEN_OUT = 2  # equal layers in a row; more of them are a comprehension
_STEPS = 4  # layers in a row whose one number grows evenly; as many are a comprehension


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for the text of an argument, which is known later.

    An argument with the text ``default`` is left out.
    """

    index: int
    default: str | None = None


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


@dataclass(frozen=True, slots=True)
class Repeated:
    """A value that a list has again and again: ``[nn.ReLU() for _ in range(4)]``."""

    value: Expression
    clause: str


Expression = str | Hole | Call | Infix | Repeated


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
        case Call(head="copies("):
            return _copies([fill(value, texts) for _, value in expression.items])
        case Call(head=head, items=items, close=close):
            given = ((name, value) for name, value in items if not _is_default(value, texts))
            return Call(head, tuple((name, fill(value, texts)) for name, value in given), close)
        case Infix(sign=sign, operands=operands):
            return Infix(sign, tuple(fill(operand, texts) for operand in operands))
    return expression


def calls(expression: Expression) -> int:
    """How many things are made in an expression, not counting the containers around them."""
    if not isinstance(expression, Call):
        return 0
    inside = sum(calls(value) for _, value in expression.items)
    return inside or 1


def _copies(values: list[Expression]) -> Call:
    """Layers in a row, written once where they are made in the same way."""
    written = _growing(values)
    if len(values) > _WRITTEN_OUT and all(value == values[0] for value in values):
        written = Repeated(values[0], f"for _ in range({len(values)})")
    return Call("copies(", (("*", written),)) if written else call("copies", *values)


def _growing(values: list[Expression]) -> Repeated | None:
    """Calls whose only argument grows evenly, written once; None if these are none, or few."""
    numbers = [_only_number(value) for value in values]
    known = [number for number in numbers if number is not None]
    heads = {value.head for value in values if isinstance(value, Call)}
    steps = {after - before for before, after in pairwise(known)}
    if len(known) < max(_STEPS, len(values)) or len(heads) > 1 or len(steps) > 1 or min(steps) < 1:
        return None
    one = Call(heads.pop(), (("", "n"),))
    return Repeated(one, f"for n in range({known[0]}, {known[-1] + 1}, {steps.pop()})")


def _only_number(value: Expression) -> int | None:
    """The whole number that a call has as its only argument."""
    match value:
        case Call(items=(("", str(text)),)) if text.isdigit():
            return int(text)
    return None


def _is_default(value: Expression, texts: Sequence[str]) -> bool:
    return isinstance(value, Hole) and texts[value.index] == value.default


def flat(expression: Expression) -> str:
    """The expression on one line, however long."""
    match expression:
        case Call(head=head, items=items, close=close):
            return head + ", ".join(f"{name}{flat(value)}" for name, value in items) + close
        case Infix(sign=sign, operands=operands):
            return f" {sign} ".join(flat(operand) for operand in operands)
        case Repeated(value=value):
            return f"[{flat(value)} {expression.clause}]"
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
    if isinstance(expression, Repeated):
        return _lay_repeated(before, expression, after, indent)
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


def _lay_repeated(before: str, expression: Repeated, after: str, indent: int) -> list[str]:
    outer, inner = " " * indent, " " * (indent + STEP)
    value = lay("", expression.value, indent=indent + STEP)
    return [f"{outer}{before}[", *value, f"{inner}{expression.clause}", f"{outer}]{after}"]
