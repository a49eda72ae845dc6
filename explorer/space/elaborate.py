"""Syntax to space: inline the blocks, resolve the names, find the knobs and levers.

The result knows nothing of the text's blocks any more but the scopes that they left behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from explorer.errors import NetError, Place
from explorer.language import syntax
from explorer.language.printer import expression as show
from explorer.ops import OPS
from explorer.space.calls import open_frame
from explorer.space.domains import knob_of, lever_of
from explorer.space.expression import (
    Channels,
    Constant,
    Ref,
    mentions_channels,
    operation,
)
from explorer.space.header import Heading, Rebind, read_heading
from explorer.space.knobs import Choice
from explorer.space.names import Frame, LeverName, PathScope, ValueName, suggestion
from explorer.space.nodes import op_elements
from explorer.space.resolve import constant, largest_count, resolve, with_calls
from explorer.space.space import Exit, Requirement, Space
from explorer.space.template import (
    BranchElement,
    Copies,
    Element,
    Guard,
    Head,
    JoinElement,
    Load,
    Select,
    Sequence,
    Site,
    Store,
)

MAX_ELEMENTS = 100_000  # of a space, all alternatives and copies counted
MAX_NESTING = 40  # calls inside calls


def elaborate(file: syntax.File, rebind: Rebind | None = None) -> Space:
    """The space that a text describes.

    Args:
        file: the parsed text.
        rebind: header items to replace, as a protocol or the command line does.

    Raises:
        NetError: the text describes no space; it carries the place and the chain of calls.
    """
    heading = read_heading(file, rebind or Rebind())
    try:
        return _Elaborator(heading).space(file)
    except RecursionError:
        raise NetError(f"{file.name}: brackets and calls are nested too deeply") from None


@dataclass(slots=True)
class _Elaborator:
    """Walks the syntax once. What it gathers on the way: choices and requirements."""

    heading: Heading
    choices: dict[str, Choice]
    requirements: list[Requirement]
    elements: int

    def __init__(self, heading: Heading) -> None:
        self.heading = heading
        self.choices = {}
        self.requirements = []
        self.elements = 0

    def space(self, file: syntax.File) -> Space:
        heading = self.heading
        scope = PathScope()
        top = self._top(scope)
        declared = [s for s in file.statements if isinstance(s, (syntax.Knob, syntax.Lever))]
        for statement in declared:
            self._declare(statement, top, scope)
        rest: list[syntax.Statement] = [
            s for s in file.statements if isinstance(s, (syntax.Line, syntax.Require, syntax.Aux))
        ]
        body = self._lines(rest, top, scope)
        self._check_whole(file)
        return Space(
            heading.name,
            heading.title,
            heading.header,
            self.choices,
            tuple(self.requirements),
            Sequence(tuple(body)),
            heading.expected,
            self._exits(top),
        )

    def _top(self, scope: PathScope) -> Frame:
        """The names that the head of the text declares."""
        header = self.heading.header
        top = Frame(entry="input", scaling=(header.width, header.rounded))
        top.names |= {"classes": Ref("classes"), "channels": Channels("input")}
        for name, value in header.params.items():
            top.names[name] = Constant(value)
        labels = [source.label for source in header.inputs if source.label != "input"]
        scope.reserve(labels)
        for label in labels:
            top.declare(label, ValueName(f":{label}"), None)
        return top

    def _check_whole(self, file: syntax.File) -> None:
        """What can be said only when all lines have been read."""
        if not any(isinstance(statement, syntax.Line) for statement in file.statements):
            raise NetError(f"{file.name}: the text has no lines, such as: stem: conv 3x3 64")
        for name, block in self.heading.blocks.items():
            if name not in self.heading.called:
                raise NetError(f"nothing calls the block '{name}'", block.place)
        if self.heading.kind == "net" and self.choices:
            first = next(iter(self.choices.values()))
            raise NetError("a net has no knobs or levers; begin the text with 'space'", first.place)

    def _exits(self, top: Frame) -> tuple[Exit, ...]:
        """The values that an output statement names."""
        statement = self.heading.outputs
        place = statement.place if statement else None
        exits: dict[str, Exit] = {}
        for name in statement.names if statement else ():
            meaning = top.find(name)
            if not isinstance(meaning, ValueName) or name in exits:
                problem = "leaves twice" if name in exits else "is no value of the text"
                hint = suggestion(name, top.values()) if name not in exits else ""
                raise NetError(f"'{name}' {problem}{hint}", place)
            exits[name] = Exit(name, meaning.key, Site(place))
        return tuple(exits.values())

    # ---- statements

    def _lines(
        self, statements: list[syntax.Statement], frame: Frame, scope: PathScope
    ) -> list[Element]:
        lines = [statement for statement in statements if isinstance(statement, syntax.Line)]
        alone = len(lines) == 1
        scope.reserve(line.label for line in lines if line.label is not None)
        elements: list[Element] = []
        for statement in statements:
            if isinstance(statement, syntax.Line):
                elements += self._line(statement, frame, scope, alone)
            elif isinstance(statement, syntax.Aux):
                elements.append(self._aux(statement, frame, scope))
            else:
                self._declare(statement, frame, scope)
        return elements

    def _line(
        self, line: syntax.Line, frame: Frame, scope: PathScope, alone: bool
    ) -> list[Element]:
        if line.label is None:
            return self._chain(line.chain, frame, scope, alone)
        inner = scope.labelled(line.label)
        body = self._chain(line.chain, frame, inner, alone=True)
        key = f"{scope.path}:{line.label}"
        frame.declare(line.label, ValueName(key), line.place)
        site = Site(line.place, frame.calls)
        return [Sequence(tuple(body), inner.path, site=site), Store(key)]

    def _aux(self, aux: syntax.Aux, frame: Frame, scope: PathScope) -> Head:
        inner = scope.numbered_child("aux")
        body = self._chain(aux.chain, frame, inner, alone=True)
        site = Site(aux.place, frame.calls)
        return Head(aux.weight.value, Sequence(tuple(body), inner.path, site=site), site)

    def _declare(self, statement: syntax.Statement, frame: Frame, scope: PathScope) -> None:
        match statement:
            case syntax.Param(name=name, value=value):
                frame.declare(name, resolve(value, frame), statement.place)
            case syntax.Knob(name=name) | syntax.Lever(name=name):
                path = f"{scope.knobs}.{name}" if scope.knobs else name
                self._choose_from(statement, path, frame)
                is_knob = isinstance(statement, syntax.Knob)
                frame.declare(name, Ref(path) if is_knob else LeverName(path), statement.place)
            case syntax.Require(test=test):
                requirement = resolve(test, frame)
                if mentions_channels(requirement):
                    raise NetError(
                        "'require' compares knobs, not channels", test.place, frame.calls
                    )
                site = Site(test.place, frame.calls)
                self.requirements.append(Requirement(requirement, show(test), site))

    def _choose_from(self, statement: syntax.Knob | syntax.Lever, path: str, frame: Frame) -> None:
        """Note the choice that a statement declares; the copies of a repeat declare the same."""
        try:
            choice: Choice = (
                knob_of(statement, path, lambda value: constant(value, frame))
                if isinstance(statement, syntax.Knob)
                else lever_of(statement, path)
            )
        except NetError as error:
            raise with_calls(error, frame) from None
        if self.choices.setdefault(path, choice) != choice:
            message = f"the copies share '{path}', but its domain differs: write 'repeat ... each'"
            raise NetError(message, statement.place, frame.calls)

    # ---- chains

    def _chain(
        self, chain: syntax.Chain, frame: Frame, scope: PathScope, alone: bool
    ) -> list[Element]:
        """The elements of a chain. One that stands alone takes the name of what is around it."""
        alone = alone and len(chain.parts) == 1
        elements: list[Element] = []
        for index, part in enumerate(chain.parts):
            if part.alias is None:
                elements += self._element(part.element, frame, scope, alone, first=index == 0)
                continue
            inner = scope.child(part.alias)
            body = self._element(part.element, frame, inner, alone=True, first=index == 0)
            key = f"{scope.path}:{part.alias}"
            frame.declare(part.alias, ValueName(key), part.place)
            elements += [Sequence(tuple(body), inner.path), Store(key)]
        return elements

    def _element(
        self, element: syntax.Element, frame: Frame, scope: PathScope, alone: bool, first: bool
    ) -> list[Element]:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise NetError(
                f"the space has more than {MAX_ELEMENTS} elements", element.place, frame.calls
            )
        match element:
            case syntax.Apply():
                return self._apply(element, frame, scope, first)
            case syntax.Call():
                inner = scope if alone else scope.numbered_child(element.name)
                return [self._call(element, frame, inner)]
            case syntax.Group(chain=chain):
                return self._chain(chain, frame, scope, alone)
            case syntax.Repeat():
                inner = scope if alone else scope.numbered_child("repeat")
                return [self._repeat(element, frame, inner)]
            case syntax.Conditional():
                return [self._conditional(element, frame, scope, alone)]
            case syntax.Choose():
                return [self._choose(element, frame, scope)]
            case syntax.Join():
                return [self._join(element, frame, scope)]
            case syntax.Splat():
                return [self._splat(element, frame, scope)]

    def _apply(
        self, element: syntax.Apply, frame: Frame, scope: PathScope, first: bool
    ) -> list[Element]:
        name, site = element.name, Site(element.place, frame.calls)
        if name == "id" and not element.arguments:
            return []
        if name in ("input", "before"):
            return [Load(self._entry(element, frame, first), site)]
        if name in OPS:
            return op_elements(element, self.heading.defaults, frame, scope)
        meaning = frame.find(name)
        if isinstance(meaning, ValueName):
            if element.arguments or not first:
                raise NetError(
                    f"the value '{name}' stands alone, at the start of a chain", *_at(site)
                )
            return [Load(meaning.key, site)]
        raise NetError(self._unknown(name, frame), *_at(site))

    def _entry(self, element: syntax.Apply, frame: Frame, first: bool) -> str:
        """The key of what entered the block, or of what entered the call before it."""
        name = element.name
        if element.arguments or not first:
            message = f"'{name}' stands alone, at the start of a chain"
            raise NetError(message, element.place, frame.calls)
        if name == "input":
            return frame.entry
        if frame.entry == "input":
            message = "'before' stands in a block: it is what entered the call before this one"
            raise NetError(message, element.place)
        return f"{frame.entry}:before"

    def _unknown(self, name: str, frame: Frame) -> str:
        if name in self.heading.blocks:
            return f"'{name}' is a block; call it with its arguments: {name}(...)"
        known = [*OPS, *frame.values(), *self.heading.blocks]
        return f"no op, block or value is called '{name}'{suggestion(name, known)}"

    def _call(self, call: syntax.Call, frame: Frame, scope: PathScope) -> Sequence:
        site = Site(call.place, frame.calls)
        block = self.heading.blocks.get(call.name)
        if block is None:
            if call.name in OPS:
                raise NetError(f"'{call.name}' is an op; put a space before '('", *_at(site))
            known = list(self.heading.blocks)
            raise NetError(
                f"no block is called '{call.name}'{suggestion(call.name, known)}", *_at(site)
            )
        if call.name in frame.blocks:
            cycle = " > ".join([*frame.blocks[frame.blocks.index(call.name) :], call.name])
            raise NetError(f"a block cannot contain itself: {cycle}", *_at(site))
        if len(frame.blocks) >= MAX_NESTING:
            raise NetError(f"calls are nested deeper than {MAX_NESTING}", *_at(site))
        self.heading.called.add(call.name)
        self.elements += 1
        inner = open_frame(call, block, frame, entry=f"entry{self.elements}")
        body = self._lines(list(block.body), inner, scope)
        return Sequence(tuple(body), scope.path, block.name, inner.entry, site)

    def _repeat(self, repeat: syntax.Repeat, frame: Frame, scope: PathScope) -> Copies:
        count = resolve(repeat.count, frame)
        site = Site(repeat.count.place, frame.calls)
        most = largest_count(count, self.choices, self.heading.header.classes, site)
        copies = []
        for number in range(1, most + 1):
            inner = replace(frame, names=dict(frame.names))
            if repeat.counter:
                inner.declare(repeat.counter, Constant(number), repeat.place)
            copy = scope.copy(number, repeat.each)
            body = self._chain(repeat.chain, inner, copy, alone=True)
            copies.append(Sequence(tuple(body), copy.path, site=Site(repeat.place, frame.calls)))
        return Copies(count, tuple(copies), Site(repeat.place, frame.calls))

    def _conditional(
        self, node: syntax.Conditional, frame: Frame, scope: PathScope, alone: bool
    ) -> Guard:
        test = resolve(node.test, frame)
        then = Sequence(tuple(self._chain(node.then, frame, scope, alone and not node.otherwise)))
        otherwise = None
        if node.otherwise is not None:
            otherwise = Sequence(tuple(self._chain(node.otherwise, frame, scope, alone=False)))
        return Guard(test, then, otherwise, Site(node.place, frame.calls))

    def _choose(self, node: syntax.Choose, frame: Frame, scope: PathScope) -> Select:
        lever = frame.find(node.lever)
        if not isinstance(lever, LeverName):
            known = [name for name in frame.visible() if isinstance(frame.find(name), LeverName)]
            message = f"no lever is called '{node.lever}'{suggestion(node.lever, known)}"
            raise NetError(message, node.place, frame.calls)
        expected = self.choices[lever.path].values
        written = tuple(option.name for option in node.options)
        if sorted(written) != sorted(str(name) for name in expected):
            message = f"'{node.lever}' has the alternatives {', '.join(map(str, expected))}; "
            raise NetError(message + f"got {', '.join(written)}", node.place, frame.calls)
        options: dict[str, Sequence] = {}
        for option in node.options:
            inner = scope.child(option.name)
            body = self._chain(option.chain, frame, inner, alone=True)
            site = Site(option.place, frame.calls)
            options[option.name] = Sequence(tuple(body), inner.path, site=site)
        return Select(lever.path, options)

    def _join(self, join: syntax.Join, frame: Frame, scope: PathScope) -> JoinElement:
        path = scope.numbered({"|": "concat", "+": "add", "*": "multiply"}[join.kind])
        branches = []
        for branch in join.branches:
            inner = scope.numbered_child("b")
            body = Sequence(tuple(self._chain(branch.chain, frame, inner, alone=True)), inner.path)
            when = resolve(branch.when, frame) if branch.when else None
            branches.append(BranchElement(body, when))
        return JoinElement(join.kind, tuple(branches), path, Site(join.place, frame.calls))

    def _splat(self, splat: syntax.Splat, frame: Frame, scope: PathScope) -> JoinElement:
        path = scope.numbered({"|": "concat", "+": "add", "*": "multiply"}[splat.kind])
        copies = self._repeat(splat.repeat, frame, scope.numbered_child("b"))
        branches = tuple(
            BranchElement(copy, operation("<", (Constant(index), copies.count), splat.place))
            for index, copy in enumerate(copies.copies)
        )
        return JoinElement(splat.kind, branches, path, Site(splat.place, frame.calls))


def _at(site: Site) -> tuple[Place | None, tuple[Place, ...]]:
    return site.place, site.calls
