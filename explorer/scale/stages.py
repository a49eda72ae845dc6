"""The stages of a net: which pieces of its text are its depth.

A stage is what stands on one grid. Its depth is either a ``repeat`` or a run of modules: calls and
joins that have weights and leave the grid as it is. What changes the grid (a stride, a pool) ends a
stage and is never repeated, and neither is a stem of plain layers, nor what sees no grid, such as
the layers of a classifier. Only the way of the net counts: what stands inside a join belongs to one
module. A net of plain layers alone, such as VGG's, has its convolutions for modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from explorer.cost import WEIGHTED
from explorer.language.syntax import (
    Apply,
    Block,
    Call,
    Chain,
    Conditional,
    Element,
    File,
    Group,
    Join,
    Line,
    Part,
    Repeat,
    Splat,
)
from explorer.ops import ACTS, NORMS
from explorer.scale.trace import Trace
from explorer.space.trees import inside

_TAILS = {name for name in (ACTS | NORMS).values() if name}  # they go with the module before them
_PLAIN = ("conv", "dwconv")


@dataclass(frozen=True, slots=True)
class Loop:
    """A ``repeat`` on the way of the net.

    Attributes:
        part: the part of a chain that it is.
        beside: how many modules of its kind stand beside it and count as copies do, as the first
            block of a stage, which changes the grid and so cannot be in the ``repeat``.
        copies: how many copies it makes, wherever the net comes by.
    """

    part: Part
    beside: int
    copies: tuple[int, ...]

    @property
    def repeat(self) -> Repeat:
        assert isinstance(self.part.element, Repeat)
        return self.part.element


@dataclass(frozen=True, slots=True)
class Unit:
    """One module where it stands, with the activation behind it: some parts of a line's chain."""

    line: Line
    chain: Chain
    first: int
    last: int

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.chain.parts[self.first : self.last + 1]

    @property
    def is_whole_line(self) -> bool:
        return self.chain is self.line.chain and len(self.parts) == len(self.chain.parts)


@dataclass(frozen=True, slots=True)
class Run:
    """Modules one after another on one grid, written out; ``beside`` as in :class:`Loop`."""

    units: tuple[Unit, ...]
    beside: int


Stage = Loop | Run


def stages(file: File, trace: Trace) -> list[Stage]:
    """The stages of a net, in its order.

    Args:
        file: the text, as it was parsed.
        trace: of the same text.
    """
    return _Finder(file, trace, plain=False).all() or _Finder(file, trace, plain=True).all()


@dataclass
class _Level:
    """What was found since the grid last changed, inside one block or at the top."""

    lead: frozenset[str] = frozenset()  # what the piece calls that changed the grid
    members: list[Unit | Part] = field(default_factory=list)


class _Finder:
    """Walks the way of the net, and into the blocks that hold stages."""

    def __init__(self, file: File, trace: Trace, plain: bool) -> None:
        self.file = file
        self.trace = trace
        self.plain = plain
        self.blocks = {s.name: s for s in file.statements if isinstance(s, Block)}
        self.weighty: dict[str, bool] = {}  # blocks that have weights
        self.looping: dict[str, bool] = {}  # blocks that hold a repeat of modules
        self.seen: set[str] = set()
        self.found: list[Stage] = []

    def all(self) -> list[Stage]:
        self.level((line, line.chain) for line in _lines(self.file.statements))
        return self.found

    def level(self, chains: Iterable[tuple[Line, Chain]]) -> None:
        """The stages of chains that follow each other."""
        level = _Level()
        for line, chain in chains:
            for index, part in enumerate(chain.parts):
                self.part(level, part.element, Unit(line, chain, index, index))
        self.close(level)

    def part(self, level: _Level, element: Element, unit: Unit) -> None:
        if self.is_opened(element):
            self.close(level, element)
            self.open(element, unit.line)
        elif self.is_module(element):
            level.members.append(unit.parts[0] if isinstance(element, Repeat) else unit)
        elif self.trace.is_load(element) or not self.trace.keeps_grid(element):
            self.close(level, element)
        elif isinstance(element, Apply) and element.name in _TAILS:
            _extend(level, unit)

    def close(self, level: _Level, element: Element | None = None) -> None:
        """The stage ends here, at an element that changes the grid or holds stages of its own."""
        units = tuple(member for member in level.members if isinstance(member, Unit))
        if len(units) < len(level.members):
            self.found += self.loops(level)
        elif units:
            self.found.append(Run(units, int(bool(level.lead & _kind(units[0])))))
        level.members = []
        level.lead = _calls(element) if element is not None else frozenset()

    def loops(self, level: _Level) -> Iterator[Loop]:
        """The repeats of a stage. A module beside them counts with the next one of its kind."""
        waiting = [level.lead] if level.lead else []
        found: list[tuple[Part, int]] = []
        for member in level.members:
            if isinstance(member, Unit):
                waiting.append(_kind(member))
            else:
                found.append((member, _alike(waiting, member)))
                waiting = []
        last, beside = found[-1]
        found[-1] = (last, beside + _alike(waiting, last))
        for part, beside in found:
            assert isinstance(part.element, Repeat)
            yield Loop(part, beside, self.trace.copies(part.element))

    # ---- what a piece is

    def is_module(self, element: Element) -> bool:
        """Whether a piece could stand twice: it has weights, sees a grid and leaves it as it is."""
        plain = isinstance(element, Apply) and element.name in _PLAIN
        shaped = isinstance(element, Call | Join | Splat | Group | Repeat) or (self.plain and plain)
        return (
            shaped
            and self.weighs(element)
            and self.trace.sees_grid(element)
            and self.trace.keeps_grid(element)
        )

    def weighs(self, node: object) -> bool:
        """Whether there are layers with weights in a piece of the text."""
        return any(
            value.name in WEIGHTED
            if isinstance(value, Apply)
            else isinstance(value, Call) and self.block_weighs(value.name)
            for value in inside(node)
        )

    def block_weighs(self, name: str) -> bool:
        if name not in self.weighty:
            self.weighty[name] = self.weighs(self.blocks[name].body)
        return self.weighty[name]

    def is_opened(self, element: Element) -> bool:
        """Whether a piece holds stages, rather than being a module or a part of one."""
        match element:
            case Call(name=name):
                if self.block_loops(name):
                    return True
                return not self.trace.keeps_grid(element) and _repeats_itself(self.chains(element))
            case Group(chain=chain) | Repeat(chain=chain):
                is_loop = isinstance(element, Repeat) and self.is_module(element)
                return not is_loop and (
                    self.holds_loop(chain) or not self.trace.keeps_grid(element)
                )
            case Conditional():
                return any(map(self.holds_loop, _ways(element)))
        return False

    def holds_loop(self, chain: Chain) -> bool:
        """Whether a ``repeat`` of modules stands on the way through a chain."""
        for part in chain.parts:
            element = part.element
            if isinstance(element, Call):
                found = self.block_loops(element.name)
            else:
                is_loop = isinstance(element, Repeat) and self.is_module(element)
                found = is_loop or any(map(self.holds_loop, self.chains(element)))
            if found:
                return True
        return False

    def block_loops(self, name: str) -> bool:
        if name not in self.looping:
            chains = [line.chain for line in _lines(self.blocks[name].body)]
            self.looping[name] = any(map(self.holds_loop, chains))
        return self.looping[name]

    def chains(self, element: Element) -> list[Chain]:
        """The chains that an element puts on the way of the net."""
        match element:
            case Call(name=name):
                return [line.chain for line in _lines(self.blocks[name].body)]
            case Group(chain=chain) | Repeat(chain=chain):
                return [chain]
            case Conditional():
                return _ways(element)
        return []

    def open(self, element: Element, line: Line) -> None:
        """Look for stages inside a piece; a block is looked into once."""
        if isinstance(element, Call):
            if element.name not in self.seen:
                self.seen.add(element.name)
                body = _lines(self.blocks[element.name].body)
                self.level((inner, inner.chain) for inner in body)
            return
        for chain in self.chains(element):
            self.level([(line, chain)])


def _lines(statements: Iterable[object]) -> list[Line]:
    return [statement for statement in statements if isinstance(statement, Line)]


def _ways(node: Conditional) -> list[Chain]:
    return [node.then, *([node.otherwise] if node.otherwise else [])]


def _extend(level: _Level, tail: Unit) -> None:
    """An activation or a normalisation right behind a module belongs to it."""
    last = level.members[-1] if level.members else None
    if isinstance(last, Unit) and last.chain is tail.chain and last.last == tail.first - 1:
        level.members[-1] = replace(last, last=tail.last)


def _calls(node: object) -> frozenset[str]:
    """The blocks that a piece calls, which say what kind of module it is."""
    return frozenset(value.name for value in inside(node) if isinstance(value, Call))


def _kind(unit: Unit) -> frozenset[str]:
    return _calls(unit.parts)


def _alike(kinds: Iterable[frozenset[str]], part: Part) -> int:
    """How many modules are of a part's kind: both call the same block, or neither calls any."""
    called = _calls(part)
    return sum(bool(kind & called) or (not kind and not called) for kind in kinds)


def _repeats_itself(chains: Iterable[Chain]) -> bool:
    """Whether chains call one block more than once on the way of the net."""
    called = [p.element.name for c in chains for p in c.parts if isinstance(p.element, Call)]
    return len(set(called)) < len(called)
