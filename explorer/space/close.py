"""A space with an assignment, written as a net: the same text without its knobs and levers.

Numbers take the place of knobs, the chosen chain that of ``choose`` and of decided conditions.
Params, ``channels`` and ``classes`` stay, so a protocol rebinds the net as it rebinds the space.
The syntax is walked beside the space's template, which knows the path of every choice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count as counting
from typing import Any

from explorer.language import syntax
from explorer.language.syntax import Apply, Block, Branch, Chain, Line, Part
from explorer.ops import ACTS, NORMS
from explorer.space import template
from explorer.space.bind import Candidate, bind
from explorer.space.elaborate import elaborate
from explorer.space.expression import Constant, Ref, Value
from explorer.space.knobs import Assignment
from explorer.space.library import Text
from explorer.space.names import Frame, ValueName, Word
from explorer.space.trees import (
    IDENTITY,
    T,
    chain_of,
    inside,
    known_value,
    literal,
    names,
    names_values,
    needed,
    one_copy,
    spliced,
    substituted,
)

_HEAD = (
    syntax.Language,
    syntax.Net,
    syntax.Input,
    syntax.Output,
    syntax.Default,
    syntax.Param,
)
_UNKNOWN = Ref("?")  # what a name means that only a header or a call decides
Elements = deque[template.Element]


def close(text: Text, assignment: Assignment) -> syntax.File:
    """The net that a space's text and an assignment describe, as a text of its own.

    Calls of a block share one block of the net when they differ in numbers alone. Comments stay
    with the statements that are what they were.

    Raises:
        NetError: the assignment does not fit the space, see :func:`explorer.space.bind`.
    """
    file = text.syntax()
    space = elaborate(file)
    closer = _Closer(file, bind(space, assignment, heads=True))
    rest = [s for s in file.statements if isinstance(s, Line | syntax.Require | syntax.Aux)]
    lines = closer.statements(rest, closer.top, "", deque(space.root.elements))
    head = [replace(s, kind="net") if isinstance(s, syntax.Net) else s for s in file.statements]
    kept = [s for s in head if isinstance(s, _HEAD)]
    return syntax.File(file.name, tuple(needed([*kept, *closer.variants.values(), *lines])))


# ---- what names mean


@dataclass(frozen=True)
class _View:
    """The names inside one call, and where it stands.

    Attributes:
        frame: what each name means, as far as it is known.
        numbers: names that the net does not have; it writes their number.
        nodes: a prefix of the template's paths, which reads ``choices`` in the paths of choices.
    """

    frame: Frame
    numbers: dict[str, syntax.Expr] = field(default_factory=dict)
    nodes: str = ""
    choices: str = ""

    def known(self, expr: syntax.Expr) -> Value | None:
        return known_value(expr, self.frame)

    def written(self, node: T) -> T:
        """A piece of the text as the net writes it."""
        return substituted(node, self.numbers)

    def declare(self, name: str, value: Value | None, stays: bool = True) -> None:
        """Give a name its meaning; ``stays``: the net has the name too."""
        self.frame.names[name] = _UNKNOWN if value is None else Constant(value)
        self.numbers.pop(name, None)
        if value is not None and not stays:
            self.numbers[name] = literal(value)

    def take(self, name: str, value: syntax.Expr, outer: _View) -> None:
        """Give a parameter what the call passes on: a number, or a word, a lever, a value."""
        meaning = outer.frame.find(value.name) if isinstance(value, syntax.Name) else _UNKNOWN
        if meaning is None and isinstance(value, syntax.Name):
            is_word = value.name in (*NORMS, *ACTS)
            meaning = Word(value.name) if is_word else ValueName(value.name)
        if isinstance(meaning, Word | ValueName):
            self.frame.names[name] = meaning
        else:
            self.declare(name, outer.known(value))

    def path(self, nodes: str, name: str = "") -> str:
        """The path of a choice that is declared at a path of nodes."""
        found = f"{self.choices}{nodes[len(self.nodes) :]}.{name}"
        return found.strip(".")

    def copy(self, scope: str, each: bool) -> _View:
        """The view inside one copy of a repeat."""
        parent, _, number = scope.rpartition(".")
        choices = self.path(parent) + (f"[{number}]" if each else "")
        frame = replace(self.frame, names=dict(self.frame.names))
        return _View(frame, dict(self.numbers), scope, choices)


# ---- the walk


class _Closer:
    """Walks the syntax and takes from the template what each piece of it became there."""

    def __init__(self, file: syntax.File, candidate: Candidate) -> None:
        values: Mapping[str, Any] = candidate.assignment
        self.values = values
        self.idle = candidate.idle
        self.blocks = {s.name: s for s in file.statements if isinstance(s, Block)}
        outputs = [s for s in file.statements if isinstance(s, syntax.Output)]
        self.leaving = {name for statement in outputs for name in statement.names}
        self.variants: dict[tuple[Any, ...], Block] = {}
        self.top = _View(Frame("", {"classes": _UNKNOWN, "channels": _UNKNOWN}))
        for statement in file.statements:
            if isinstance(statement, syntax.Param):
                self.top.declare(statement.name, None)
            elif isinstance(statement, syntax.Knob):
                self.top.declare(statement.name, self.values[statement.name], stays=False)

    def statements(
        self, found: Iterable[syntax.Statement], view: _View, scope: str, elements: Elements
    ) -> list[syntax.Statement]:
        """What is left of the statements at the top, or in a block."""
        left: list[syntax.Statement] = []
        for statement in found:
            match statement:
                case Line():
                    left.append(self.line(statement, view, elements))
                case syntax.Aux(chain=chain):
                    head = elements.popleft()
                    assert isinstance(head, template.Head)
                    kept = chain_of(self.within(chain, view, head.body))
                    left.append(replace(statement, chain=kept))
                case syntax.Param(name=name, value=value):
                    left.append(replace(statement, value=view.written(value)))
                    view.declare(name, view.known(value))
                case syntax.Knob(name=name):
                    view.declare(name, self.values[view.path(scope, name)])
                case syntax.Require(test=test) if view.known(test) is None:
                    left.append(replace(statement, test=view.written(test)))
        blocks = tuple(self.variants.values())
        read = {v.name for v in inside((*blocks, *left)) if isinstance(v, Apply | syntax.Name)}
        read |= self.leaving
        return [s for s in left if not _is_idle(s) or (isinstance(s, Line) and s.label in read)]

    def line(self, line: Line, view: _View, elements: Elements) -> Line:
        inner = self.named(elements) if line.label else elements
        chain = chain_of(self.chain(line.chain, view, inner))
        return line if chain == line.chain else Line(chain, line.label)

    def named(self, elements: Elements) -> Elements:
        """What the template has for a label or an alias: a sequence, and that it is kept."""
        sequence, store = elements.popleft(), elements.popleft()
        assert isinstance(sequence, template.Sequence) and isinstance(store, template.Store)
        return deque(sequence.elements)

    def chain(self, chain: Chain, view: _View, elements: Elements) -> list[Part]:
        parts: list[Part] = []
        for part in chain.parts:
            if part.alias is None:
                parts += spliced(parts, self.element(part.element, view, elements))
            else:
                inner = chain_of(self.element(part.element, view, self.named(elements)))
                alone = len(inner.parts) == 1 and inner.parts[0].alias is None
                element = inner.parts[0].element if alone else syntax.Group(inner)
                parts.append(Part(element, part.alias))
        return parts

    def within(self, chain: Chain, view: _View, sequence: template.Sequence) -> list[Part]:
        return self.chain(chain, view, deque(sequence.elements))

    def element(self, node: syntax.Element, view: _View, elements: Elements) -> list[Part]:
        if isinstance(node, syntax.Group):
            return self.chain(node.chain, view, elements)
        if node == IDENTITY.element or _is_no_op(node, view):
            return []
        match node, elements.popleft():
            case Apply(), template.Load():
                return [Part(node)]
            case Apply(), template.OpElement(path=path):
                while elements and _is_tail(elements[0], node):
                    elements.popleft()
                return [Part(view.written(node))] if self.lives(path) else []
            case syntax.Call(), template.Sequence() as body:
                return self.call(node, view, body)
            case syntax.Choose(), template.Select(lever=lever, options=options):
                name = self.values[lever]
                chain = next(option.chain for option in node.options if option.name == name)
                return self.within(chain, view, options[name])
            case syntax.Conditional(), template.Guard() as guard:
                return self.conditional(node, view, guard)
            case syntax.Join(), template.JoinElement() as join:
                return self.join(node, view, join)
            case syntax.Splat(), template.JoinElement() as join:
                return self.splat(node, view, join)
            case syntax.Repeat(), template.Copies() as copies:
                return self.repeat(node, view, copies)
        raise AssertionError(f"the template has no {node}")

    def lives(self, path: str) -> bool:
        """Whether a node is read, or not there as yet; a net, unlike a space, has no others."""
        return path not in self.idle

    def conditional(
        self, node: syntax.Conditional, view: _View, guard: template.Guard
    ) -> list[Part]:
        holds = view.known(node.test)
        then = [] if holds in (False, 0) else self.within(node.then, view, guard.then)
        otherwise: list[Part] = []
        if not holds and node.otherwise and guard.otherwise:
            otherwise = self.within(node.otherwise, view, guard.otherwise)
        if holds is not None:
            return then or otherwise
        last = chain_of(otherwise) if otherwise else None
        return [Part(syntax.Conditional(view.written(node.test), chain_of(then), last))]

    def join(self, node: syntax.Join, view: _View, found: template.JoinElement) -> list[Part]:
        branches = []
        for branch, element in zip(node.branches, found.branches, strict=True):
            holds = view.known(branch.when) if branch.when else True
            if holds is None or holds:
                chain = chain_of(self.within(branch.chain, view, element.body))
                branches.append(Branch(chain, view.written(branch.when) if holds is None else None))
        return self.joined(node.kind, branches, found.path)

    def joined(self, kind: syntax.JoinKind, branches: Sequence[Branch], path: str) -> list[Part]:
        if not self.lives(path):  # but a value inside may have a name, and readers
            branches = [branch for branch in branches if names_values(branch)] or [*branches][:1]
        if len(branches) == 1:
            return list(branches[0].chain.parts)
        return [Part(syntax.Join(kind, tuple(branches)))]

    def repeat(self, node: syntax.Repeat, view: _View, copies: template.Copies) -> list[Part]:
        found = self.copies(node, view, copies.copies)
        if isinstance(found, syntax.Repeat):
            return [Part(found)]
        parts: list[Part] = []
        for chain in found:
            parts += spliced(parts, one_copy(chain))
        return parts

    def splat(self, node: syntax.Splat, view: _View, join: template.JoinElement) -> list[Part]:
        found = self.copies(node.repeat, view, [branch.body for branch in join.branches])
        if isinstance(found, syntax.Repeat):
            return [Part(syntax.Splat(node.kind, found))] if self.lives(join.path) else []
        branches = [Branch(chain_of(one_copy(chain))) for chain in found]
        return self.joined(node.kind, branches, join.path)

    def copies(
        self, node: syntax.Repeat, view: _View, sequences: Sequence[template.Sequence]
    ) -> syntax.Repeat | list[Chain]:
        """What is left of a repeat: one of equal copies, or each copy."""
        count = view.known(node.count)
        used = sequences if count is None else sequences[: int(count)]
        variants = dict(self.variants)
        if count != 1 or not node.counter:
            chains = [self.copy(node, view, copy, None) for copy in used]
            if chains and count != 1 and all(chain == chains[0] for chain in chains):
                return syntax.Repeat(view.written(node.count), chains[0], False, node.counter)
            if not node.counter:
                return chains
        self.variants = variants
        return [self.copy(node, view, copy, number) for number, copy in enumerate(used, 1)]

    def copy(
        self, node: syntax.Repeat, view: _View, sequence: template.Sequence, number: int | None
    ) -> Chain:
        """One copy; without a ``number`` its counter stays a name."""
        inner = view.copy(sequence.scope or "", node.each)
        if node.counter:
            inner.declare(node.counter, number, stays=number is None)
        return chain_of(self.within(node.chain, inner, sequence))

    def call(self, call: syntax.Call, view: _View, sequence: template.Sequence) -> list[Part]:
        """A call of a variant of the block, which takes the numbers that its body asks for."""
        block, scope = self.blocks[call.name], sequence.scope or ""
        order = [parameter.name for parameter in block.parameters]
        given = {item.name or order[i]: item.value for i, item in enumerate(call.items)}
        frame = Frame("", {"channels": _UNKNOWN}, self.top.frame)
        inner = _View(frame, dict(self.top.numbers), view.nodes, view.choices)
        passed: dict[str, syntax.Expr] = {}
        for name, default in ((p.name, p.default) for p in block.parameters):
            outer, value = (view, given[name]) if name in given else (self.top, default)
            assert value is not None
            inner.take(name, value, outer)
            passed[name] = outer.written(value)
        body = self.statements(block.body, inner, scope, deque(sequence.elements))
        for statement in block.body:
            if isinstance(statement, syntax.Knob):
                passed[statement.name] = literal(self.values[view.path(scope, statement.name)])
        kept = tuple(needed(body))
        if not kept:
            return []
        asked = tuple(name for name in names(kept) if name in passed)
        name = self.variant(block, asked, kept, view.path(scope))
        items = tuple(syntax.Item(passed[name]) for name in asked)
        return [Part(syntax.Call(name, items))]

    def variant(
        self, block: Block, asked: tuple[str, ...], body: tuple[syntax.Statement, ...], path: str
    ) -> str:
        """The name of the block with this body, which is made when it is new."""
        made = self.variants.get((block.name, asked, body))
        if made is None:
            taken = (self.blocks.keys() - {block.name}) | {b.name for b in self.variants.values()}
            tried = (
                f"{block.name}_{number}" if number > 1 else block.name for number in counting(1)
            )
            name = next(name for name in tried if name not in taken)
            made = Block(
                name, tuple(map(syntax.Parameter, asked)), body, before=self.notes(block, path)
            )
            self.variants[block.name, asked, body] = made
        return made.name

    def notes(self, block: Block, path: str) -> tuple[str, ...]:
        """A line of comment on the levers that left their default."""
        levers = [s for s in block.body if isinstance(s, syntax.Lever)]
        chosen = {s.name: self.values[f"{path}.{s.name}".strip(".")] for s in levers}
        moved = [s.name for s in levers if chosen[s.name] != (s.default or s.alternatives[0])]
        return (f"# {', '.join(f'{name} = {chosen[name]}' for name in moved)}",) if moved else ()


def _is_no_op(node: syntax.Element, view: _View) -> bool:
    """Whether this is a parameter for which a call passes ``none``."""
    meaning = view.frame.find(node.name) if isinstance(node, Apply) else None
    return isinstance(meaning, Word) and meaning.op is None


def _is_idle(statement: syntax.Statement) -> bool:
    return isinstance(statement, Line) and statement.chain == Chain((IDENTITY,))


def _is_tail(element: template.Element, node: Apply) -> bool:
    """Whether this is the normalisation or the activation behind an op."""
    return isinstance(element, template.OpElement) and element.site.place == node.place
