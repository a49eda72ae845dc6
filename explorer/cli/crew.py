"""How many workers a search starts, and of how many threads: as told, or as a rehearsal finds."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.cli.options import from_zero, positive
from explorer.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from explorer.search import Effort, Study, StudyRecipe


def add_crew_options(parser: argparse.ArgumentParser) -> None:
    """``--workers`` and ``--threads``."""
    workers = (
        "processes that train; auto, as many as a rehearsal of ten seconds finds best; 0 leaves "
        "all to 'explorer worker' (default: the recipe's, or auto)"
    )
    parser.add_argument("--workers", type=_count_or_auto, metavar="N|auto", help=workers)
    threads = "of a CPU, for each worker, where --workers is a number (default: 1)"
    parser.add_argument("--threads", type=positive, metavar="N", help=threads)


def _count_or_auto(text: str) -> int | str:
    """A whole number that is not negative, or the word, for argparse."""
    if text == "auto":
        return text
    try:
        return from_zero(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a whole number or auto, got '{text}'") from None


def wanted_workers(arguments: argparse.Namespace, recipe: StudyRecipe) -> int | None:
    """The number of workers that was asked for; None for as many as a rehearsal finds best.

    Raises:
        UsageError: there are threads for workers without a number.
    """
    given: int | str | None = arguments.workers
    number = recipe.workers if given is None else given
    if isinstance(number, int):
        return number
    if arguments.threads is not None:
        raise UsageError("--threads: say how many --workers, too; without, both are measured")
    return None


def manned(effort: Effort, study: Study, out: Console) -> Effort:
    """The effort with the crew that is best on this machine, which is said in a line.

    Raises:
        StudyError: another search is at work on the study.
    """
    from contextlib import closing

    from explorer.cli.bar import Bar
    from explorer.search import pick_crew
    from explorer.search.workers.supervisor import missing

    left = missing(study, effort.trials, effort.confirm)
    if left < 1:
        return effort
    # Two searches would measure each other.
    with closing(study.store.own()), Bar("measuring how many workers are best") as bar:
        pick = pick_crew(study.settings, study.predictor(), effort.device, left, bar.show)
    out.print(pick.line, soft_wrap=True, markup=False)
    return replace(effort, workers=pick.crew.workers, threads=pick.crew.threads)
