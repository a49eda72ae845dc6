"""The grid search behind ``explorer scale --grid``: its bill first, then runs, then a table."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from explorer.cli.tables import console
from explorer.errors import ExplorerError
from explorer.units import format_count

if TYPE_CHECKING:
    from explorer.data import Dataset
    from explorer.scale import Baseline
    from explorer.score import Protocol
    from explorer.search import StudyRecipe
    from explorer.search.grid import Bill, Grid, Point, Result, Row, Trainer

INTERRUPTED = 130  # the exit code that shells give to Ctrl-C


def search_grid(base: Baseline, arguments: argparse.Namespace) -> int:
    """Say what the search costs, ask, train what is left, and tell what was found.

    Raises:
        ExplorerError: no data, nobody to ask, or a net that cannot be trained on the data.
    """
    from explorer.search.grid import result

    if not arguments.data:
        raise ExplorerError("--grid: trains, and needs --data: a shipped name or a path")
    trainer, data, stored = _set_up(base, arguments)
    out = Console(stderr=True, highlight=False) if arguments.json else console()
    _introduce(trainer, data, stored, out)
    if not _train(trainer, arguments, out):
        command = shlex.join(["explorer", *sys.argv[1:]])
        told = f"stopped; what is finished is kept, and this goes on: {command}"
        out.print(told, soft_wrap=True, markup=False)
        return INTERRUPTED
    objects = len(data.val) // data.val_copies
    found = result(trainer.grid, trainer.kept.read(), trainer.repeats, objects)
    if arguments.json:
        print(json.dumps(_as_json(base, found)))
    else:
        _print(arguments.net, found, out)
    return 0


# ---- what was asked


def _set_up(base: Baseline, arguments: argparse.Namespace) -> tuple[Trainer, Dataset, int | None]:
    """What is to be trained, on which data, and the side that those are stored at.

    Raises:
        ExplorerError: the net cannot be trained so, or the folder holds another question.
    """
    from explorer.graph import fingerprint
    from explorer.score import pick_device, prepare_process, protocol_to_json
    from explorer.search.grid import Grid, ScoreFile, Trainer

    prepare_process()
    device = pick_device(arguments.device or "auto")
    recipe = _recipe(arguments)
    protocol, stored = _protocol(arguments, recipe)
    data = protocol.open_data()
    question = {
        "net": fingerprint(base.graph),
        "protocol": protocol_to_json(protocol),
        "data": data.fingerprint,
        "seed": recipe.seed,
    }
    kept = ScoreFile(_folder(arguments, base), question)
    kept.check()
    grid = Grid(base, protocol, data)
    return Trainer(grid, kept, recipe.seed, arguments.seeds or 1, device), data, stored


def _recipe(arguments: argparse.Namespace) -> StudyRecipe:
    from explorer.search import find_recipe, read_recipe

    name = arguments.recipe or "default"
    path = find_recipe(name)
    if path is None:
        raise ExplorerError(f"--recipe: there is no recipe '{name}' (studies/NAME.toml or a path)")
    return read_recipe(path)


def _protocol(arguments: argparse.Namespace, recipe: StudyRecipe) -> tuple[Protocol, int | None]:
    """The recipe's protocol on the data that are asked for, and the side that those are stored at.

    The net as it is sees images as they are stored, unless a resolution is given; image files have
    no size of their own, and come at the recipe's. Then None is known of the side.
    """
    from explorer.data import SHIPPED, load

    protocol = replace(recipe.protocol, data=arguments.data)
    has_size = arguments.data in SHIPPED or not Path(arguments.data).is_dir()
    stored = max(load(arguments.data).size) if has_size else None
    asked = arguments.resolution[0] if arguments.resolution else None
    side = asked or stored or protocol.resolution
    if stored is not None and side > stored:
        raise ExplorerError(f"--resolution: the images of {arguments.data} have {stored} pixels")
    return replace(protocol, resolution=side), stored


def _folder(arguments: argparse.Namespace, base: Baseline) -> Path:
    if arguments.output:
        return Path(arguments.output)
    name = re.sub(r"[^\w.-]+", "-", f"scale-{base.name}-{Path(arguments.data).stem}")
    return Path("studies") / name


# ---- before


def _introduce(trainer: Trainer, data: Dataset, stored: int | None, out: Console) -> None:
    """The question: which points, on which images."""
    from explorer.scale import COUNTED_NEAR, NEAR, coefficient_grid

    grid = trainer.grid
    protocol, unscaled = grid.protocol, grid.unscaled
    largest = max(point.side for point in grid.points)
    lines = [
        f"{grid.base.name} as it is trained: {data.channels}x{grid.side}x{grid.side}, "
        f"{len(data.classes)} classes, width x{protocol.width}, "
        f"{format_count(unscaled.macs)} macs",
        f"points: {len(coefficient_grid())} with alpha beta^2 gamma^2 within {NEAR:.0%} of 2; "
        f"{len(grid.tried)} of them make a net as trained, {len(grid.points)} different ones at "
        f"about twice the macs (within {COUNTED_NEAR:.0%})",
    ]
    if stored is not None and largest > stored:
        less = int(stored * grid.side / largest)
        lines.append(
            f"note: images have {stored} pixels and are enlarged to up to {largest}, which shows "
            f"nothing new; --resolution {less} makes all of them smaller instead"
        )
    for note in _small_grids(grid):
        lines.append(f"note: {note}")
    for line in lines:
        out.print(line, soft_wrap=True, markup=False)


def _small_grids(grid: Grid) -> Iterator[str]:
    """A note where the last layers see hardly any grid, so that more pixels mean little there."""
    from explorer.ops.conv import Conv, DepthwiseConv
    from explorer.score.job import SMALLEST_GRID

    graph = grid.unscaled.graph
    for node in graph.nodes:
        if isinstance(node.op, Conv | DepthwiseConv) and max(node.op.kernel) > 1:
            (shape,) = graph.shapes(node)
            if min(shape.grid) < SMALLEST_GRID:
                yield f"{node.path} sees {shape} as it is trained; more pixels mean little there"
                return


def _train(trainer: Trainer, arguments: argparse.Namespace, out: Console) -> bool:
    """State the bill, and train once it is agreed to; False when Ctrl-C came first.

    Raises:
        ExplorerError: nobody agreed.
    """
    from explorer.search.grid import bill

    if not trainer.left():
        out.print(f"all runs are in {trainer.kept.folder}", markup=False)
        return True
    due = bill(trainer)
    for line in _words(due, trainer):
        out.print(line, soft_wrap=True, markup=False)
    if not arguments.yes:
        _ask(due)
    # A shell that starts us in the background lets us ignore Ctrl-C; whoever sends it means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with trainer.kept.held():
            _watch(trainer, due, out)
    except KeyboardInterrupt:
        return False
    return True


def _words(due: Bill, trainer: Trainer) -> Iterator[str]:
    low, high = map(format_count, due.macs)
    done = len(trainer.kept.read())
    yield (
        f"cost: {due.trainings} trainings{f' ({done} are done)' if done else ''} of "
        f"{due.images:,} images, at {low} to {high} macs an image: {format_count(due.work)} "
        f"multiply-adds forward and back; about {_minutes(due.seconds)} on one thread"
    )
    yield f"scores: {trainer.kept.folder}"


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _ask(due: Bill) -> None:
    """Have the user agree to the bill.

    Raises:
        ExplorerError: they do not, or there is no terminal to ask.
    """
    if not sys.stdin.isatty():
        raise ExplorerError(
            f"--grid: would train for about {_minutes(due.seconds)}; add --yes to go on"
        )
    try:
        answer = input("go on? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise ExplorerError("--grid: nothing was trained")


# ---- meanwhile


def _watch(trainer: Trainer, due: Bill, out: Console) -> None:
    """Train; on a terminal with a bar, and everywhere with a line for every run."""
    epochs = trainer.grid.protocol.recipe.epochs
    with _bar(due.trainings * epochs, out) as advance:

        def on_epoch(point: Point, repeat: int, done: int) -> None:
            advance(f"{_name(point)}, seed {repeat + 1}")

        for score in trainer.run(on_epoch):
            reached = "diverged" if score.accuracy is None else f"accuracy {score.accuracy:.3f}"
            at = f"alpha {score.alpha:g}  beta {score.beta:g}  gamma {score.gamma:g}"
            line = f"{at}  seed {score.repeat + 1}  {reached}  {score.seconds:.0f} s"
            out.print(line, soft_wrap=True, markup=False)


@contextmanager
def _bar(total: int, out: Console) -> Iterator[Any]:
    """A bar of epochs; the function that it gives moves it on by one."""
    if not out.is_terminal:
        yield lambda text: None
        return
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out) as progress:
        task = progress.add_task("training", total=total)

        def advance(text: str) -> None:
            progress.update(task, advance=1, description=text)

        yield advance


def _name(point: Point) -> str:
    return f"{point.coefficients.alpha:g} {point.coefficients.beta:g} {point.coefficients.gamma:g}"


# ---- afterwards


def _print(net: str, found: Result, out: Console) -> None:
    table = Table(box=None, title=f"{escape(Path(net).name)} at phi = 1", title_justify="left")
    for name in ("alpha", "beta", "gamma", "pixels", "macs", "ratio", "accuracy", "error", "runs"):
        table.add_column(name, justify="right")
    for row in found.rows:
        table.add_row(*_cells(row), style="bold" if row is found.best else None)
    if found.unscaled is not None:
        table.add_section()
        table.add_row(*_cells(found.unscaled), style="dim")
    out.print()
    out.print(table)
    for line in (_noise(found), _verdict(found)):
        out.print(line, soft_wrap=True, markup=False)
    best = found.best.point.coefficients
    given = f"--alpha {best.alpha:g} --beta {best.beta:g} --gamma {best.gamma:g}"
    out.print(f"step 2: explorer scale {net} --phi P {given}", soft_wrap=True, markup=False)


def _cells(row: Row) -> list[str]:
    point = row.point
    return [
        *(f"{value:g}" for value in point.key),
        str(point.side),
        format_count(point.macs),
        f"{point.ratio:.2f}",
        f"{row.accuracy:.3f}",
        f"± {row.error:.3f}",
        str(row.runs),
    ]


def _noise(found: Result) -> str:
    if found.seeds > 1:
        return (
            f"error: one standard error of the mean of {found.seeds} seeds, from the deviation "
            "between seeds over all points; the sample of validation images is the same for all"
        )
    return (
        f"error: one standard error of counting on {found.objects:,} objects; the noise of "
        "training is not in it, for every point had one seed (--seeds)"
    )


def _verdict(found: Result) -> str:
    best, alike = found.best.point.coefficients, len(found.alike)
    noise = "noise" if found.seeds > 1 else "counting"
    if alike:
        others = f"{alike} of the other {len(found.rows) - 1} points"
        return f"best: {best}; {noise} alone may explain its lead over {others}"
    alone = "" if found.seeds > 1 else "; the noise of training may"
    return f"best: {best}; {noise} alone does not explain its lead{alone}"


def _as_json(base: Baseline, found: Result) -> dict[str, object]:
    best = found.best.point.coefficients
    return {
        "net": base.name,
        "alpha": best.alpha,
        "beta": best.beta,
        "gamma": best.gamma,
        "points": [_row(row) for row in found.rows],
        "unscaled": _row(found.unscaled) if found.unscaled else None,
        "seeds": found.seeds,
        "objects": found.objects,
        "not_told_apart_from_best": len(found.alike),
    }


def _row(row: Row) -> dict[str, object]:
    alpha, beta, gamma = row.point.key
    return {
        "alpha": alpha,
        "beta": beta,
        "gamma": gamma,
        "side": row.point.side,
        "macs": row.point.macs,
        "ratio": row.point.ratio,
        "accuracies": list(row.accuracies),
        "accuracy": row.accuracy,
        "standard_error": row.error,
    }
