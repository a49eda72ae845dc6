"""Writes what is opened into the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from explorer.around.forms import OWN, forms_of, kernels_of
from explorer.around.plan import Form, Kernel, Loop, Module, Plan, Width
from explorer.language import syntax
from explorer.language.syntax import Apply, Chain, Expr, Item, Name, Number, Part, Positional
from explorer.space.trees import chain_of, rewritten


def written(file: syntax.File, plan: Plan) -> list[syntax.Statement]:
    """The statements of a file with the changes of a plan."""

    def change(node: Any) -> Any:
        match node:
            case Apply():
                return _conv(node, plan)
            case syntax.Repeat() if loop := plan.at(node, Loop):
                return replace(node, count=Name(loop.name))
            case Chain():
                return _chain(node, plan)
        return node

    return list(rewritten(file.statements, change))


def _conv(node: Apply, plan: Plan) -> Apply:
    """A convolution with knobs for its count and its kernel, where there are any."""
    width, kernel = plan.at(node, Width), plan.at(node, Kernel)
    first, second, *others = (*node.arguments, None, None)[: max(len(node.arguments), 2)]
    if kernel and isinstance(first, Positional):
        sides = syntax.Tuple(tuple(Item(Name(kernel.name)) for _ in range(kernel.rank)))
        first = replace(first, value=sides if kernel.rank > 1 else Name(kernel.name))
    if width and isinstance(second, Positional):
        second = replace(second, value=_times(second.value, width))
    changed = tuple(each for each in (first, second, *others) if each is not None)
    return replace(node, arguments=changed)


def _times(count: Expr, width: Width) -> Expr:
    """A count times a knob. Where half of it is enough channels anyway, no least number is said."""
    if isinstance(count, syntax.Tuple):
        count = count.items[0].value
    rounded = syntax.Function("round", (syntax.Binary("*", Name(width.name), count),))
    is_ample = isinstance(count, Number) and count.value >= 2 * width.least - 1
    least = Number(str(width.least))
    number = rounded if is_ample else syntax.Function("max", (least, rounded))
    return syntax.Tuple((Item(number),))


def _chain(chain: Chain, plan: Plan) -> Chain:
    """A chain with levers for its 5x5 kernels, and with conditions around its modules."""
    parts: list[Part] = []
    left = 0  # parts of a change that are written already
    for index, part in enumerate(chain.parts):
        if left:
            left -= 1
            continue
        form, module = plan.at(part.element, Form), plan.at(part.element, Module)
        if form:
            parts.append(_forms(chain.parts[index : index + form.parts], form))
            left = form.parts - 1
        elif module:
            parts.append(_conditional(chain.parts[index : index + module.parts], module))
            left = module.parts - 1
        else:
            parts.append(part)
    return replace(chain, parts=tuple(parts))


def _conditional(parts: Sequence[Part], module: Module) -> Part:
    test = syntax.Binary(">=", Name(module.name), Number(str(module.number)))
    return Part(syntax.Conditional(test, chain_of(parts)))


def _forms(parts: Sequence[Part], form: Form) -> Part:
    """The choice between what stands there and the other forms of the same window."""
    element = parts[-1].element
    assert isinstance(element, Apply)
    count = element.arguments[1]
    options = [syntax.Option(OWN, chain_of(parts))] if form.is_mixed else []
    for way in forms_of(form.window):
        convs = (
            Part(Apply(element.name, (Positional(_kernel(kernel)), count)))
            for kernel in kernels_of(way, form.window)
        )
        options.append(syntax.Option(way, chain_of(parts if way == form.own else convs)))
    return Part(syntax.Choose(form.name, tuple(options)))


def _kernel(sizes: tuple[int, ...]) -> Expr:
    return syntax.Dims(sizes) if len(sizes) > 1 else Number(str(sizes[0]))
