"""Every call with a block of its own, so that each can be opened by itself; and back again.

A block that is called on two grids is opened twice: its widths there belong to other knobs. So
every call first gets a copy of its block, and copies that end up alike become one block again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count as counting
from typing import Any

from explorer.errors import NetError
from explorer.language import parse, print_syntax
from explorer.language.syntax import Aux, Block, Call, File, Line, Named, Statement
from explorer.space.trees import inside, rewritten

_MOST = 2_000  # copies of blocks


def apart(file: File) -> tuple[File, dict[str, str]]:
    """A copy of a block for each of its calls.

    Args:
        file: a net, with the blocks that it uses.

    Returns:
        The text, parsed, so that every element has a place of its own; and the names that its
        blocks had.

    Raises:
        NetError: these would be far too many copies.
    """
    copies = _Copies(file)
    statements: list[Statement] = []
    for statement in file.statements:
        if isinstance(statement, Line | Aux):
            line = replace(statement, chain=copies.called(statement.chain))
            statements += [*copies.taken(), line]
        elif not isinstance(statement, Block):
            statements.append(statement)
    # Printed and read again, every element has a place of its own.
    text = print_syntax(File(file.name, tuple(statements), file.trailing))
    return parse(text, file.name), copies.origins


@dataclass
class _Copies:
    """Makes the blocks of calls, innermost first."""

    file: File
    origins: dict[str, str] = field(default_factory=dict)
    made: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blocks = {s.name: s for s in self.file.statements if isinstance(s, Block)}
        self.words = words(self.file)

    def called(self, node: Any) -> Any:
        """A piece of the text that calls copies, which are made meanwhile."""
        return rewritten(node, _renaming(self.copy))

    def copy(self, name: str) -> str:
        if len(self.origins) >= _MOST:
            raise NetError(f"a net of more than {_MOST} calls of blocks is too large to be opened")
        own = unused(name, {*self.words, *self.origins})
        self.origins[own] = name
        block = self.blocks[name]
        self.made.append(replace(block, name=own, body=self.called(block.body)))
        return own

    def taken(self) -> list[Block]:
        made, self.made = self.made, []
        return made


def together(
    statements: Sequence[Statement], origins: Mapping[str, str], idle: Container[str]
) -> list[Statement]:
    """The statements with one block for all copies that are alike; the first keeps the old name.

    Args:
        statements: whose calls have blocks of their own.
        origins: the names that the blocks had.
        idle: blocks whose calls the net never comes by, as in ``repeat (n - 1)`` for n = 1. They
            are again what they were: any block of that name serves.
    """
    blocks = [s for s in statements if isinstance(s, Block)]
    others = [s for s in statements if not isinstance(s, Block)]
    used = {origins[block.name] for block in blocks if block.name not in idle}
    taken = (words(tuple(others)) - origins.keys()) | set(origins.values())
    names: dict[Block, str] = {}
    renamed: dict[str, str] = {}
    for block in blocks:
        origin = origins[block.name]
        if block.name in idle:
            renamed[block.name] = origin
            if origin in used:
                continue
            used.add(origin)
        alike = replace(rewritten(block, _renaming(renamed.__getitem__)), name=origin)
        if alike not in names:
            names[alike] = unused(origin, taken) if origin in names.values() else origin
            taken.add(names[alike])
        renamed[block.name] = names[alike]
    lines = [rewritten(statement, _renaming(renamed.__getitem__)) for statement in others]
    return [*lines, *(replace(block, name=name) for block, name in names.items())]


def words(node: object) -> set[str]:
    """Every name that a piece of a text declares or reads."""
    named = (value for value in inside(node) if not isinstance(value, Named))
    found = {getattr(value, "name", None) for value in named}
    found |= {getattr(value, name, None) for value in inside(node) for name in _NAMES}
    return {word for word in found if isinstance(word, str)}


_NAMES = ("label", "alias", "counter")


def unused(name: str, taken: Iterable[str]) -> str:
    """``name``, or with the first number behind it that makes it new."""
    tried = (name if number == 1 else f"{name}_{number}" for number in counting(1))
    return next(each for each in tried if each not in taken)


def _renaming(rename: Callable[[str], str]) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        return replace(value, name=rename(value.name)) if isinstance(value, Call) else value

    return change
