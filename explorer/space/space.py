"""A space: a net with knobs and levers, resolved but for them. A net is a space without any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from explorer.errors import Place
from explorer.ops import Input, Shape
from explorer.space.expression import Expression, Value
from explorer.space.knobs import Choice
from explorer.space.template import Sequence, Site
from explorer.space.written import Written


@dataclass(frozen=True, slots=True)
class Header:
    """What a protocol may rebind, and nothing else (docs/language.md, "Protocols").

    Attributes:
        inputs: what enters, in the order of the text.
        classes: how many classes; None when the net does not say.
        width: factor on every channel count that does not mention ``channels`` or ``classes``.
        rounded: the multiple that scaled channel counts are rounded to.
        params: values of the ``param`` statements at the top of the text.
        places: where each of the inputs stands.
    """

    inputs: tuple[Input, ...]
    classes: int | None = None
    width: Fraction = Fraction(1)
    rounded: int = 1
    params: Mapping[str, Value] = field(default_factory=dict)
    places: tuple[Place | None, ...] = field(default=(), compare=False)

    @property
    def input(self) -> Shape:
        """The shape of the first input; of most nets the only one."""
        return self.inputs[0].what


@dataclass(frozen=True, slots=True)
class Expected:
    """Counts that a text promises, and where they were published; empty: counted by its author."""

    counts: Mapping[str, int]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    test: Expression
    text: str
    site: Site
    written: Written = field(default=Written(None), compare=False)  # for errors


@dataclass(frozen=True, slots=True)
class Exit:
    """A value that leaves the net: the name that readers see, and the key that it is kept under."""

    name: str
    key: str
    site: Site


@dataclass(frozen=True, slots=True)
class Space:
    """Everything that a text describes under one header.

    Attributes:
        choices: knobs and levers by path, in the order of the text.
        requirements: what every assignment must satisfy.
        expected: counts that the text promises for its defaults under its own header.
        outputs: the keys of the values that leave the net; empty: the last one.
    """

    name: str
    title: str
    header: Header
    choices: Mapping[str, Choice]
    requirements: tuple[Requirement, ...]
    root: Sequence
    expected: Expected | None = None
    outputs: tuple[Exit, ...] = ()

    @property
    def is_net(self) -> bool:
        return not self.choices

    @property
    def size(self) -> int:
        """How many assignments there are, inactive choices included."""
        return prod(len(choice.values) for choice in self.choices.values())
