"""Opens the form of 5x5 kernels: as they are, as two 3x3, or as 1x5 and 5x1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.around.layout import Layout, Names
from explorer.around.plan import Form, Plan
from explorer.around.roles import FIVE
from explorer.language.syntax import Apply, Chain, Expr, Lever, Part, Positional
from explorer.space.trees import inside

FULL, STACKED, CROSSED, OWN = "full", "stacked", "crossed", "own"
_SIDE = 5


def open_forms(layout: Layout, names: Names, plan: Plan) -> None:
    """One lever for each grid; where modules differ, its default leaves each as it is."""
    found: dict[str, list[tuple[Part, Form]]] = {}
    for chain in (node for node in inside(layout.file) if isinstance(node, Chain)):
        for parts in _fives(layout, chain):
            kernels = [layout.op(part.element).kernel for part in parts]
            window = tuple(sum(sizes) - len(sizes) + 1 for sizes in zip(*kernels, strict=True))
            own = _form(kernels)
            if own and max(window) == _SIDE and min(window) > 1:
                name = names.of("form", layout.grid(parts[0].element))
                form = Form(name, len(parts), window, own, is_mixed=False)
                found.setdefault(name, []).append((parts[0], form))
    for name, forms in found.items():
        own_forms = {form.own for _, form in forms}
        is_mixed = len(own_forms) > 1
        ways = forms_of(forms[0][1].window)
        default = OWN if is_mixed else own_forms.pop()
        plan.add(Lever(name, (OWN, *ways) if is_mixed else ways, default))
        for part, form in forms:
            plan.change(part.element.place, form._replace(is_mixed=is_mixed))


def forms_of(window: tuple[int, ...]) -> tuple[str, ...]:
    """The forms of a window; along a single axis there is nothing to cross."""
    return (FULL, STACKED, CROSSED) if len(window) > 1 else (FULL, STACKED)


def kernels_of(form: str, window: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The kernels that make up a window of 3 or 5 on each axis.

    >>> kernels_of("stacked", (5, 3)), kernels_of("crossed", (5, 3))
    ([(3, 3), (3, 1)], [(1, 3), (5, 1)])
    """
    if form == FULL:
        return [window]
    if form == STACKED:
        first = tuple(min(3, size) for size in window)
        return [first, tuple(size - part + 1 for size, part in zip(window, first, strict=True))]
    return [(1, *window[1:]), (window[0], *(1 for _ in window[1:]))]


def _fives(layout: Layout, chain: Chain) -> Iterator[Sequence[Part]]:
    """The larger kernels of a branch, if they are one or two next to each other, equally wide."""
    large = [index for index, part in enumerate(chain.parts) if _is_large(layout, part)]
    run = chain.parts[large[0] : large[-1] + 1] if large else ()
    counts = {_count(part) for part in run}
    if len(run) == len(large) and len(run) in (1, 2) and len(counts) == 1:
        yield run


def _is_large(layout: Layout, part: Part) -> bool:
    """Whether a part is a larger kernel of a 5x5 branch, with a count and nothing else."""
    conv = part.element
    if part.alias or not isinstance(conv, Apply) or not layout.is_conv(conv):
        return False
    is_plain = len(conv.arguments) == 2 and not getattr(conv.arguments[0], "over", None)
    is_five = layout.role(conv) == FIVE and max(layout.op(conv).kernel) > 1
    return is_plain and is_five and layout.takes_kernel(conv)


def _count(part: Part) -> Expr | None:
    element = part.element
    last = element.arguments[-1] if isinstance(element, Apply) and element.arguments else None
    return last.value if isinstance(last, Positional) else None


def _form(kernels: list[tuple[int, ...]]) -> str | None:
    """Which form some kernels are of; None for another."""
    window = tuple(sum(sizes) - len(sizes) + 1 for sizes in zip(*kernels, strict=True))
    for form in forms_of(window):
        if sorted(kernels_of(form, window)) == sorted(kernels):
            return form
    return None
