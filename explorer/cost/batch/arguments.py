"""What the ops of a template are given, for all assignments at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as combinations
from math import lcm, prod
from typing import Any

from explorer.cost.batch.expressions import Formulas, Ratio, Value
from explorer.cost.batch.graphs import Trace
from explorer.cost.batch.numbers import Algebra, Number
from explorer.cost.batch.truth import Truth, UncompilableError
from explorer.errors import NetError
from explorer.ops import Argument, Shape
from explorer.space import Knob, Space
from explorer.space.expression import Channels, Expression, knob_paths, references
from explorer.space.given import given
from explorer.space.template import OpArgument, OpElement

MAX_FORMS = 4_096  # of one op's window
_FORMULAS = (Argument.WIDTH, Argument.COUNT, Argument.NUMBER)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Reads the arguments of ops.

    Attributes:
        trace: told which assignments are refused.
        variables: the choices by path.
    """

    space: Space
    trace: Trace
    formulas: Formulas
    variables: Mapping[str, int]

    def value(self, expression: Expression, when: Truth) -> Value:
        """What an expression is; where it has no result, assignments are refused."""
        try:
            return self.formulas.value(expression)
        except (NetError, KeyError):  # KeyError: of classes that the input does not say
            self.trace.refuse(when)
            return 1

    def given(
        self, element: OpElement, arrives: Shape, when: Truth
    ) -> Iterator[tuple[Truth, dict[str, Any] | None]]:
        """What an op is given: its windows as numbers, case by case, its channels as formulas.

        None where it cannot be given what it is.
        """
        taken = [a for a in element.arguments if a.parameter.kind is not Argument.VALUE]
        open_ = [a for a in taken if a.values and a.parameter.kind in _FORMULAS]
        fixed = [a for a in taken if a not in open_]
        formulas = {a.parameter.name: self.formula(a, when) for a in open_}
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
                values["groups"] = self.trace.algebra.gcd(
                    values["groups"], channels, given_channels
                )
            yield case, values

    def formula(self, argument: OpArgument, when: Truth) -> Value:
        """A number, which of a count is positive and whole: other assignments are refused."""
        truths = self.trace.algebra.truths
        found = self.value(argument.values[0], when)
        if argument.parameter.kind is Argument.NUMBER:
            if isinstance(found, (bool, Truth)):
                self.trace.refuse(when)
                return Fraction(1)
            return Fraction(found) if isinstance(found, (int, Fraction)) else found
        value, is_whole = self.formulas.whole(found)
        self.trace.refuse(when & (~truths.of(is_whole) | truths.of(value < 1)))
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
        if prod(map(len, domains)) > MAX_FORMS:
            raise UncompilableError("the windows of an op have too many forms")
        known: dict[str, Any] = {"classes": self.space.header.classes}
        channels = self.fixed_channels(arguments)
        found: dict[str, tuple[Truth, dict[str, Any]]] = {}
        for indices in combinations(*(range(len(domain)) for domain in domains)):
            here = when
            for path, index in zip(paths, indices, strict=True):
                here = here & self.trace.algebra.truths.choice(self.variables[path], 1 << index)
            if here is self.trace.algebra.truths.false:
                continue
            knobs = known | {p: d[i] for p, d, i in zip(paths, domains, indices, strict=True)}
            try:
                values = {
                    a.parameter.name: given(a, knobs, channels, self.space.header)
                    for a in arguments
                }
            except NetError:
                self.trace.refuse(here)
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
        found = {key: self.formulas.channels[key] for key in keys}
        if any(isinstance(value, Number) for value in found.values()):
            raise UncompilableError("a window depends on a number of channels")
        return found


def knob_values(space: Space, algebra: Algebra, scales: Mapping[str, int]) -> dict[str, Value]:
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


def whole_domains(space: Space) -> tuple[list[list[int]], dict[str, int]]:
    """The domains in whole numbers, and by path what fractions were multiplied by for that."""
    domains, scales = [], {}
    for path, choice in space.choices.items():
        if isinstance(choice, Knob):
            scale = scales[path] = lcm(*(Fraction(value).denominator for value in choice.values))
            domains.append([int(value * scale) for value in choice.values])
        else:
            domains.append(list(range(len(choice.values))))
    return domains, scales
