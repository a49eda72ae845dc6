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
    Constant,
    Ref,
    mentions_channels,
    operation,
)
from explorer.space.header import Heading, Rebind, read_heading
from explorer.space.knobs import Choice
from explorer.space.names import Frame, LeverName, PathScope, ValueName, Word, suggestion
from explorer.space.nodes import check_defaults, op_elements
from explorer.space.requirements import check_possible
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
from explorer.space.uncalled import check_blocks
from explorer.space.unknown import check_options, unknown_block, unknown_element
from explorer.space.written import written

MAX_ELEMENTS = 100_000  # of a space, all alternatives and copies counted
MAX_NESTING = 40  # calls inside calls


def elaborate(file: syntax.File, rebind: Rebind | None = None, *, may_spare: bool = False) -> Space:
    """The space that a text describes.

    Args:
        file: the parsed text.
        rebind: header items to replace, as a protocol or the command line does.
        may_spare: blocks that nothing calls are no mistake; texts that a program made have some.

    Raises:
        NetError: the text describes no space; it carries the place and the chain of calls.
    """
    heading = read_heading(file, rebind or Rebind())
    try:
        return _Elaborator(heading, may_spare).space(file)
    except RecursionError:
        raise NetError(f"{file.name}: brackets and calls are nested too deeply") from None


@dataclass(slots=True)
class _Elaborator:
    """Walks the syntax once. What it gathers on the way: choices and requirements."""

    heading: Heading
    may_spare: bool
    choices: dict[str, Choice]
    requirements: list[Requirement]
    elements: int

    def __init__(self, heading: Heading, may_spare: bool) -> None:
        self.heading = heading
        self.may_spare = may_spare
        self.choices = {}
        self.requirements = []
        self.elements = 0

    def space(self, file: syntax.File) -> Space:
        heading = self.heading
        scope = PathScope()
        top = self._top(scope)
        check_defaults(heading.defaults, top)
        declared = [s for s in file.statements if isinstance(s, (syntax.Knob, syntax.Lever))]
        for statement in declared:
            self._declare(statement, top, scope)
        rest: list[syntax.Statement] = [
            s for s in file.statements if isinstance(s, (syntax.Line, syntax.Require, syntax.Aux))
        ]
        body = self._lines(rest, top, scope)
        self._check_whole(file)
        check_possible(self.requirements, self.choices, heading.header.classes)
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
        top.names["classes"] = Ref("classes")
        for name, value in header.params.items():
            top.names[name] = Constant(value)
        top.places |= self.heading.places
        labels = [source.label for source in header.inputs if source.label != "input"]
        scope.reserve(labels)
        for label in labels:
            top.declare(label, ValueName(f":{label}"), None)
        return top

    def _check_whole(self, file: syntax.File) -> None:
        """What can be said only when all lines have been read."""
        if not any(isinstance(statement, syntax.Line) for statement in file.statements):
            raise NetError(f"{file.name}: the text has no lines, such as: stem: conv 3x3 64")
        check_blocks(file, self.heading.called)
        for name, block in self.heading.blocks.items():
            if name not in self.heading.called and not self.may_spare:
                place = block.place.at(name) if block.place else None
                raise NetError(f"nothing calls the block '{name}'", place)
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
                raise NetError(f"'{name}' {problem}{hint}", place.at(name) if place else None)
            exits[name] = Exit(name, meaning.key, Site(place))
        return tuple(exits.values())

    def _grow(self, count: int, place: Place | None, frame: Frame) -> None:
        """Note that the space has more elements, so that no small text makes endless work."""
        self.elements += count
        if self.elements > MAX_ELEMENTS:
            message = f"the space has more than {MAX_ELEMENTS} elements"
            raise NetError(message, place, frame.calls)

    def _foresee(self, count: int, place: Place | None, frame: Frame) -> None:
        """Refuse at once what would have too many elements."""
        self._grow(count, place, frame)
        self.elements -= count

    # ---- statements

    def _lines(
        self, statements: list[syntax.Statement], frame: Frame, scope: PathScope
    ) -> list[Element]:
        lines = [statement for statement in statements if isinstance(statement, syntax.Line)]
        alone = len(lines) == 1
        frame.labels = {line.label for line in lines if line.label is not None}
        scope.reserve(frame.labels)
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
        self._grow(1, statement.place, frame)
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
                said = written(test, lambda value: resolve(value, frame))
                self.requirements.append(Requirement(requirement, show(test), site, said))

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
        self._grow(len(choice.values) // 10, statement.place, frame)
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
        self._grow(1, element.place, frame)
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
            nodes = op_elements(element, self.heading.defaults, frame, scope)
            self._grow(len(nodes) - 1, element.place, frame)
            return nodes
        meaning = frame.find(name)
        if isinstance(meaning, Word):
            meant = replace(element, name=meaning.op or "id")
            return self._apply(meant, frame, scope, first)
        if isinstance(meaning, ValueName):
            if element.arguments or not first:
                raise NetError(
                    f"the value '{name}' stands alone, at the start of a chain", *_at(site)
                )
            return [Load(meaning.key, site)]
        labels = frame.all_labels()
        message = unknown_element(element, meaning, frame.values(), self.heading.blocks, labels)
        raise NetError(message, *_at(site, name))

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

    def _call(self, call: syntax.Call, frame: Frame, scope: PathScope) -> Sequence:
        site = Site(call.place, frame.calls)
        block = self.heading.blocks.get(call.name)
        if block is None:
            raise NetError(unknown_block(call, self.heading.blocks), *_at(site, call.name))
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
        most, tried = largest_count(count, self.choices, self.heading.header.classes, site)
        self._grow(tried // 10, repeat.place, frame)
        before = self.elements
        copies = []
        for number in range(1, most + 1):
            inner = replace(frame, names=dict(frame.names))
            if repeat.counter:
                inner.declare(repeat.counter, Constant(number), repeat.place)
            copy = scope.copy(number, repeat.each)
            body = self._chain(repeat.chain, inner, copy, alone=True)
            copies.append(Sequence(tuple(body), copy.path, site=Site(repeat.place, frame.calls)))
            if number == 1 and not repeat.counter:  # the others have as many elements
                self._foresee((self.elements - before) * (most - 1), repeat.place, frame)
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
            raise NetError(message, *_at(Site(node.place, frame.calls), node.lever))
        try:
            check_options(node, tuple(map(str, self.choices[lever.path].values)))
        except NetError as error:
            raise with_calls(error, frame) from None
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
            branches.append(BranchElement(body, when, branch.place))
        return JoinElement(join.kind, tuple(branches), path, Site(join.place, frame.calls))

    def _splat(self, splat: syntax.Splat, frame: Frame, scope: PathScope) -> JoinElement:
        path = scope.numbered({"|": "concat", "+": "add", "*": "multiply"}[splat.kind])
        copies = self._repeat(splat.repeat, frame, scope.numbered_child("b"))
        branches = tuple(
            BranchElement(
                copy, operation("<", (Constant(index), copies.count), splat.place), splat.place
            )
            for index, copy in enumerate(copies.copies)
        )
        return JoinElement(splat.kind, branches, path, Site(splat.place, frame.calls))


def _at(site: Site, word: str = "") -> tuple[Place | None, tuple[Place, ...]]:
    """The place of a word in a site, or of the whole, and the calls that lead there."""
    return (site.place.at(word) if site.place and word else site.place), site.calls
