"""Make the stages of a text deeper or shallower: n modules become ceil(n * depth).

Tan & Le 2019 round the number of layers of a stage up; their released code does it as here. A
``repeat`` gets another count. A run of modules gets copies of its last one that can stand twice and
whose copies cost about as much as the modules of the stage do, since equation 3 takes a stage of
twice the modules to cost twice as much; an Inception module behind a wide one may cost far more. A
run that shrinks loses its last module but one first, so that what leaves the stage stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count as counting
from math import ceil
from typing import Any

from explorer.errors import Place
from explorer.language import syntax
from explorer.language.syntax import Binary, Chain, Expr, File, Function, Line, Number, Part, Repeat
from explorer.scale.stages import Loop, Run, Stage, Unit, stages
from explorer.scale.trace import Trace
from explorer.scale.writing import number
from explorer.space.names import is_reserved
from explorer.space.trees import inside, names_values, rewritten

_LIKE = 2.0  # a copy costs about what others do where it costs half to twice as much
_TRIED = 2  # copies: those of a module that hands on what it is given grow from one to the next
# The shapes inside a changed text; None where it is no net that the text may become.
Retrace = Callable[[File], Trace | None]


@dataclass(frozen=True, slots=True)
class Change:
    """How many modules a stage had, and has."""

    before: int
    after: int


@dataclass
class Edits:
    """What becomes of the parts of chains and of lines, by their places in the text."""

    parts: dict[Place, tuple[Part, ...]] = field(default_factory=dict)
    lines: dict[Place | None, Line] = field(default_factory=dict)  # what follows a line

    def apply(self, file: File) -> File:
        """The file with all of them made; a line of which nothing is left goes."""

        def change(node: Any) -> Any:
            if isinstance(node, Chain):
                return replace(node, parts=tuple(p for part in node.parts for p in self._new(part)))
            if isinstance(node, syntax.Block):
                return replace(node, body=self._statements(node.body))
            if isinstance(node, File):
                return replace(node, statements=self._statements(node.statements))
            return node

        changed: File = rewritten(file, change)
        return changed

    def _new(self, part: Part) -> tuple[Part, ...]:
        return self.parts.get(part.place, (part,)) if part.place else (part,)

    def _statements(self, found: Iterable[syntax.Statement]) -> tuple[syntax.Statement, ...]:
        kept: list[syntax.Statement] = []
        gap = False  # a blank line in front of a line that went
        for statement in found:
            if isinstance(statement, Line) and not statement.chain.parts:
                gap = gap or statement.before[:1] == ("",)
                continue
            kept.append(replace(statement, before=("", *statement.before)) if gap else statement)
            gap = False
            if statement.place in self.lines:
                kept.append(self.lines[statement.place])
        return tuple(kept)


class Deepener:
    """Scales the depth of one text.

    Args:
        file: the text, as it was parsed.
        trace: the shapes inside it.
        retrace: the shapes inside a changed text, asked where they cannot be known beforehand.
    """

    def __init__(self, file: File, trace: Trace, retrace: Retrace) -> None:
        self.file = file
        self.trace = trace
        self.stages: list[Stage] = stages(file, trace)
        self._retrace = retrace
        said = ("name", "label", "alias", "counter")
        self._names = {getattr(node, word, None) for node in inside(file) for word in said}
        self._grows: dict[int, tuple[Unit, bool] | None] = {}
        self._shrinks: dict[int, list[Unit]] = {}

    def scaled(self, depth: Fraction) -> tuple[File, tuple[Change, ...]]:
        """The text with every stage of n modules at ceil(n * depth), and what that changes.

        A run of which no module can stand twice, or be spared, stays as it is.
        """
        edits, changes = Edits(), []
        for index, stage in enumerate(self.stages):
            if isinstance(stage, Loop):
                changes += _loop(stage, depth, edits)
            else:
                changes.append(self._run(index, stage, depth, edits))
        return (edits.apply(self.file) if depth != 1 else self.file), tuple(changes)

    def _run(self, index: int, run: Run, depth: Fraction, edits: Edits) -> Change:
        before = len(run.units) + run.beside
        wanted = ceil(before * depth)
        after = before
        if wanted > before and (place := self._growth(index, run)) is not None:
            self._repeat(*place, wanted - before, edits)
            after = wanted
        elif wanted < before:
            spared = self._spared(index, run)[: before - wanted]
            _drop(spared, edits)
            after = before - len(spared)
        return Change(before, after)

    # ---- growing

    def _growth(self, index: int, run: Run) -> tuple[Unit, bool] | None:
        """The module that is to stand twice, and whether its copies get a line of their own."""
        if index not in self._grows:
            self._grows[index] = self._chosen(run)
        return self._grows[index]

    def _chosen(self, run: Run) -> tuple[Unit, bool] | None:
        usual = Fraction(sum(map(self._macs, run.units)), len(run.units))
        if not usual:  # its layers stand in branches that conditions remove
            return None
        found: list[tuple[Fraction, Unit, bool]] = []
        for unit, own_line in ((u, own) for u in reversed(run.units) for own in _forms(u)):
            cost = self._cost_of_copies(unit, own_line)
            if cost is not None and cost > 0:
                found.append((max(cost / usual, usual / cost), unit, own_line))
                if found[-1][0] <= _LIKE:
                    break
        return min(found, key=lambda entry: entry[0])[1:] if found else None

    def _macs(self, unit: Unit) -> int:
        return sum(flow.macs for part in unit.parts for flow in self.trace.of(part.element))

    def _cost_of_copies(self, unit: Unit, own_line: bool) -> Fraction | None:
        """By how many multiply-adds a copy makes the net dearer; None where there can be none."""
        edits = Edits()
        self._repeat(unit, own_line, _TRIED, edits)
        changed = self._retrace(edits.apply(self.file))
        return Fraction(changed.macs - self.trace.macs, _TRIED) if changed else None

    def _repeat(self, unit: Unit, own_line: bool, copies: int, edits: Edits) -> None:
        """Put copies of a module behind it."""
        chain = Chain(tuple(replace(part, alias=None) for part in unit.parts))
        parts = chain.parts
        if copies > 1 or names_values(chain):
            parts = (Part(Repeat(Number(str(copies)), chain)),)
        if own_line:
            assert unit.line.place is not None
            label = self._fresh(unit.line.label) if unit.line.label else None
            edits.lines[unit.line.place] = Line(Chain(parts), label)
        else:
            last = unit.parts[-1]
            assert last.place is not None
            edits.parts[last.place] = (last, *parts)

    def _fresh(self, label: str) -> str:
        """A label that nothing in the text has: ``i4e2`` behind ``i4e``."""
        mark = "_" if label[-1].isdigit() else ""
        tried = (f"{label}{mark}{number}" for number in counting(2))
        return next(name for name in tried if name not in self._names and not is_reserved(name))

    # ---- shrinking

    def _spared(self, index: int, run: Run) -> list[Unit]:
        """The modules that the net can do without, in the order in which they go."""
        if index not in self._shrinks:
            self._shrinks[index] = []
            most = len(run.units) + run.beside - 1
            for unit in (*reversed(run.units[:-1]), run.units[-1]):
                tried = [*self._shrinks[index], unit]
                edits = Edits()
                _drop(tried, edits)
                if len(tried) <= most and self._retrace(edits.apply(self.file)):
                    self._shrinks[index] = tried
        return self._shrinks[index]


def _forms(unit: Unit) -> tuple[bool, ...]:
    """The ways to write copies of a module: a line of their own where it has one, or a chain."""
    return (True, False) if unit.is_whole_line else (False,)


def _drop(units: Iterable[Unit], edits: Edits) -> None:
    for unit in units:
        for part in unit.parts:
            assert part.place is not None
            edits.parts[part.place] = ()


# ---- repeats


def _loop(loop: Loop, depth: Fraction, edits: Edits) -> list[Change]:
    """Give a repeat another count, and tell what becomes of the stages that it makes."""
    part, repeat, beside = loop.part, loop.repeat, loop.beside
    assert part.place is not None
    written = _bare(repeat.count)
    # One copy stays where it is written out: nobody means 'repeat 0'.
    least = 1 if isinstance(written, Number) else 0
    if isinstance(written, Number):
        (copies,) = set(loop.copies)
        count: Expr = Number(str(_scaled(copies, beside, depth, least)))
    else:
        count = _expression(written, beside, depth)
    edits.parts[part.place] = (replace(part, element=replace(repeat, count=count)),)
    return [Change(n + beside, _scaled(n, beside, depth, least) + beside) for n in loop.copies]


def _scaled(copies: int, beside: int, depth: Fraction, least: int) -> int:
    return max(ceil(depth * (copies + beside)) - beside, least)


def _expression(count: Expr, beside: int, depth: Fraction) -> Expr:
    """What :func:`_scaled` computes, for a count that depends on the call."""
    scaled: Expr = Function("ceil", (Binary("*", number(depth), _plus(count, beside)),))
    if not beside:
        return scaled
    less = Binary("-", scaled, Number(str(beside)))
    return less if depth >= 1 else Function("max", (Number("0"), less))


def _plus(value: Expr, more: int) -> Expr:
    """``value + more``, without writing that ``n - 1 + 1`` is ``n``."""
    if not more:
        return value
    if isinstance(value, Binary) and value.op == "-" and value.right == Number(str(more)):
        return value.left
    return Binary("+", value, Number(str(more)))


def _bare(value: Expr) -> Expr:
    """An expression without the parentheses around it."""
    while isinstance(value, syntax.Tuple) and len(value.items) == 1:
        value = value.items[0].value
    return value
