"""The space around a net, as text: its defaults are the net, and its knobs are few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from explorer.around.apart import apart, together
from explorer.around.depths import open_depths
from explorer.around.forms import open_forms
from explorer.around.layout import Layout, Names
from explorer.around.plan import Plan
from explorer.around.widths import open_kernels, open_widths
from explorer.around.write import written
from explorer.budget import draw
from explorer.cost.batch import BatchCounter, encode
from explorer.errors import NetError
from explorer.graph import fingerprint
from explorer.language import print_syntax, syntax
from explorer.space import bind, complete, elaborate
from explorer.space.library import Text
from explorer.space.trees import needed

MOST = 25  # choices; where there would be more, neighbouring grids share theirs
_DRAWN = 256  # assignments that are counted to see that all is sound together
_LINES = (syntax.Line, syntax.Aux, syntax.Require, syntax.Output)
_NOTE = "# Factors on the filters of a grid, by their branch; at the defaults all is the net."


def around(text: Text) -> Text:
    """The space around a net, as a text of its own.

    Widths are factors, one for each role of a convolution on each grid; depths are how many
    modules of a stage there are; a 5x5 is itself, two of 3x3, or a cross. What cannot be chosen
    freely, such as channels that a sum fixes, is left as it is.

    Raises:
        ExplorerError: the text is a space already, cannot be bound, or has nothing to open.
    """
    own = text.syntax()
    space = elaborate(own)
    if not space.is_net:
        raise NetError(f"'{space.name}' is a space already: it has {len(space.choices)} choices")
    file = replace(
        own, statements=tuple(s for s in own.statements if not isinstance(s, syntax.Member))
    )
    parted, origins = apart(file)
    layout = Layout.of(parted, elaborate(parted, may_spare=True))

    def of(plan: Plan) -> syntax.File:
        statements = together(written(parted, plan), origins, layout.idle)
        return replace(file, statements=tuple(needed(_headed(statements, plan))))

    plan = _sound(_plan(layout), of)
    if not plan.choices:
        raise NetError(
            f"'{space.name}' has nothing to open: no convolution whose channels are free, and no "
            "module that may be left out"
        )
    made = of(plan)
    assert fingerprint(bind(elaborate(made)).graph) == fingerprint(bind(space).graph)
    return Text(text.file, print_syntax(made))


def _plan(layout: Layout) -> Plan:
    """All that can be opened; grids are tied until the choices are few enough to learn from."""
    plan = Plan()
    for ties in range(1, len(layout.grids) + 1):
        names, plan = Names(layout, ties), Plan()
        open_widths(layout, names, plan)
        if layout.is_plain:
            open_kernels(layout, names, plan)
        else:
            open_forms(layout, names, plan)
        open_depths(layout, names, plan)
        if len(plan.choices) <= MOST:
            break
    return plan


def _headed(statements: list[syntax.Statement], plan: Plan) -> list[syntax.Statement]:
    """The statements of a space: first the head, then the choices, blocks, and lines."""
    choices: list[syntax.Statement] = [*plan.choices.values()]
    if choices:
        choices[0] = replace(choices[0], before=("", _NOTE))
    blocks = [_apart(s) for s in statements if isinstance(s, syntax.Block)]
    lines = [s for s in statements if isinstance(s, _LINES)]
    head = [_renamed(s) for s in statements if not isinstance(s, (*_LINES, syntax.Block))]
    return [*head, *choices, *blocks, *([_apart(lines[0])] if lines else []), *lines[1:]]


def _apart(statement: syntax.Statement) -> syntax.Statement:
    """A statement with a blank line before it."""
    is_apart = statement.before[:1] == ("",)
    return statement if is_apart else replace(statement, before=("", *statement.before))


def _renamed(statement: syntax.Statement) -> syntax.Statement:
    if not isinstance(statement, syntax.Net):
        return statement
    return replace(statement, kind="space", title=f"the space around {statement.name}")


# ---- soundness


def _sound(plan: Plan, of: Callable[[Plan], syntax.File]) -> Plan:
    """The plan without choices under which there would be no net.

    Each choice is tried alone at all its values; then some assignments at once. What the finders
    know of a net makes nearly all of this hold; what they cannot see is arithmetic of the text, as
    ``channels/2`` of an odd number.
    """
    if not plan.choices:
        return plan
    space = elaborate(of(plan))
    counter = BatchCounter(space)

    def there(assignments: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Which of them are nets."""
        full = [complete(space.choices, given) for given in assignments]
        return [bool(valid) for valid in counter.count(encode(space, full), ("macs",)).valid]

    alone = [
        {path: value}
        for path, choice in space.choices.items()
        for value in choice.values
        if value != choice.default
    ]
    refused = {
        path for given, good in zip(alone, there(alone), strict=True) for path in given if not good
    }
    rng = np.random.default_rng(0)
    drawn = [
        {path: value for path, value in draw(space, rng).items() if path not in refused}
        for _ in range(_DRAWN)
    ]
    for given, good in zip(drawn, there(drawn), strict=True):
        left = {path: value for path, value in given.items() if path not in refused}
        if not good and not there([left])[0]:
            refused |= _culprits(left, there)
    return plan.without(refused)


def _culprits(
    given: Mapping[str, Any], there: Callable[[Sequence[Mapping[str, Any]]], list[bool]]
) -> set[str]:
    """Choices of an assignment that make no net together, but for any one of them."""
    left = dict(given)
    for path in given:
        fewer = {name: value for name, value in left.items() if name != path}
        if not there([fewer])[0]:
            left = fewer
    return set(left)
