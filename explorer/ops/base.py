"""What an op is: a signature, a shape rule, a cost rule and a layer specification, in one place.

The rules are plain integer arithmetic (``+ - * //`` and comparisons), so that the same lines can
serve one candidate or arrays of them; whatever could go wrong is a :class:`Condition` beside the
arithmetic rather than a branch inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

from explorer.ops.shape import KINDS, Kind, Shape

Shapes = tuple[Shape, ...]


class Cost(NamedTuple):
    """What one value costs for one image at inference.

    macs: multiply-adds of convolutions, linear layers and matrix products, no bias.
    params: trainable parameters.
    activations: elements put out by convolutions, linear layers and matrix products
        (Radosavovic et al. 2020, "Designing Network Design Spaces", section 3).
    """

    macs: int = 0
    params: int = 0
    activations: int = 0

    def __add__(self, other: Cost) -> Cost:  # type: ignore[override]
        return Cost(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Saved(NamedTuple):
    """What autograd saves of one node for the backward pass, for one image.

    inputs: whether the values that the node reads are among it.
    output: whether the value that it puts out is.
    elements: how many others, made inside it, of the type that the net computes in.
    fixed_bytes: what indices and masks take, whose types the net does not choose.
    """

    inputs: bool = False
    output: bool = False
    elements: int = 0
    fixed_bytes: int = 0


class Condition(NamedTuple):
    """Something that must not be: ``bad`` is a truth value, or a mask over a batch."""

    bad: Any
    message: Callable[[], str]


class OpError(ValueError):
    """An op does not fit its inputs or its arguments; whoever knows the place adds it."""


# ---- signatures: what may be written behind an op's name


class Argument(Enum):
    """The kinds of argument, by what their values are."""

    SIZES = "whole sizes, one or one per axis"
    PADDING = "'same', 'valid' or whole sizes"
    WIDTH = "a number of channels, scaled by the net's width"
    COUNT = "a positive whole number"
    NUMBER = "a number"
    WORD = "a word"
    VALUE = "a value's name"  # becomes an input of the node; make() does not see it


REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an op: ``words`` are the values that a WORD may take."""

    name: str
    kind: Argument
    default: object = REQUIRED
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What an op takes.

    Attributes:
        positional: in the order in which they are written.
        named: as ``name=value``.
        flags: bare words, and the parameter and value that each stands for.
        over: the parameter that a ``/`` behind the first argument sets (a stride).
    """

    positional: tuple[Parameter, ...] = ()
    named: tuple[Parameter, ...] = ()
    flags: Mapping[str, tuple[str, object]] = field(default_factory=dict)
    over: Parameter | None = None

    def parameters(self) -> dict[str, Parameter]:
        every = (*self.positional, *self.named, *((self.over,) if self.over else ()))
        return {parameter.name: parameter for parameter in every}


# ---- layer specifications: build makes them, export prints them


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of ``torch.nn``, by name, with its arguments."""

    name: str
    args: tuple[object, ...] = ()
    kwargs: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class TorchFunction:
    """A function of ``torch``, which takes its inputs as one list (``listed``) or folds them.

    One input alone is given to the function as it is.
    """

    name: str
    listed: bool = False
    kwargs: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """A small module of :mod:`explorer.build.snippets`, which export copies into its file."""

    name: str
    args: tuple[object, ...] = ()
    kwargs: tuple[tuple[str, object], ...] = ()


Specification = Layer | TorchFunction | Snippet


# ---- ops


@dataclass(frozen=True, slots=True)
class Op:
    """A primitive with its arguments bound. A value of a subclass is one node's operation.

    Attributes:
        takes: the kinds that its first input may have.
        tail: whether norm= and act= may follow, as nodes of their own.
        view: whether at inference it puts out another view of its first input, without a copy.
        sees_all: whether every cell of its value depends on all cells of its inputs.
        quiet: values that its line leaves out, by field: an op that learns an argument keeps the
            line, and with it the fingerprint, that it had without.
    """

    name: ClassVar[str]
    signature: ClassVar[Signature] = Signature()
    takes: ClassVar[tuple[Kind, ...]] = KINDS
    tail: ClassVar[bool] = False
    view: ClassVar[bool] = False
    sees_all: ClassVar[bool] = False
    quiet: ClassVar[Mapping[str, tuple[object, ...]]] = {}

    @classmethod
    def make(cls, values: Mapping[str, Any], rank: int) -> Op:
        """The op with evaluated arguments, on a grid of ``rank`` axes.

        Raises:
            OpError: the arguments do not fit each other or the grid.
        """
        return cls(**values)

    @classmethod
    def prelude(cls, inputs: Shapes) -> Op | None:
        """A conversion that the language grants in front of this op, as a node of its own."""
        return None

    def conditions(self, inputs: Shapes) -> Iterator[Condition]:
        """What must not be, given these inputs."""
        yield from ()

    def shape(self, inputs: Shapes) -> Shape:
        """The shape put out; only asked when no condition is bad."""
        return inputs[0]

    def cost(self, inputs: Shapes, output: Shape) -> Cost:
        return Cost()

    @property
    def view_in_training(self) -> bool:
        """Whether it puts out a view of its first input while it trains, too."""
        return self.view

    def saved(self, inputs: Shapes, output: Shape) -> Saved:
        """What training keeps of it; parameters and running statistics are there anyway."""
        return Saved()

    def span(self, cells: tuple[int, ...], inputs: Shapes) -> tuple[int, ...] | None:
        """The cells of its inputs, per axis, around which so many neighbours of its value stand.

        Padding counts as cells. None: no cell of the value stands for a place of the inputs. What
        an op that ``sees_all`` takes from elsewhere is not meant.
        """
        return cells

    def layer(self, inputs: Shapes) -> Specification:
        raise NotImplementedError(f"{self.name} has no layer")

    def __str__(self) -> str:
        """Name and arguments as one line, the same for equal ops on every machine."""
        values = ((item.name, getattr(self, item.name)) for item in fields(self))
        said = [f"{key}={value}" for key, value in values if value not in self.quiet.get(key, ())]
        return " ".join((self.name, *said))


def infer(op: Op, inputs: Shapes) -> Shape:
    """The shape that ``op`` puts out.

    Raises:
        OpError: the first condition that is bad.
    """
    if inputs:
        accept(type(op), inputs[0])
    for condition in op.conditions(inputs):
        if condition.bad:
            raise OpError(condition.message())
    return op.shape(inputs)


_ARTICLES: dict[Kind, str] = {
    "map": "a map",
    "vector": "a vector",
    "tokens": "tokens",
    "ids": "ids",
}


def accept(op: type[Op], shape: Shape) -> None:
    """Refuse a first input of a kind that the op does not take.

    Raises:
        OpError: so it is, as in: conv takes a map, got vector 10.
    """
    if shape.kind in op.takes:
        return
    *others, last = (_ARTICLES[kind] for kind in op.takes)
    allowed = f"{', '.join(others)} or {last}" if others else last
    raise OpError(f"{op.name} takes {allowed}, got {shape.described}")


def positive(op: str, name: str, value: Fraction) -> Condition:
    """The condition that a number is above zero."""
    return Condition(value <= 0, lambda: f"{op} {name} is positive, got {_plain(value)}")


def share(op: str, value: Fraction) -> Condition:
    """The condition that a number is a share that leaves something."""
    return Condition(
        (value < 0) | (value >= 1),
        lambda: f"{op} takes a share from 0 to below 1, got {_plain(value)}",
    )


def _plain(value: Fraction) -> str:
    return str(value if value.denominator == 1 else float(value))


def per_axis(name: str, value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """One size for every axis of the grid.

    Raises:
        OpError: as many sizes as the grid has not.
    """
    sizes = value if isinstance(value, tuple) else (value,) * rank
    if len(sizes) != rank:
        shown = "x".join(str(size) for size in sizes)
        raise OpError(f"{name} {shown} has {len(sizes)} sizes, but the grid has {rank}")
    return sizes
