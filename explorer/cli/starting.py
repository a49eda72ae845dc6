"""``explorer search --start NET``: what the command says of the net, and of the recipe with it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from explorer.errors import ExplorerError, UsageError

if TYPE_CHECKING:
    from explorer.budget import Budget
    from explorer.search import Settings, StudyRecipe


def refuse(arguments: argparse.Namespace, values: Mapping[str, Any]) -> str:
    """The net to start from, empty for none; says at once what does not go together.

    Args:
        arguments: of the command.
        values: of its recipe.

    Raises:
        UsageError: a space is given as well, or a prior is asked for without a net.
        ExplorerError: the net has no name.
    """
    if arguments.start is not None and arguments.space:
        raise UsageError("SPACE and --start exclude each other: the space is the one around NET")
    if arguments.start == "":
        raise ExplorerError("--start: write a shipped name or the path of a net")
    start = arguments.start or ("" if arguments.space else str(values.get("start", "")))
    if arguments.prior and not start:
        raise UsageError("--prior: goes with --start")
    return start


def budget(arguments: argparse.Namespace, values: Mapping[str, Any]) -> Budget:
    """The budget that is asked for: the command's, the recipe's, or what the net costs."""
    from explorer.budget import parse_budget
    from explorer.search.starting import own_budget

    given = arguments.budget or (None if arguments.start else values.get("budget"))
    return parse_budget(str(given)) if given else own_budget(arguments.start or values["start"])


def started(recipe: StudyRecipe, arguments: argparse.Namespace) -> StudyRecipe:
    """A recipe with the space, or the net to start from, that the command names in its place.

    The width of a recipe is made for its own space; another net is trained at its own width, and
    its own cost is the budget unless one is given.
    """
    if arguments.space:
        return replace(recipe, space=arguments.space, start="", prior=False)
    if arguments.start:
        from explorer.search.starting import own_budget

        protocol = replace(recipe.protocol, width=Fraction(1))
        budget = recipe.budget if arguments.budget else own_budget(arguments.start)
        recipe = replace(
            recipe, space="", start=arguments.start, budget=budget, protocol=protocol, prior=False
        )
    return replace(recipe, prior=recipe.prior or arguments.prior)


def in_words(recipe: StudyRecipe, settings: Settings) -> str:
    """What is taken from the net, in a line."""
    from explorer.budget import costs_of
    from explorer.budget.bounds import without_latency
    from explorer.search.starting import own_budget
    from explorer.space import bind

    graph = bind(settings.text.space()).graph
    bounds = without_latency(settings.budget)
    own = own_budget(recipe.start)
    fits = not bounds.limits or bounds.fits(costs_of(graph, bounds))
    first = "which is trial 0" if fits else "brought into the budget for trial 0"
    bound = "; its own macs are the budget" if settings.budget == own else ""
    prior = "; nets near it are looked at first" if settings.prior else ""
    return f"starting from {recipe.start}, {first}{bound}{prior}"
