"""A space with every block inlined and every name resolved, waiting for an assignment.

All alternatives of all levers are there side by side; only knobs, levers and the channels that
arrive are open. ``bind`` reads a template for one assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from explorer.errors import Place
from explorer.ops import Op, Parameter
from explorer.space.expression import Expression
from explorer.space.written import Written


@dataclass(frozen=True, slots=True)
class Site:
    """Where an element stands: in which text, and through which calls, innermost first."""

    place: Place | None
    calls: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class OpArgument:
    """One argument: expressions to evaluate, or a word that stands for itself.

    ``scaled`` marks a channel count that the net's width multiplies, ``key`` the value that an op
    reads beside the one that arrives.
    """

    parameter: Parameter
    values: tuple[Expression, ...] = ()
    word: object = None
    is_tuple: bool = False
    scaled: bool = False
    key: str | None = None
    written: tuple[Written, ...] = field(default=(), compare=False)  # for errors


@dataclass(frozen=True, slots=True)
class OpElement:
    op: type[Op]
    arguments: tuple[OpArgument, ...]
    path: str
    site: Site
    bias: bool | None = None  # None: the op has no say in it


@dataclass(frozen=True, slots=True)
class Sequence:
    """Elements one after another; with a ``scope`` when it has a name of its own."""

    elements: tuple[Element, ...]
    scope: str | None = None
    block: str | None = None
    entry: str | None = None  # the key under which a call keeps what enters it
    site: Site = Site(None)


@dataclass(frozen=True, slots=True)
class BranchElement:
    body: Sequence
    when: Expression | None = None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class JoinElement:
    kind: str
    branches: tuple[BranchElement, ...]
    path: str
    site: Site


@dataclass(frozen=True, slots=True)
class Select:
    """The alternatives of a lever."""

    lever: str
    options: Mapping[str, Sequence]


@dataclass(frozen=True, slots=True)
class Guard:
    """One of two ways; without ``otherwise`` the value passes through."""

    test: Expression
    then: Sequence
    otherwise: Sequence | None
    site: Site


@dataclass(frozen=True, slots=True)
class Copies:
    """The first ``count`` of these."""

    count: Expression
    copies: tuple[Sequence, ...]
    site: Site


@dataclass(frozen=True, slots=True)
class Load:
    """Go on from a named value."""

    key: str
    site: Site


@dataclass(frozen=True, slots=True)
class Store:
    """Give the current value a name."""

    key: str


@dataclass(frozen=True, slots=True)
class Head:
    """An auxiliary classifier: there in training, with this weight on its loss."""

    weight: Fraction
    body: Sequence
    site: Site


Element = OpElement | Sequence | JoinElement | Select | Guard | Copies | Load | Store | Head
