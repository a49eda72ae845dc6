"""All graphs of a space at once: a template walked under every assignment together.

The walk is that of :class:`explorer.space.walk.Binder`, with two differences. A value is not one
node but a list of nodes, each under the condition that it is that one (disjoint, so one holds).
And channel counts are formulas. Grids, kernels and strides stay plain numbers: where they differ
between alternatives, the walk goes on with a node for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product as combinations
from math import lcm, prod
from typing import Any

from explorer.cost.batch.expressions import Formulas, Ratio, Value
from explorer.cost.batch.numbers import Algebra, Exact, Number
from explorer.cost.batch.truth import Truth, UncompilableError
from explorer.errors import NetError
from explorer.ops import JOINS, Argument, Input, Op, OpError, Shape, Zero, accept
from explorer.space import Knob, Space
from explorer.space.expression import Channels, Expression, knob_paths, references
from explorer.space.given import given
from explorer.space.template import (
    BranchElement,
    Copies,
    Element,
    Guard,
    Head,
    JoinElement,
    Load,
    OpArgument,
    OpElement,
    Select,
    Store,
)
from explorer.space.template import Sequence as Chain

MAX_VARIANTS = 4_096  # of one op's windows, or of one join's branches
MAX_NODES = 200_000

Phi = tuple[tuple[Truth, int], ...]  # nodes, and when a value is that one


@dataclass(frozen=True, slots=True, eq=False)
class TracedNode:
    """A node of all graphs in which ``exists`` holds. Its shape's channels may be a formula."""

    op: Op
    inputs: tuple[Phi, ...]
    shape: Shape
    shapes: tuple[Shape, ...]  # that it reads
    exists: Truth


@dataclass(slots=True)
class Trace:
    """What a walk gathers.

    Attributes:
        nodes: in an order in which they can be computed; the inputs first.
        outputs: the values that leave the net.
        refused: conditions under which an assignment has no graph.
    """

    algebra: Algebra
    nodes: list[TracedNode] = field(default_factory=list)
    outputs: list[Phi] = field(default_factory=list)
    refused: list[Truth] = field(default_factory=list)

    def needed(self) -> list[Truth]:
        """For each node, when an output depends on it; the inputs are always there."""
        truths = self.algebra.truths
        found = [truths.of(isinstance(node.op, Input)) for node in self.nodes]
        for phi in self.outputs:
            for when, index in phi:
                found[index] = found[index] | when
        for index in range(len(self.nodes) - 1, -1, -1):
            if found[index] is truths.false:
                continue
            for phi in self.nodes[index].inputs:
                for when, source in phi:
                    found[source] = found[source] | (found[index] & when)
        return found


def trace(space: Space) -> Trace:
    """All graphs of a space.

    Raises:
        UncompilableError: something in the text is beyond this arithmetic.
    """
    tracer = _Tracer(space)
    try:
        tracer.run()
    except RecursionError:
        raise UncompilableError("its calls are nested too deeply") from None
    return tracer.trace


def _knob_values(space: Space, algebra: Algebra, scales: Mapping[str, int]) -> dict[str, Value]:
    """What each knob is, as a formula."""
    found: dict[str, Value] = {}
    for variable, (path, choice) in enumerate(space.choices.items()):
        if isinstance(choice, Knob):
            value, scale = algebra.choice(variable), scales[path]
            if scale == 1:
                found[path] = value
            elif isinstance(value, int):
                found[path] = Fraction(value, scale)
            else:
                found[path] = Ratio(value, scale)
    return found


def _domains(space: Space) -> tuple[list[list[int]], dict[str, int]]:
    """The domains in whole numbers, and by path what fractions were multiplied by for that."""
    domains, scales = [], {}
    for path, choice in space.choices.items():
        if isinstance(choice, Knob):
            scale = scales[path] = lcm(*(Fraction(value).denominator for value in choice.values))
            domains.append([int(value * scale) for value in choice.values])
        else:
            domains.append(list(range(len(choice.values))))
    return domains, scales


class _Tracer:
    """Walks a template; ``current`` flows through it, ``here`` says under which assignments."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.variables = {path: index for index, path in enumerate(space.choices)}
        domains, scales = _domains(space)
        self.algebra = Algebra(domains)
        self.trace = Trace(self.algebra)
        self.here = self.algebra.truths.true
        self.current: Phi = ()
        self.values: dict[str, Phi] = {}
        self.channels: dict[str, Exact] = {}
        self.entered: dict[int, list[tuple[Truth, int]]] = {}
        self.befores = _befores(space.root)
        knobs = _knob_values(space, self.algebra, scales)
        if space.header.classes is not None:
            knobs["classes"] = space.header.classes
        self.formulas = Formulas(self.algebra, knobs, self.channels)

    def run(self) -> None:
        header = self.space.header
        true = self.algebra.truths.true
        for source in header.inputs:
            node = self.add_node(source, (), (), true)
            self.values[f":{source.label}"] = ((true, node),)
        self.current = self.values["input"] = ((true, 0),)
        self.channels["input"] = self.trace.nodes[0].shape.channels
        self.sequence(self.space.root)
        for exit_ in self.space.outputs:
            self.load(exit_.key)
            self.trace.outputs.append(self.current)
        if not self.space.outputs:
            self.trace.outputs.append(self.current)
        for requirement in self.space.requirements:
            self.refuse(~self.decision(requirement.test))

    # ---- conditions

    def refuse(self, truth: Truth) -> None:
        """Note assignments that have no graph."""
        bad = self.here & truth
        if bad is not self.algebra.truths.false:
            self.trace.refused.append(bad)

    def decision(self, expression: Expression) -> Truth:
        """When a test holds."""
        return self.formulas.truth(self.value(expression))

    def value(self, expression: Expression) -> Value:
        try:
            return self.formulas.value(expression)
        except (NetError, KeyError):  # no result, or of classes that the input does not say
            self.refuse(self.algebra.truths.true)
            return 1

    def within(self, when: Truth, walk: Callable[[], None]) -> None:
        """Walk where a condition holds; elsewhere the value passes by."""
        outer, start = self.here, self.current
        inner = outer & when
        if inner is self.algebra.truths.false:
            return
        self.here, self.current = inner, restrict(start, inner)
        walk()
        self.here = outer
        self.current = self.merged((*restrict(start, ~when), *self.current))

    def merged(self, phi: Phi) -> Phi:
        """One entry for each node."""
        joined: dict[int, Truth] = {}
        for when, node in phi:
            joined[node] = joined[node] | when if node in joined else when
        return tuple((when, node) for node, when in joined.items())

    # ---- elements

    def sequence(self, sequence: Chain) -> None:
        start, entry = self.current, sequence.entry
        if entry is not None:
            self.values[entry] = start
            self.channels[entry] = self.channels_of(start)
            if f"{entry}:before" in self.befores:
                before = [(w & c, n) for w, i in start for c, n in self.before(i, w)]
                self.values[f"{entry}:before"] = self.merged(restrict(tuple(before), self.here))
        for element in sequence.elements:
            self.element(element)
        if entry is not None and self.befores:
            self.note_entered(start)

    def note_entered(self, start: Phi) -> None:
        """The innermost call made what flows on now."""
        false = self.algebra.truths.false
        for when, node in self.current:
            known = self.entered.setdefault(node, [])
            rest = when
            for earlier, _ in known:
                rest = rest & ~earlier
            for other, source in start:
                if source != node and (rest & other) is not false:
                    known.append((rest & other, source))

    def before(
        self, node: int, when: Truth, origin: int | None = None
    ) -> Iterator[tuple[Truth, int]]:
        """What entered the last call on the way to a node, past ops that read one value."""
        origin = node if origin is None else origin
        false = self.algebra.truths.false
        rest = when
        for entered, source in self.entered.get(node, ()):
            if (when & entered) is not false:
                yield when & entered, source
            rest = rest & ~entered
        if rest is false:
            return
        inputs = self.trace.nodes[node].inputs
        if len(inputs) != 1:
            yield rest, origin
            return
        for read, source in inputs[0]:
            if (rest & read) is not false:
                yield from self.before(source, rest & read, origin)

    def element(self, element: Element) -> None:
        match element:
            case OpElement():
                self.op(element)
            case Chain():
                self.sequence(element)
            case JoinElement():
                self.join(element)
            case Select():
                self.select(element)
            case Guard():
                self.guard(element)
            case Copies():
                self.copies(element)
            case Load(key=key):
                self.load(key)
            case Store(key=key):
                kept = restrict(self.values.get(key, ()), ~self.here)
                self.values[key] = self.merged((*kept, *self.current))
            case Head():
                pass  # of training alone

    def select(self, element: Select) -> None:
        variable = self.variables[element.lever]
        names = self.space.choices[element.lever].values
        for index, name in enumerate(names):
            when = self.algebra.truths.choice(variable, 1 << index)
            # What another alternative has made is under another condition, and passes by.
            self.within(when, lambda name=name: self.sequence(element.options[str(name)]))  # type: ignore[misc]

    def guard(self, element: Guard) -> None:
        test, otherwise = self.decision(element.test), element.otherwise
        start = self.here
        self.within(test, lambda: self.sequence(element.then))
        assert self.here is start
        if otherwise is not None:
            self.within(~test, lambda: self.sequence(otherwise))

    def copies(self, element: Copies) -> None:
        count = self.value(element.count)
        for number, copy in enumerate(element.copies):
            more = self.formulas.truth(self.formulas.greater(count, number))
            self.within(more, lambda copy=copy: self.sequence(copy))  # type: ignore[misc]

    def load(self, key: str) -> None:
        found = restrict(self.values.get(key, ()), self.here)
        missing = self.here
        for when, _ in found:
            missing = missing & ~when
        self.refuse(missing)
        # Whatever stands for what is missing, no assignment that has a graph sees it.
        self.current = found if missing is self.algebra.truths.false else (*found, (missing, 0))

    # ---- joins

    def join(self, element: JoinElement) -> None:
        start, ends = self.current, []
        for branch in element.branches:
            self.current = start
            present = self.here if branch.when is None else self.here & self.decision(branch.when)
            if present is self.algebra.truths.false:
                continue
            self.within(present, lambda branch=branch: self.sequence(branch.body))  # type: ignore[misc]
            ends.append((present, restrict(self.current, present)))
        if element.kind == "+":
            ends = self.without_zeros(ends)
        result: list[tuple[Truth, int]] = []
        for when, phis in self.patterns(ends):
            if not phis:
                self.refuse(when)
                result.append((when, 0))
            elif len(phis) == 1:
                result += restrict(phis[0], when)
            else:
                result += self.node(JOINS[element.kind](), phis, when)
        self.current = self.merged(tuple(result))

    def without_zeros(self, ends: list[tuple[Truth, Phi]]) -> list[tuple[Truth, Phi]]:
        """What a sum is made of: zeros add nothing, unless there is nothing else."""
        truths = self.algebra.truths
        zero = [self.zeros(phi) for _, phi in ends]
        others = truths.false
        for (present, _), is_zero in zip(ends, zero, strict=True):
            others = others | (present & ~is_zero)
        return [
            (present & ~(is_zero & others), phi)
            for (present, phi), is_zero in zip(ends, zero, strict=True)
        ]

    def zeros(self, phi: Phi) -> Truth:
        """When a value is made of zeros."""
        found = self.algebra.truths.false
        for when, node in phi:
            if isinstance(self.trace.nodes[node].op, Zero):
                found = found | when
        return found

    def patterns(self, ends: Sequence[tuple[Truth, Phi]]) -> list[tuple[Truth, tuple[Phi, ...]]]:
        """Which branches are there, and when."""
        false = self.algebra.truths.false
        patterns: list[tuple[Truth, tuple[Phi, ...]]] = [(self.here, ())]
        for present, phi in ends:
            grown = []
            for when, phis in patterns:
                grown += [(when & present, (*phis, phi)), (when & ~present, phis)]
            patterns = [pattern for pattern in grown if pattern[0] is not false]
            if len(patterns) > MAX_VARIANTS:
                raise UncompilableError("the branches of a join come and go in too many ways")
        return patterns

    # ---- ops

    def op(self, element: OpElement) -> None:
        others = [self.loaded(a.key) for a in element.arguments if a.key is not None]
        result: list[tuple[Truth, int]] = []
        for when, phi, shape in self.forms(self.current, self.here):
            try:
                accept(element.op, shape)
            except OpError:
                self.refuse(when)
                result.append((when, 0))
                continue
            for case, values in self.arguments(element, shape, when):
                if values is None:
                    result.append((case, 0))
                else:
                    result += self.applied(element, values, phi, others, case)
        self.current = self.merged(tuple(result))

    def loaded(self, key: str) -> Phi:
        """A value that an op reads beside the one that arrives."""
        arrives = self.current
        self.load(key)
        found, self.current = self.current, arrives
        return found

    def applied(
        self, element: OpElement, values: dict[str, Any], phi: Phi, others: list[Phi], when: Truth
    ) -> Phi:
        """The op on values of one kind and grid."""
        arrives = self.shape_of(restrict(phi, when))
        try:
            op = element.op.make(values, len(arrives.grid))
        except OpError:
            self.refuse(when)
            return ((when, 0),)
        prelude = op.prelude((arrives,))
        if prelude is not None:
            phi = self.node(prelude, (phi,), when)
        return self.node(op, (phi, *others), when)

    def node(self, op: Op, phis: Sequence[Phi], when: Truth) -> Phi:
        """A node for every combination of kinds and grids that are read."""
        result: list[tuple[Truth, int]] = []
        forms = [self.forms(phi, when) for phi in phis]
        if prod(map(len, forms)) > MAX_VARIANTS:
            raise UncompilableError("the values of a join have too many grids")
        for combination in combinations(*forms):
            together = when
            for condition, _, _ in combination:
                together = together & condition
            if together is self.algebra.truths.false:
                continue
            inputs = tuple(restrict(phi, together) for _, phi, _ in combination)
            shapes = tuple(map(self.shape_of, inputs))
            result.append((together, self.checked(op, inputs, shapes, together)))
        return tuple(result)

    def checked(
        self, op: Op, inputs: tuple[Phi, ...], shapes: tuple[Shape, ...], when: Truth
    ) -> int:
        """The node, with what must not be refused; where that is sure, the input stands for it."""
        outer, self.here = self.here, when
        try:
            accept(type(op), shapes[0])
            for condition in op.conditions(shapes):
                bad = condition.bad
                if isinstance(bad, Truth):
                    self.refuse(bad)
                elif bad:
                    raise OpError
            return self.add_node(op, inputs, shapes, when)
        except OpError:
            self.refuse(self.algebra.truths.true)
            return 0
        finally:
            self.here = outer

    def add_node(
        self, op: Op, inputs: tuple[Phi, ...], shapes: tuple[Shape, ...], exists: Truth
    ) -> int:
        nodes = self.trace.nodes
        if len(nodes) >= MAX_NODES:
            raise UncompilableError(f"it has more than {MAX_NODES} nodes")
        nodes.append(TracedNode(op, inputs, op.shape(shapes), shapes, exists))
        return len(nodes) - 1

    # ---- shapes

    def forms(self, phi: Phi, when: Truth) -> list[tuple[Truth, Phi, Shape]]:
        """A value by kind and grid: when it is of that form, its nodes, and a shape of it."""
        groups: dict[object, list[tuple[Truth, int]]] = {}
        for entry in restrict(phi, when):
            shape = self.trace.nodes[entry[1]].shape
            groups.setdefault((shape.kind, shape.grid), []).append(entry)
        found = []
        for entries in groups.values():
            together = entries[0][0]
            for other, _ in entries[1:]:
                together = together | other
            found.append((together, tuple(entries), self.shape_of(tuple(entries))))
        return found

    def shape_of(self, phi: Phi) -> Shape:
        """The shape of a value of one kind and grid."""
        first = self.trace.nodes[phi[0][1]].shape
        return first if len(phi) == 1 else Shape(first.kind, self.channels_of(phi), first.grid)

    def channels_of(self, phi: Phi) -> Exact:
        return self.algebra.switch(
            (when, self.trace.nodes[node].shape.channels) for when, node in phi
        )

    # ---- arguments

    def arguments(
        self, element: OpElement, arrives: Shape, when: Truth
    ) -> Iterator[tuple[Truth, dict[str, Any] | None]]:
        """What an op is given: its windows as numbers, case by case, its channels as formulas.

        None where it cannot be given what it is.
        """
        taken = [a for a in element.arguments if a.parameter.kind is not Argument.VALUE]
        open_ = [a for a in taken if a.values and a.parameter.kind in _FORMULAS]
        fixed = [a for a in taken if a not in open_]
        outer, self.here = self.here, when
        try:
            formulas = {a.parameter.name: self.formula(a) for a in open_}
        finally:
            self.here = outer
        for case, values in self.cases(fixed, when):
            if values is None:
                yield case, None
                continue
            values |= formulas
            if element.bias is not None and values.get("bias") is None:
                values["bias"] = element.bias
            if "groups" in values and self.space.header.width != 1:
                channels = arrives.channels
                given_channels = values.get("channels", channels)
                values["groups"] = self.algebra.gcd(values["groups"], channels, given_channels)
            yield case, values

    def formula(self, argument: OpArgument) -> Value:
        """A number, which of a count is positive and whole: other assignments are refused."""
        truths = self.algebra.truths
        found = self.value(argument.values[0])
        if argument.parameter.kind is Argument.NUMBER:
            if isinstance(found, (bool, Truth)):
                self.refuse(truths.true)
                return Fraction(1)
            return Fraction(found) if isinstance(found, (int, Fraction)) else found
        value, is_whole = self.formulas.whole(found)
        self.refuse(~truths.of(is_whole) | truths.of(value < 1))
        if isinstance(value, int) and value < 1:
            value = 1
        header = self.space.header
        if argument.scaled and header.width != 1:
            value = self.formulas.rounded_width(value, header.width, header.rounded)
        return value

    def cases(
        self, arguments: Sequence[OpArgument], when: Truth
    ) -> Iterator[tuple[Truth, dict[str, Any] | None]]:
        """The values of arguments that shape windows, for each value of the knobs in them."""
        paths = sorted(
            {p for a in arguments for e in a.values for p in knob_paths(e)} - {"classes"}
        )
        domains = [self.space.choices[path].values for path in paths]
        if prod(map(len, domains)) > MAX_VARIANTS:
            raise UncompilableError("the windows of an op have too many forms")
        known: dict[str, Any] = {"classes": self.space.header.classes}
        channels = self.fixed_channels(arguments)
        found: dict[str, tuple[Truth, dict[str, Any]]] = {}
        for indices in combinations(*(range(len(domain)) for domain in domains)):
            here = when
            for path, index in zip(paths, indices, strict=True):
                here = here & self.algebra.truths.choice(self.variables[path], 1 << index)
            if here is self.algebra.truths.false:
                continue
            knobs = known | {p: d[i] for p, d, i in zip(paths, domains, indices, strict=True)}
            try:
                values = {
                    a.parameter.name: given(a, knobs, channels, self.space.header)
                    for a in arguments
                }
            except NetError:
                self.trace.refused.append(here)
                yield here, None
                continue
            key = repr(values)
            found[key] = (found[key][0] | here if key in found else here, values)
        yield from found.values()

    def fixed_channels(self, arguments: Sequence[OpArgument]) -> dict[str, int]:
        """Channel counts that the windows of an op depend on."""
        keys = {
            ref.key
            for argument in arguments
            for expression in argument.values
            for ref in references(expression)
            if isinstance(ref, Channels)
        }
        found = {key: self.channels[key] for key in keys}
        if any(isinstance(value, Number) for value in found.values()):
            raise UncompilableError("a window depends on a number of channels")
        return found


_FORMULAS = (Argument.WIDTH, Argument.COUNT, Argument.NUMBER)


def restrict(phi: Phi, when: Truth) -> Phi:
    """A value where a condition holds."""
    kept = ((here & when, node) for here, node in phi)
    return tuple(entry for entry in kept if entry[0] is not when.table.false)


def _befores(element: object) -> set[str]:
    """The keys of values that a template reads with ``before``."""
    match element:
        case Load(key=key):
            return {key} if key.endswith(":before") else set()
        case OpElement(arguments=arguments):
            return {a.key for a in arguments if a.key and a.key.endswith(":before")}
        case Chain(elements=parts) | JoinElement(branches=parts) | Copies(copies=parts):
            pass
        case Select(options=options):
            parts = tuple(options.values())
        case Guard(then=then, otherwise=otherwise):
            parts = (then, otherwise) if otherwise else (then,)
        case BranchElement(body=body):
            parts = (body,)
        case _:
            return set()
    return set().union(*map(_befores, parts))
