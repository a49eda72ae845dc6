"""What is opened where: the choices of a space around a net, and the pieces of the text they turn.

Pieces are named by their places in a text whose calls have blocks of their own.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from explorer.errors import Place
from explorer.language.syntax import Choices, Expr, Knob, Lever, Number, Span

FACTORS = ("0.5", "0.71", "1", "1.41", "2")  # steps of the square root of two


class Width(NamedTuple):
    """Channels that are multiplied by a knob, rounded, and at least so many."""

    name: str
    least: int


class Kernel(NamedTuple):
    """A kernel with a knob for its side."""

    name: str
    rank: int


class Form(NamedTuple):
    """A kernel of 5, in so many parts of a chain, that a lever writes in other ways.

    Attributes:
        own: how the net has it.
        is_mixed: whether the lever has an alternative ``own``, as others have other forms.
    """

    name: str
    parts: int
    window: tuple[int, ...]
    own: str
    is_mixed: bool


class Module(NamedTuple):
    """Some parts of a line that are there when a knob is at least ``number``."""

    name: str
    parts: int
    number: int


class Loop(NamedTuple):
    """A repeat with a knob for its count."""

    name: str


Change = Width | Kernel | Form | Module | Loop


@dataclass
class Plan:
    """The choices by their names, and what they change by places: several changes at one place."""

    choices: dict[str, Knob | Lever] = field(default_factory=dict)
    changes: dict[Place, list[Change]] = field(default_factory=dict)

    def add(self, choice: Knob | Lever) -> None:
        self.choices.setdefault(choice.name, choice)

    def change(self, place: Place | None, change: Change) -> None:
        assert place is not None  # every element of a parsed text has one
        self.changes.setdefault(place, []).append(change)

    def at(self, node: Any, kind: type[Any]) -> Any:
        """The change of a kind at a piece of the text; None where there is none."""
        found = self.changes.get(node.place, []) if node.place is not None else []
        return next((change for change in found if isinstance(change, kind)), None)

    def without(self, names: Container[str]) -> Plan:
        """The plan with some choices left closed."""
        return Plan(
            {name: choice for name, choice in self.choices.items() if name not in names},
            {
                place: [change for change in changes if change.name not in names]
                for place, changes in self.changes.items()
            },
        )


def factor(name: str) -> Knob:
    """A knob around 1 that channels are multiplied by."""
    return Knob(name, Choices(numbers(FACTORS)), Number("1"))


def depth(name: str, most: int) -> Knob:
    """A knob for how many of some modules are there; all, unless chosen otherwise."""
    return Knob(name, Span(Number("1"), Number(str(most))), Number(str(most)))


def numbers(texts: tuple[str, ...]) -> tuple[Expr, ...]:
    return tuple(Number(text) for text in texts)


def name_of(what: str, grids: list[tuple[int, ...]]) -> str:
    """``three_28``, of oblong grids ``three_16x32``, of several ``three_28_to_7``."""
    ends = dict.fromkeys(_side(grid) for grid in (grids[0], grids[-1]))
    return f"{what}_{'_to_'.join(ends)}"


def _side(grid: tuple[int, ...]) -> str:
    return "x".join(map(str, grid if len(set(grid)) > 1 else grid[:1]))
