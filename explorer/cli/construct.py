"""Construct a net from the correlations in data, layer by layer, within a budget."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.construct.layers import Construction, Step
    from explorer.data import Dataset

HELP = "construct a net from the correlations in data, layer by layer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import from_zero, whole

    add = parser.add_argument
    add("--data", required=True, metavar="DATA", help="a shipped name, an .npz, a folder, IDX")
    add("--budget", required=True, metavar="B", help="as in search: 50e6, params=2e6")
    add("-o", "--output", type=Path, default=Path("built.net"), metavar="FILE",
        help="the text to write, with a picture beside it (default: built.net)")  # fmt: skip
    add("--input", metavar="CxHxW", help="bring images to this size (default: the data's own)")
    add("--classes", type=whole, metavar="N", help="as a check: how many classes the data has")
    add("--seed", type=from_zero, default=0, metavar="N", help="the same seed gives the same net")
    add("--device", default="auto", metavar="D", help="auto, cpu, cuda, mps")


def run(arguments: argparse.Namespace) -> int:
    _one_thread()
    from explorer.budget import costs_of, parse_budget, show_cost
    from explorer.cli.bar import Bar
    from explorer.cli.options import command_line, make_folder
    from explorer.construct.layers import construct
    from explorer.score import pick_device, prepare_process

    if arguments.output.suffix != ".net":
        raise ExplorerError(f"-o: {arguments.output}: a net's file is called *.net")
    budget = parse_budget(arguments.budget)
    data = _data(arguments)
    make_folder(arguments.output.parent)
    _check_place(arguments.output)
    prepare_process()
    with Bar("looking") as bar:

        def progress(label: str, share: float) -> None:
            bar.bar.update(bar.task, description=f"training {label}")
            bar.show(round(100 * share), 100)

        def step(step: Step) -> None:
            bar.bar.console.print(_line(step), highlight=False, markup=False, soft_wrap=True)

        built = construct(
            data,
            budget,
            name=_name(arguments.output),
            comments=[command_line()],
            seed=arguments.seed,
            device=str(pick_device(arguments.device)),
            on_step=step,
            on_progress=progress,
        )
    _write(arguments.output, built)
    print(f"ended: {built.ended}")
    print(
        f"widths above are those of the statistics; the net's are {built.factor:.3g} times as large"
    )
    for name, value in costs_of(built.graph, budget).items():
        share = value / budget.limits[name]
        print(f"{show_cost(name, value)}, {share:.1%} of the budget")
    print(f"{arguments.output}, {_picture(arguments.output)}")
    return 0


def _one_thread() -> None:
    """Let linear algebra have one thread, which is faster here.

    Several add up in another order, and end in another net. The variables are read when numpy is
    loaded; in a process that has it, nothing changes.
    """
    if "numpy" not in sys.modules:
        for library in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "VECLIB_MAXIMUM"):
            os.environ[f"{library}_THREADS"] = "1"


def _data(arguments: argparse.Namespace) -> Dataset:
    """The data at the size that is asked for.

    Raises:
        ExplorerError: it has other channels or classes, or the size is not square.
    """
    from explorer.cli.options import read_shape
    from explorer.data import load

    data = load(arguments.data)
    if arguments.classes not in (None, len(data.classes)):
        raise ExplorerError(f"--classes: {data.name} has {len(data.classes)} classes")
    if arguments.input is None:
        return data
    asked = read_shape(arguments.input)
    if asked.channels != data.channels or len(asked.grid) != len(data.size):
        raise ExplorerError(f"--input: {data.name} is {data.shape}, got {arguments.input}")
    if asked.grid == data.size:
        return data
    if len(set(asked.grid)) > 1:
        raise ExplorerError(f"--input: images are brought to squares, got {arguments.input}")
    return load(arguments.data, size=asked.grid[0])


def _check_place(path: Path) -> None:
    """Refuse a place before minutes are spent on what cannot be written there.

    Raises:
        ExplorerError: it is a folder, or in one that cannot be written.
    """
    if path.is_dir():
        raise ExplorerError(f"-o: {path}: is a folder")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise ExplorerError(f"-o: {path}: cannot be written")


def _name(path: Path) -> str:
    """A net's name from its file's."""
    name = "".join(letter if letter.isalnum() else "_" for letter in path.stem)
    return name if name[:1].isalpha() else f"net_{name}"


def _picture(path: Path) -> Path:
    """Of what was seen; NAME.svg is where ``explorer show`` draws the net."""
    return path.with_suffix(".seen.svg")


def _line(step: Step) -> str:
    named = step.named
    line = f"{named.label:5} {named.layer.text(1.0)}\n      {named.remark}"
    if step.coverage is not None:
        within = ", ".join(f"{share:.0%}" for share in step.coverage.within)
        line += (
            f"\n      of the correlation, {within} lies within windows of 1, 3, 5 and "
            f"{step.coverage.clustered:.0%} within clusters; the branches cover "
            f"{step.coverage.reached:.0%}\n      of their multiply-adds, "
            f"{step.coverage.reading:.0%} read the layer beneath; "
            f"{step.coverage.wasted:.0%} of these lie between clusters"
        )
    if step.accuracy == step.accuracy:
        line += f"\n      a linear classifier over its mean tells {step.accuracy:.1%}"
    return line


def _write(path: Path, built: Construction) -> None:
    """Write the text and the picture.

    Raises:
        ExplorerError: one cannot be written.
    """
    from explorer.cli.options import write_text
    from explorer.report.construction import draw

    write_text(path, built.text)
    picture = _picture(path)
    try:
        draw(built, picture)
    except OSError as error:
        raise ExplorerError(f"-o: {picture}: cannot be written ({error.strerror})") from None
