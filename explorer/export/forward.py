"""The forward of a class: its steps as statements that read well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from explorer.export.body import Body, Ref, Step
from explorer.export.layout import WIDTH, Call, Expression, Infix, call, fill, is_plain, lay
from explorer.export.names import Names
from explorer.ops import TorchFunction

_SIGNS = {"add": "+", "mul": "*"}  # functions of torch that have a sign in Python
RESERVED = ("self", "torch", "reduce", "copy", "x")  # what no label may be called
_INDENT = 8

Options = tuple[tuple[str, Expression], ...]  # named arguments: ``dim=`` and its value


@dataclass(frozen=True, slots=True)
class Words:
    """What a forward calls its values, and what it says about them.

    Attributes:
        arguments: names of the values it is given.
        labels: for every step, what its outputs may be called.
        texts: what stands in the body's holes.
        shapes: comments to put behind the lines, by the value that the line is about.
        raw: arguments of bytes, which become floats first.
        keeps: whether the values that are returned have to be called by their labels.
    """

    arguments: tuple[str, ...]
    labels: Sequence[tuple[str, ...]]
    texts: Sequence[str] = ()
    shapes: Mapping[Ref, str] = field(default_factory=dict)
    raw: tuple[str, ...] = ()
    keeps: bool = False


def forward(body: Body, words: Words) -> list[str]:
    """The lines of a forward, the first being its ``def``; ``body`` is what it calls, on what."""
    arguments = words.arguments
    writer = _Writer(body, words, Names((*RESERVED, *arguments)))
    writer.known = {(-1, place): name for place, name in enumerate(arguments)}
    head = lay("    def ", call("forward", "self", *arguments), ":")
    head[-1] += writer.comment(head[-1], [(-1, place) for place in range(len(arguments))])
    floats = [f"{' ' * _INDENT}{name} = {name}.float()" for name in words.raw]
    return [*head, *floats, *writer.lines()]


@dataclass(slots=True)
class _Writer:
    """Writes statement by statement; ``known`` holds the names of the values so far."""

    body: Body
    words: Words
    names: Names
    known: dict[Ref, str] = field(default_factory=dict)
    inlined: set[int] = field(default_factory=set)
    last_read: dict[Ref, int] = field(default_factory=dict)  # the last statement that reads it
    uses: Counter[Ref] = field(default_factory=Counter)
    following: dict[int, int] = field(default_factory=dict)  # the next statement

    def lines(self) -> list[str]:
        self.inlined = _inlined(self.body)
        statements = [n for n in range(len(self.body.steps)) if n not in self.inlined]
        reads = [(ref, step) for step in statements for ref in self.reads(step)]
        self.uses, self.last_read = Counter(ref for ref, _ in reads), dict(reads)
        self.last_read |= dict.fromkeys(self.body.returns, len(self.body.steps))
        self.following = dict(pairwise(statements))
        lines: list[str] = []
        for step in statements:
            outputs = [(step, place) for place in range(self.body.steps[step].outputs)]
            if step == statements[-1] and tuple(outputs) == self.body.returns:
                return lines + self.statement("return ", self.expression(step), outputs)
            expression = self.expression(step)
            target = ", ".join(self.name(ref) for ref in outputs)
            lines += self.statement(f"{target} = ", expression, outputs)
        returned = ", ".join(self.known[ref] for ref in self.body.returns)
        return lines + self.statement("return ", returned, [])

    def statement(self, before: str, expression: Expression, about: list[Ref]) -> list[str]:
        lines = lay(before, expression, indent=_INDENT)
        lines[-1] += self.comment(lines[-1], about)
        return lines

    def comment(self, line: str, about: list[Ref]) -> str:
        """The shapes of what a line puts out, where there is room for them."""
        shown = [self.words.shapes[ref] for ref in about if ref in self.words.shapes]
        comment = f"  # {', '.join(shown)}"
        return comment if shown and len(line) + len(comment) <= WIDTH else ""

    def name(self, ref: Ref) -> str:
        """``x`` for what the next statement uses up, or all that is left; else its label."""
        step, place = ref
        needed = [name for other, name in self.known.items() if self.last_read[other] > step]
        passes = self.last_read[ref] == self.following.get(step) and self.uses[ref] == 1
        is_single = self.body.steps[step].outputs == 1
        is_kept = self.words.keeps and ref in self.body.returns
        is_x = is_single and not is_kept and "x" not in needed and (passes or not needed)
        self.known[ref] = "x" if is_x else self.names.give(self.words.labels[step][place])
        return self.known[ref]

    def reads(self, step: int) -> Iterable[Ref]:
        """The named values that a statement reads, also through what stands inside it."""
        for ref in self.body.steps[step].inputs:
            if ref[0] in self.inlined:
                yield from self.reads(ref[0])
            else:
                yield ref

    # ---- expressions

    def expression(self, number: int) -> Expression:
        step = self.body.steps[number]
        if step.function is None:
            return call(reach(step.access), *(self.operand(ref) for ref in step.inputs))
        options = tuple((f"{name}=", fill(value, self.words.texts)) for name, value in step.options)
        holder = self.whole_holder(step)
        if holder:
            first = self.body.steps[step.inputs[0][0]]
            given = ", ".join(self.known[ref] for ref in first.inputs)
            values = f"copy({given}) for copy in {holder}.values()"
            return _over_copies(step.function, values, options)
        return _function(step.function, [self.operand(ref) for ref in step.inputs], options)

    def operand(self, ref: Ref) -> Expression:
        return self.expression(ref[0]) if ref[0] in self.inlined else self.known[ref]

    def whole_holder(self, step: Step) -> str:
        """The container whose every part a function joins, all parts reading the same; or ''."""
        if not all(ref[0] in self.inlined for ref in step.inputs):
            return ""
        joined = [self.body.steps[ref[0]] for ref in step.inputs]
        around = joined[0].access[:-1]
        inside = [s for s in self.body.steps if around and s.access[: len(around)] == around]
        same = all(s.inputs == joined[0].inputs for s in joined)
        return reach(around) if same and len(joined) > 2 and inside == joined else ""


def _inlined(body: Body) -> set[int]:
    """The steps that stand inside the function that reads them, and alone reads them."""
    uses = Counter(ref for step in body.steps for ref in step.inputs) + Counter(body.returns)
    return {
        ref[0]
        for step in body.steps
        if step.function is not None
        for ref in step.inputs
        if ref[0] >= 0 and uses[ref] == 1 and _is_simple(body.steps[ref[0]])
    }


def _is_simple(step: Step) -> bool:
    return step.function is None and step.outputs == 1


def reach(access: tuple[str, ...]) -> str:
    """How a class reads a layer of its own: ``self.rest["1"]``."""
    first, *rest = access
    start = f"self.{first}" if is_plain(first) else f'self.get_submodule("{first}")'
    return start + "".join(f'["{name}"]' for name in rest)


def _function(function: TorchFunction, operands: list[Expression], options: Options) -> Expression:
    """A function of torch on its inputs, as one list or folded from the left."""
    head = f"torch.{function.name}("
    if function.listed:
        whole = Call("[", tuple(("", operand) for operand in operands), "]")
        return Call(head, (("", whole), *options))
    result, *others = operands
    if function.name in _SIGNS and not options:
        return Infix(_SIGNS[function.name], tuple(operands))
    if not others:
        return _of_one(function, result, options)
    for other in others:
        result = Call(head, (("", result), ("", other), *options))
    return result


def _of_one(function: TorchFunction, operand: Expression, options: Options) -> Expression:
    """A function of one value; where the other is a constant, a sign between them."""
    if function.name in _SIGNS and [name for name, _ in options] == ["other="]:
        return Infix(_SIGNS[function.name], (operand, options[0][1]))
    return Call(f"torch.{function.name}(", (("", operand), *options))


def _over_copies(function: TorchFunction, values: str, options: Options) -> Expression:
    if function.listed:
        return Call(f"torch.{function.name}(", (("", f"[{values}]"), *options))
    return call("reduce", f"torch.{function.name}", f"({values})")
