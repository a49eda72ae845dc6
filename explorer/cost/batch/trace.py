"""All graphs of a space at once: a template walked under every assignment together.

The walk is that of :class:`explorer.space.walk.Binder`, with two differences. A value is not one
node but a list of nodes, each under the condition that it is that one (disjoint, so one holds).
And channel counts are formulas. Grids, kernels and strides stay plain numbers: where they differ
between alternatives, the walk goes on with a node for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product as combinations
from math import prod
from typing import Any

from explorer.cost.batch.arguments import Arguments, knob_values, whole_domains
from explorer.cost.batch.atoms import Exact
from explorer.cost.batch.expressions import Formulas, Value
from explorer.cost.batch.graphs import Phi, Trace, merged, restrict
from explorer.cost.batch.numbers import Algebra
from explorer.cost.batch.truth import Truth, UncompilableError
from explorer.ops import JOINS, Op, OpError, Shape, Zero, accept
from explorer.space import Space
from explorer.space.expression import Expression, knob_paths
from explorer.space.template import (
    BranchElement,
    Copies,
    Element,
    Guard,
    Head,
    JoinElement,
    Load,
    OpElement,
    Select,
    Store,
)
from explorer.space.template import Sequence as Chain

MAX_VARIANTS = 4_096  # of one join's branches


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


class _Tracer:
    """Walks a template; ``current`` flows through it, ``here`` says under which assignments."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.variables = {path: index for index, path in enumerate(space.choices)}
        domains, scales = whole_domains(space)
        self.algebra = Algebra(domains)
        self.trace = Trace(self.algebra)
        self.here = self.algebra.truths.true
        self.current: Phi = ()
        self.values: dict[str, Phi] = {}
        self.channels: dict[str, Exact] = {}
        self.entered: dict[int, list[tuple[Truth, int]]] = {}
        self.befores = _befores(space.root)
        knobs = knob_values(space, self.algebra, scales)
        if space.header.classes is not None:
            knobs["classes"] = space.header.classes
        self.formulas = Formulas(self.algebra, knobs, self.channels)
        self.arguments = Arguments(space, self.trace, self.formulas, self.variables)

    def run(self) -> None:
        header = self.space.header
        true = self.algebra.truths.true
        for source in header.inputs:
            node = self.trace.add(source, (), (), true)
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
            held = self.formulas.truth(self.arguments.value(requirement.test, self.here))
            self.refuse(~held)

    # ---- conditions

    def refuse(self, truth: Truth) -> None:
        """Note that assignments of here have no graph."""
        self.trace.refuse(self.here & truth)

    def decision(self, expression: Expression) -> Truth:
        """When a test holds."""
        return self.formulas.truth(self.value(expression))

    def value(self, expression: Expression) -> Value:
        self.read(expression)
        return self.arguments.value(expression, self.here)

    def read(self, expression: Expression) -> None:
        """Note the knobs in an expression."""
        for path in knob_paths(expression) & self.variables.keys():
            self.trace.read(self.variables[path], self.here)

    def within(self, when: Truth, walk: Callable[[], None]) -> None:
        """Walk where a condition holds; elsewhere the value passes by."""
        outer, start = self.here, self.current
        inner = outer & when
        if inner is self.algebra.truths.false:
            return
        self.here, self.current = inner, restrict(start, inner)
        walk()
        self.here = outer
        self.current = merged((*restrict(start, ~when), *self.current))

    # ---- elements

    def sequence(self, sequence: Chain) -> None:
        start, entry = self.current, sequence.entry
        if entry is not None:
            self.values[entry] = start
            self.channels[entry] = self.trace.channels_of(start)
            if f"{entry}:before" in self.befores:
                before = [(w & c, n) for w, i in start for c, n in self.before(i, w)]
                self.values[f"{entry}:before"] = merged(restrict(tuple(before), self.here))
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
                self.values[key] = merged((*kept, *self.current))
            case Head():
                pass  # of training alone

    def select(self, element: Select) -> None:
        variable = self.variables[element.lever]
        self.trace.read(variable, self.here)
        names = self.space.choices[element.lever].values
        for index, name in enumerate(names):
            when = self.algebra.truths.choice(variable, 1 << index)
            # What another alternative has made is under another condition, and passes by.
            self.within(when, partial(self.sequence, element.options[str(name)]))

    def guard(self, element: Guard) -> None:
        test, otherwise = self.decision(element.test), element.otherwise
        self.within(test, partial(self.sequence, element.then))
        if otherwise is not None:
            self.within(~test, partial(self.sequence, otherwise))

    def copies(self, element: Copies) -> None:
        count = self.value(element.count)
        for number, copy in enumerate(element.copies):
            more = self.formulas.truth(self.formulas.greater(count, number))
            self.within(more, partial(self.sequence, copy))

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
            self.within(present, partial(self.sequence, branch.body))
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
        self.current = merged(tuple(result))

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
        for argument in element.arguments:
            for expression in argument.values:
                self.read(expression)
        others = [self.loaded(a.key) for a in element.arguments if a.key is not None]
        result: list[tuple[Truth, int]] = []
        for when, phi, shape in self.trace.forms(self.current, self.here):
            try:
                accept(element.op, shape)
            except OpError:
                self.refuse(when)
                result.append((when, 0))
                continue
            for case, values in self.arguments.given(element, shape, when):
                if values is None:
                    result.append((case, 0))
                else:
                    result += self.applied(element, values, phi, others, case)
        self.current = merged(tuple(result))

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
        arrives = self.trace.shape_of(restrict(phi, when))
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
        forms = [self.trace.forms(phi, when) for phi in phis]
        if prod(map(len, forms)) > MAX_VARIANTS:
            raise UncompilableError("the values of a join have too many grids")
        for combination in combinations(*forms):
            together = when
            for condition, _, _ in combination:
                together = together & condition
            if together is self.algebra.truths.false:
                continue
            inputs = tuple(restrict(phi, together) for _, phi, _ in combination)
            shapes = tuple(map(self.trace.shape_of, inputs))
            result.append((together, self.checked(op, inputs, shapes, together)))
        return tuple(result)

    def checked(
        self, op: Op, inputs: tuple[Phi, ...], shapes: tuple[Shape, ...], when: Truth
    ) -> int:
        """The node, with what must not be refused; where that is sure, the input stands for it."""
        try:
            accept(type(op), shapes[0])
            for condition in op.conditions(shapes):
                bad = condition.bad
                if isinstance(bad, Truth):
                    self.trace.refuse(when & bad)
                elif bad:
                    raise OpError
            return self.trace.add(op, inputs, shapes, when)
        except OpError:
            self.trace.refuse(when)
            return 0


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
