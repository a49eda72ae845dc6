"""Opens widths: a factor for the filters of each role on each grid."""

from __future__ import annotations

from explorer.around import plan as plans
from explorer.around.layout import Layout, Names
from explorer.around.plan import Kernel, Plan, Width
from explorer.around.roles import ROLES
from explorer.language.syntax import Choices, Knob


def open_widths(layout: Layout, names: Names, plan: Plan) -> None:
    """A factor for all filters of one role on one grid whose count nothing else fixes."""
    order = {grid: position for position, grid in enumerate(layout.grids)}
    convs = [conv for conv in layout.convs if layout.streams.takes_width(conv)]
    for conv in sorted(convs, key=lambda c: (order[layout.grid(c)], ROLES.index(layout.role(c)))):
        name = names.of(layout.role(conv), layout.grid(conv))
        fewest = min(node.shape.channels for node in layout.streams.convs(conv))
        plan.add(plans.factor(name))
        plan.change(conv.place, Width(name, 1 if layout.is_scaled or fewest < 2 else 2))


def open_kernels(layout: Layout, names: Names, plan: Plan) -> None:
    """A side of 3 or 5 for the kernels of 3 on each grid."""
    for conv in layout.convs:
        kernel = layout.op(conv).kernel
        if set(kernel) == {3} and layout.takes_kernel(conv):
            name = names.of("kernel", layout.grid(conv))
            sides = plans.numbers(("3", "5"))
            plan.add(Knob(name, Choices(sides), sides[0]))
            plan.change(conv.place, Kernel(name, len(kernel)))
