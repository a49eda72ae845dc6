"""Score nets without training them, or say how far the scores of a study can be trusted.

All nets are scored on the same images, at the data's size; where one of them cannot be built for so
small a grid, at the smallest usual size that all of them take; signals keep their length. One name
alone that is a study's means the study: its noise between seeds, what ranks its nets, and which
differences are real. A net that has the name of a study, too, is meant by its file's name, as in
googlenet.net.
"""

from __future__ import annotations

import argparse
import json
from statistics import median
from typing import TYPE_CHECKING

from explorer.cli.options import add_storage_option, positive, whole
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.data import Dataset
    from explorer.graph import Graph
    from explorer.score.free import Scores

HELP = "training-free scores of nets; how far a study's scores can be trusted"

_DEFAULTS = {"data": "cluttered", "batch": 64, "seed": 0}
_SIZES = (32, 64, 96, 128, 160, 192, 224, 299, 331)  # pixels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.options import add_header_options

    add = parser.add_argument
    nets = "shipped names or paths; a space means its defaults; or one study's name or folder"
    add("nets", metavar="NET", nargs="+", help=nets)
    names = "which scores (default: all); write it behind the nets"
    add("--scores", metavar="NAME", nargs="+", help=names)
    add("--data", metavar="DATA", help="images or signals (default: cluttered)")
    add("--batch", type=positive, metavar="N", help="how many of them (default: 64)")
    add("--seed", type=whole, metavar="N", help="of weights and images (default: 0)")
    add("--json", action="store_true", help="print one JSON object")
    add_storage_option(parser)
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    is_one = len(arguments.nets) == 1
    if arguments.storage and not is_one:
        raise ExplorerError(
            f"--storage: is for one study, and these are {len(arguments.nets)} names"
        )
    if arguments.storage or (is_one and _is_study(arguments.nets[0])):
        return _study(arguments)
    for name, value in _DEFAULTS.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    return _nets(arguments)


def _is_study(name: str) -> bool:
    from explorer.search import is_there, study_folder

    return is_there(study_folder(name))


def _study(arguments: argparse.Namespace) -> int:
    from explorer.cli.reliability import print_reliability
    from explorer.cli.studies import read_study

    (name,) = arguments.nets
    for option in ("scores", "data", "batch", "seed", "input", "classes", "assignments"):
        if getattr(arguments, option) not in (None, []):
            written = "set" if option == "assignments" else option
            raise ExplorerError(f"--{written}: is for nets, and '{name}' is a study")
    print_reliability(read_study(name, arguments.storage), arguments.json)
    return 0


def _nets(arguments: argparse.Namespace) -> int:
    from explorer.cli.bar import Bar
    from explorer.cli.studies import study_or_net
    from explorer.score.free import draw_batch, free_scores

    _check(arguments)
    with study_or_net():
        data, graphs = _fitted(arguments)
    batch = draw_batch(data, arguments.batch, arguments.seed)
    found: list[Scores] = []
    with Bar("scoring nets") as bar:
        for graph in graphs:
            found.append(free_scores(graph, batch, arguments.seed, arguments.scores))
            bar.show(len(found), len(graphs))
    if arguments.json:
        print(json.dumps(_as_json(arguments, data, graphs, found)))
    else:
        _print(arguments, data, graphs, found)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.seed < 0:
        raise ExplorerError(f"--seed: a whole number from 0, got {arguments.seed}")
    if arguments.batch < 2:
        raise ExplorerError("--batch: two images at least, or there is nothing to tell apart")
    arguments.scores = _chosen(arguments.scores)


def _chosen(names: list[str] | None) -> list[str]:
    """The scores that were asked for, in the order of the table.

    Raises:
        ExplorerError: one of them is none.
    """
    from explorer.score.free import FREE_SCORES

    for name in names or ():
        if name not in FREE_SCORES:
            allowed = ", ".join(FREE_SCORES)
            raise ExplorerError(f"--scores: no score is called '{name}' (allowed: {allowed})")
    return [name for name in FREE_SCORES if names is None or name in names]


def _fitted(arguments: argparse.Namespace) -> tuple[Dataset, list[Graph]]:
    """The data and the nets, at a size that all of them take.

    Raises:
        ExplorerError: there is none, or --input is nothing that the images can be brought to.
    """
    from explorer.data import load
    from explorer.errors import NetError

    if arguments.input:
        data = load(arguments.data, size=_side(arguments.input))
        return data, _graphs(arguments, data)
    data = load(arguments.data)
    larger = () if data.kind == "signals" else _SIZES
    sizes = [None, *(size for size in larger if size > max(data.size))]
    for size in sizes:
        data = data if size is None else load(arguments.data, size=size)
        try:
            return data, _graphs(arguments, data)
        except NetError as error:
            refused = error
    raise refused


def _side(text: str) -> int | None:
    """The pixels of ``--input``, which is of a square, since images are brought to squares.

    None in one dimension: signals keep their length.

    Raises:
        ExplorerError: it is not.
    """
    from explorer.cli.options import read_shape

    grid = read_shape(text).grid
    if len(grid) == 1:
        return None
    if len(grid) != 2 or grid[0] != grid[1]:
        raise ExplorerError(f"--input: images can be brought to squares alone; got {text}")
    return grid[0]


def _graphs(arguments: argparse.Namespace, data: Dataset) -> list[Graph]:
    from explorer.cli.nets import open_net

    if arguments.input not in (None, data.shape):
        raise ExplorerError(f"--input: {arguments.data} has {data.kind} of {data.shape}")
    given = vars(arguments) | {
        "input": data.shape,
        "classes": arguments.classes or len(data.classes),
    }
    rebound = argparse.Namespace(**given)
    return [open_net(name, rebound)[2].graph for name in arguments.nets]


def _as_json(
    arguments: argparse.Namespace, data: Dataset, graphs: list[Graph], found: list[Scores]
) -> dict[str, object]:
    nets = [
        {"net": graph.name, "scores": dict(scores.values), "seconds": dict(scores.seconds)}
        for graph, scores in zip(graphs, found, strict=True)
    ]
    settings = {"batch": min(arguments.batch, len(data.train)), "seed": arguments.seed}
    return {"data": data.name, "input": list(graphs[0].input.sizes), **settings, "nets": nets}


# ---- what is printed


def _print(
    arguments: argparse.Namespace, data: Dataset, graphs: list[Graph], found: list[Scores]
) -> None:
    """Scores as rows, nets as columns; behind them the seconds, shared by a pass's scores."""
    from rich.markup import escape
    from rich.table import Table

    from explorer.cli.tables import console
    from explorer.score.free import DEFAULT, FREE_SCORES, combine

    images = min(arguments.batch, len(data.train))
    table = Table(box=None)
    table.add_column("score")
    for graph in graphs:
        table.add_column(escape(graph.name), justify="right")
    table.add_column("seconds", justify="right")
    table.add_column("paper")
    told = ""
    for name in arguments.scores:
        score = FREE_SCORES[name]
        probe = score.probe.__name__
        spent = median(scores.seconds[probe] for scores in found)
        cells = [_number(scores.values[name]) for scores in found]
        table.add_row(name, *cells, "same" if probe == told else f"{spent:.3f}", score.paper)
        told = probe
    totals = [sum(scores.seconds.values()) for scores in found]
    table.add_section()
    table.add_row("seconds", *(f"{total:.2f}" for total in totals), f"{median(totals):.3f}")
    if len(graphs) > 1 and set(DEFAULT) <= set(arguments.scores):
        columns = {name: [scores.values[name] for scores in found] for name in DEFAULT}
        places = (-combine(columns)).argsort(kind="stable").argsort() + 1
        table.add_row("place", *map(str, places), "", f"by {', '.join(DEFAULT)}")
    out = console()
    title = (
        f"input {graphs[0].input}  ·  {images} {data.kind} of {data.name}  ·  seed {arguments.seed}"
    )
    out.print(escape(title), soft_wrap=True)
    out.print(table)
    out.print(
        "More is better. '-': not defined for the net. The column of seconds has the median over "
        "the nets; 'same': measured in the pass above. How well a score ranks nets depends on the "
        "space: docs/scores.md has what was measured, `explorer score STUDY` measures it on yours.",
        style="dim",
    )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value.is_integer() else f"{value:.4g}"
