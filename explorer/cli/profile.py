"""Say how the costs of a space lie: what random nets cost, what is possible, what decides it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import make_folder, whole
from explorer.errors import BudgetError, ExplorerError

if TYPE_CHECKING:
    from explorer.budget import Budget
    from explorer.budget.profile import Found, Profile
    from explorer.space import Space

HELP = "how the costs of a space lie, and what fits a budget"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import add_header_options

    add = parser.add_argument
    add("space", metavar="SPACE", help="a shipped name or a path")
    add("--budget", metavar="B", help="as in search: 1.5e9 bounds macs; macs=1e9..1.5e9,params=7e6")
    add("--seed", type=whole, default=0, metavar="N", help="of the random nets (default: 0)")
    add("--cheapest", metavar="FILE", type=Path, help="write the cheapest net's choices")
    add("--dearest", metavar="FILE", type=Path, help="write the dearest net's, within the budget")
    add("-o", "--out", metavar="FILE", type=Path, help="draw it all, .svg or .png")
    add("--json", action="store_true", help="print one JSON object")
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.budget import parse_budget, profile
    from explorer.cli.nets import open_space
    from explorer.space.fix import fix

    _check(arguments)
    budget = None if arguments.budget is None else parse_budget(arguments.budget)
    _, space, given = open_space(arguments.space, arguments)
    space = fix(space, given)
    try:
        found = profile(space, budget, seed=arguments.seed)
    except BudgetError:
        if budget is not None and arguments.cheapest:
            _write_cheapest(space, budget, arguments)
        raise
    written = [
        _write(space, net, path)
        for net, path in ((found.cheapest, arguments.cheapest), (found.dearest, arguments.dearest))
        if path
    ]
    if arguments.out:
        written.append(_draw(found, arguments.out))
    if arguments.json:
        print(json.dumps(found.to_json()))
    else:
        from explorer.cli.spreads import print_profile

        print_profile(found, written)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse before anything is counted what could not be written."""
    from explorer.picture import check_suffix

    if arguments.seed < 0:
        raise ExplorerError(f"--seed: a whole number from 0, got {arguments.seed}")
    if arguments.out:
        check_suffix(arguments.out)
    for path in (arguments.out, arguments.cheapest, arguments.dearest):
        if path:
            make_folder(path.parent)


def _write_cheapest(space: Space, budget: Budget, arguments: argparse.Namespace) -> None:
    """Write the net that comes nearest to a budget that nothing meets."""
    from explorer.budget.profile import cheapest

    path = _write(space, cheapest(space, budget), arguments.cheapest)
    if not arguments.json:
        print(f"{path}: written")


def _write(space: Space, net: Found, path: Path) -> Path:
    """Write what a net chooses, for ``--set @FILE``."""
    from explorer.space.knobs import write_assignment

    with _writing(path):
        path.write_text(write_assignment(space.choices, net.candidate.assignment), "utf-8")
    return path


def _draw(found: Profile, path: Path) -> Path:
    from explorer.report.look import save
    from explorer.report.spread import draw

    with _writing(path):
        return save(draw(found), path)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExplorerError(f"{path}: cannot be written ({error.strerror})") from None
