"""The syntax tree: what a text says, before anything is known about ops, blocks or shapes.

Every value is frozen and compares by content alone: places are left out of equality, so that
``parse(print(tree)) == tree`` can be asked. Comments and blank lines belong to the statements that
they stand before or behind, so that formatting never loses one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from explorer.errors import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Anything that stands somewhere in a text; trees made by a program have no place."""

    place: Place | None = field(default=None, compare=False, repr=False)


# ---- expressions


@dataclass(frozen=True, slots=True)
class Number(Located):
    """A literal, kept as written: ``8``, ``0.4``, ``1e-4``."""

    text: str

    @property
    def value(self) -> Fraction:
        return Fraction(self.text)


@dataclass(frozen=True, slots=True)
class Name(Located):
    name: str


@dataclass(frozen=True, slots=True)
class Dims(Located):
    """Sizes joined by ``x``: a kernel ``1x7``, a shape ``3x224x224``."""

    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Item(Located):
    """One entry of a parenthesis, named or not."""

    value: Expr
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Tuple(Located):
    """A parenthesis as an argument: one item is arithmetic, several are a tuple."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Unary(Located):
    op: Literal["-", "not"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Located):
    """Arithmetic, comparison or logic; ``op`` is the sign as written."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Function(Located):
    name: str
    arguments: tuple[Expr, ...]


Expr = Number | Name | Dims | Tuple | Unary | Binary | Function


# ---- chains


@dataclass(frozen=True, slots=True)
class Positional(Located):
    """``3x3``, ``n1``, or with a stride ``3x3/2``."""

    value: Expr
    over: Expr | None = None


@dataclass(frozen=True, slots=True)
class Named(Located):
    name: str
    value: Expr


Argument = Positional | Named


@dataclass(frozen=True, slots=True)
class Apply(Located):
    """An op with its arguments, or a value's name, or a block without parameters."""

    name: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Located):
    """A block with its arguments: ``inception(64, 96, 128, 16, 32, 32)``."""

    name: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Group(Located):
    chain: Chain


@dataclass(frozen=True, slots=True)
class Repeat(Located):
    """Copies of a chain; ``each`` gives every copy knobs of its own."""

    count: Expr
    chain: Chain
    each: bool = False
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional(Located):
    """``if (test) (then) else (otherwise)``; without ``else`` the value passes through."""

    test: Expr
    then: Chain
    otherwise: Chain | None = None


@dataclass(frozen=True, slots=True)
class Option(Located):
    name: str
    chain: Chain


@dataclass(frozen=True, slots=True)
class Choose(Located):
    lever: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Branch(Located):
    """One way through a join; ``when`` removes it, rather than turning it into the identity."""

    chain: Chain
    when: Expr | None = None


JoinKind = Literal["|", "+", "*"]


@dataclass(frozen=True, slots=True)
class Join(Located):
    kind: JoinKind
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Splat(Located):
    """A join over the copies of one chain: ``[+ repeat 32 (path(4))]``."""

    kind: JoinKind
    repeat: Repeat


Element = Apply | Call | Group | Repeat | Conditional | Choose | Join | Splat


@dataclass(frozen=True, slots=True)
class Part(Located):
    element: Element
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Chain(Located):
    parts: tuple[Part, ...]


# ---- statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Located):
    """Comment lines before it (an empty string is a blank line) and the one behind it."""

    before: tuple[str, ...] = ()
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Language(Statement):
    version: int


@dataclass(frozen=True, slots=True)
class Net(Statement):
    kind: Literal["net", "space"]
    name: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Use(Statement):
    path: str


@dataclass(frozen=True, slots=True)
class Input(Statement):
    """``input words: ids 16 dtype int32``; a map unless ``kind`` says otherwise."""

    shape: Dims | Tuple | Number
    name: str | None = None
    kind: str | None = None
    classes: Expr | None = None
    width: Expr | None = None
    rounded: Expr | None = None
    dtype: Expr | None = None


@dataclass(frozen=True, slots=True)
class Output(Statement):
    """The values that leave the net, when they are not the last line's alone."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Default(Statement):
    op: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Expect(Statement):
    """Counts that the net must have, and where they were published."""

    counts: tuple[Named, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Member(Statement):
    """One net of a family: values for params, knobs and levers of the text."""

    name: str
    values: Tuple
    expect: Expect | None = None


@dataclass(frozen=True, slots=True)
class Param(Statement):
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Span(Located):
    """Multiples of ``step`` from ``low`` to ``high``; ``log`` says how to draw from them."""

    low: Expr
    high: Expr
    step: Expr | None = None
    log: bool = False


@dataclass(frozen=True, slots=True)
class Choices(Located):
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Knob(Statement):
    name: str
    domain: Span | Choices
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Lever(Statement):
    name: str
    alternatives: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Require(Statement):
    test: Expr


@dataclass(frozen=True, slots=True)
class Parameter(Located):
    name: str
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Line(Statement):
    chain: Chain
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Aux(Statement):
    weight: Number
    chain: Chain


Inner = Param | Knob | Lever | Require | Line


@dataclass(frozen=True, slots=True)
class Block(Statement):
    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    below: tuple[str, ...] = ()  # comments at its end


@dataclass(frozen=True, slots=True)
class File(Located):
    """A whole text; ``trailing`` are the comments behind its last statement."""

    name: str = field(compare=False)
    statements: tuple[Statement, ...]
    trailing: tuple[str, ...] = ()
