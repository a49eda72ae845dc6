"""What a random text knows of the values in it: the generator's own account of shapes.

It is kept apart from the package's rules on purpose: a net that the generator believes in and that
does not bind, or a shape that torch does not find, is a mistake of one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import gcd, prod

Where = tuple[str, tuple[int, ...]]  # a kind and a grid


@dataclass(frozen=True)
class Value:
    """A value that flows through a text.

    Attributes:
        kind: ``map``, ``tokens``, ``vector`` or ``ids``.
        grid: its sizes without the channels; the same under every assignment and width.
        multiple: what divides its channels under every assignment and width.
        most: as many channels as it may have.
        behind: where ``before`` may lie, seen from a call that this value enters, if elsewhere.
    """

    kind: str
    grid: tuple[int, ...]
    multiple: int
    most: int
    behind: frozenset[Where] = field(default=frozenset(), compare=False)

    @property
    def where(self) -> Where:
        return self.kind, self.grid

    @property
    def cells(self) -> int:
        return prod(self.grid)


def made(kind: str, grid: tuple[int, ...], multiple: int, most: int) -> Value:
    """A value that an op made."""
    return Value(kind, grid, multiple, most)


def either(*values: Value) -> Value:
    """One of these values; all lie on one grid."""
    behind = frozenset().union(*(value.behind for value in values))
    most = max(value.most for value in values)
    return replace(
        values[0], multiple=gcd(*(value.multiple for value in values)), most=most, behind=behind
    )


def beside(*values: Value) -> Value:
    """These values concatenated; under some assignment one alone may be left."""
    both = either(*values)
    more = replace(both, most=sum(value.most for value in values))
    return replace(more, behind=more.behind | {more.where})


@dataclass(frozen=True)
class Drawn:
    """A piece of text and what it makes of the value that enters it.

    ``same_grid`` and ``same_channels`` say what it keeps of any value, not of this one alone.
    """

    text: str
    value: Value
    same_grid: bool = False
    same_channels: bool = False


@dataclass(frozen=True)
class Width:
    """A number of channels as an argument: what divides it, how large it may become."""

    text: str
    multiple: int
    most: int


@dataclass(frozen=True)
class Goal:
    """What a chain has to do.

    Attributes:
        grid: ``any`` change of kind and grid, ``keep`` them, or ``half`` the grid (of a map).
        channels: ``any``, ``keep``, or the width that they shall have.
    """

    grid: str = "any"
    channels: str | Width = "any"

    def allows(self, drawn: Drawn) -> bool:
        """Whether this may stand in the middle of a chain."""
        keeps_grid = self.grid == "any" or drawn.same_grid
        return keeps_grid and (self.channels != "keep" or drawn.same_channels)


KEEP = Goal("keep")
SAME = Goal("keep", "keep")


def slid(size: int, kernel: int, stride: int, pad: int, spread: int = 1, ceil: bool = False) -> int:
    """The length of an axis behind a window, as torch's documentation has it."""
    room = size + 2 * pad - spread * (kernel - 1) - 1
    if not ceil:
        return room // stride + 1
    windows = (room + stride - 1) // stride + 1
    return windows - 1 if (windows - 1) * stride >= size + pad else windows
