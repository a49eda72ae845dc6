"""The head of a scaled text: its width, its input, its params, what it is called and must cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from math import lcm
from textwrap import wrap

from explorer.cost import Cost
from explorer.language import syntax
from explorer.language.syntax import Dims, File, Input, Name, Number, Param
from explorer.scale.writing import number
from explorer.space import Header
from explorer.space.trees import inside

ROUNDED = 8  # channels: multiples of it, never below 90 % (Tan & Le 2019, their released code)
_COMMENT = 94  # characters of a line of comment


def with_param(file: File, name: str, value: Fraction) -> File:
    """The file with another value of a param."""

    def change(statement: syntax.Statement) -> syntax.Statement:
        if isinstance(statement, Param) and statement.name == name:
            return replace(statement, value=number(value))
        return statement

    return _each(file, change)


def with_width(file: File, header: Header, factor: Fraction, rounded: int = ROUNDED) -> File:
    """The file with the width in its header multiplied, and channels rounded to these multiples.

    A coarser multiple of the text's own stays.
    """
    return _with_width(file, header.width * factor, lcm(header.rounded, rounded))


def with_rounding(file: File, header: Header, rounded: int) -> File:
    """The file as wide as it is, its channels rounded to these multiples under another width."""
    return _with_width(file, header.width, rounded)


def _with_width(file: File, width: Fraction, rounded: int) -> File:
    def change(statement: syntax.Statement) -> syntax.Statement:
        if isinstance(statement, Input):
            return replace(statement, width=number(width), rounded=Number(str(rounded)))
        return statement

    return _each(file, change)


def with_grid(file: File, channels: int, grid: tuple[int, ...]) -> File:
    """The file with another grid of its input: in the param that says it, or written out."""
    param = size_param(file)
    if param is not None and len(set(grid)) == 1:
        return with_param(file, param, Fraction(grid[0]))

    def change(statement: syntax.Statement) -> syntax.Statement:
        if isinstance(statement, Input):
            return replace(statement, shape=Dims((channels, *grid)))
        return statement

    return _each(file, change)


def size_param(file: File) -> str | None:
    """The param that is the side of the input, as in ``input (3, size, size)``; None without."""
    (source,) = (s for s in file.statements if isinstance(s, Input))
    if not isinstance(source.shape, syntax.Tuple):
        return None
    sides = {item.value for item in source.shape.items[1:]}
    params = {s.name for s in file.statements if isinstance(s, Param)}
    side = sides.pop() if len(sides) == 1 else None
    return side.name if isinstance(side, Name) and side.name in params else None


def without_heads(file: File) -> File:
    """The file without its auxiliary heads, and without the blocks that they alone call."""
    kept = tuple(s for s in file.statements if not isinstance(s, syntax.Aux))
    while True:
        called = {value.name for value in inside(kept) if isinstance(value, syntax.Call)}
        fewer = tuple(s for s in kept if not isinstance(s, syntax.Block) or s.name in called)
        if len(fewer) == len(kept):
            return replace(file, statements=kept)
        kept = fewer


def signed(file: File, name: str, title: str, origin: Iterable[str], cost: Cost) -> File:
    """The file as a net of its own: its name, where it comes from, and what it must cost.

    Members go: they are the nets of the text that was scaled. Its comments stay.
    """
    notes = [f"# {line}" for text in origin for line in wrap(text, _COMMENT)]
    statements: list[syntax.Statement] = []
    for statement in file.statements:
        if isinstance(statement, syntax.Expect | syntax.Member):
            continue
        if isinstance(statement, syntax.Net):
            before = (*notes, *statement.before)
            statement = replace(statement, name=name, title=title, before=before)
        statements.append(statement)
    head = (syntax.Net, Input, syntax.Default)
    last = max(index for index, s in enumerate(statements) if isinstance(s, head))
    statements.insert(last + 1, _expect(cost))
    return replace(file, statements=tuple(statements))


def _expect(cost: Cost) -> syntax.Expect:
    counts = (("macs", cost.macs), ("params", cost.params))
    return syntax.Expect(tuple(syntax.Named(n, Number(str(value))) for n, value in counts))


def _each(file: File, change: Callable[[syntax.Statement], syntax.Statement]) -> File:
    return replace(file, statements=tuple(map(change, file.statements)))
