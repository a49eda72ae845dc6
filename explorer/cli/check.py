"""Check texts: syntax, names, shapes, and the counts that they expect."""

from __future__ import annotations

import argparse
import sys

from explorer.errors import ExplorerError

HELP = "check texts and the counts that they expect"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="shipped names or paths")


def run(arguments: argparse.Namespace) -> int:
    failed = 0
    for name in arguments.files:
        try:
            print(_check(name))
        except ExplorerError as error:
            failed += 1
            print(f"explorer: {error}", file=sys.stderr)
    return 1 if failed else 0


def _check(name: str) -> str:
    """One line on a text that is in order.

    Raises:
        ExplorerError: what is wrong with it.
    """
    from explorer.cost import count
    from explorer.graph import lint
    from explorer.space import bind
    from explorer.space.library import find_text

    text = find_text(name)
    space = text.space()
    graph = bind(space).graph
    problems = lint(graph)
    if problems:
        raise ExplorerError(f"{text.file}: {problems[0]}")
    cost = count(graph)
    for what, expected in space.expected.items():
        found = getattr(cost, what)
        if found != expected:
            raise ExplorerError(f"{text.file}: expects {what}={expected}, but they are {found}")
    verdict = "as expected" if space.expected else "no counts expected"
    choices = f", {len(space.choices)} choices" if space.choices else ""
    return f"{space.name}: {cost.macs:,} macs, {cost.params:,} params, {verdict}{choices}"
