"""Check texts: syntax, names, shapes, and the counts that they expect."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.ops import Cost
    from explorer.space import Space
    from explorer.space.library import Text

HELP = "check texts and the counts that they expect"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="shipped names or paths")
    parser.add_argument(
        "--choices",
        action="store_true",
        help="print the knobs and levers with their defaults, as a text that --set @FILE reads",
    )


def run(arguments: argparse.Namespace) -> int:
    failed = 0
    for name in arguments.files:
        try:
            for line in _choices(name) if arguments.choices else _checked(name):
                print(line)
        except ExplorerError as error:
            failed += 1
            print(f"explorer: {error}", file=sys.stderr)
    return 1 if failed else 0


def _choices(name: str) -> Iterator[str]:
    """The default assignment of a space."""
    from explorer.space import bind
    from explorer.space.knobs import write_assignment
    from explorer.space.library import find_text

    space = find_text(name).space()
    yield write_assignment(space.choices, bind(space).assignment).rstrip()


def _checked(name: str) -> Iterator[str]:
    """One line on a text that is in order, or on each of its members.

    Raises:
        ExplorerError: what is wrong with it.
    """
    from explorer.language import syntax
    from explorer.space.library import find_text
    from explorer.space.members import members
    from explorer.space.uncalled import check_blocks

    text = find_text(name)
    file = text.parsed()
    blocks = [s for s in file.statements if isinstance(s, syntax.Block | syntax.Use)]
    if blocks and len(blocks) == len(file.statements):
        check_blocks(text.syntax(), set())
        yield f"{text.file}: {len(blocks)} blocks for other files to use"
        return
    family = {} if text.member else members(file)
    promises = any(isinstance(statement, syntax.Expect) for statement in file.statements)
    if promises or not family:
        yield _check(text)
    for member in family:
        yield _check(replace(text, member=member))


def _check(text: Text) -> str:
    from explorer.cost import count
    from explorer.graph import lint, without_heads
    from explorer.space import bind

    space = text.space()
    graph = bind(space, heads=True).graph
    problems = lint(graph)
    if problems:
        raise ExplorerError(f"{text.file}: {problems[0]}")
    cost = count(without_heads(graph))
    verdict = _verdict(text, space, cost)
    return f"{space.name}: {cost.macs:,} macs, {cost.params:,} params, {verdict}{_open(space)}"


def _verdict(text: Text, space: Space, cost: Cost) -> str:
    """Whether the counts are those that the text expects.

    Raises:
        ExplorerError: they are not.
    """
    if space.expected is None:
        return "no counts expected"
    for what, expected in space.expected.counts.items():
        found = getattr(cost, what)
        if found != expected:
            name = f"{text.file}:{text.member}" if text.member else text.file
            raise ExplorerError(f"{name}: expects {what}={expected}, but they are {found}")
    source = space.expected.source
    return f"as published ({source})" if source else "as expected (counts ours)"


def _open(space: Space) -> str:
    """What a space leaves open; nothing for a net."""
    from explorer.space.extent import depth, size_in_words

    if space.is_net:
        return ""
    choices = f"{len(space.choices)} choice{'s'[: len(space.choices) - 1]}"
    return f"; {choices} {depth(space)} deep, {size_in_words(space)} assignments"
