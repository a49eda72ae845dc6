"""Export a net, or a candidate of a study, as one PyTorch file; prove that it computes the same."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import add_header_options
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.graph import Graph

HELP = "export a net or a trial as one PyTorch file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "source",
        metavar="NET|STUDY[:TRIAL]",
        help="a net, or a study (its best trial, or the given one)",
    )
    add(
        "-o",
        "--output",
        required=True,
        metavar="FILE.py",
        help="where to write; weights go beside it",
    )
    add(
        "--proxy",
        action="store_true",
        help="of a study: the small net that was scored, trained again, with its weights",
    )
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.export import verify, write

    path = Path(arguments.output)
    if path.suffix != ".py":
        raise ExplorerError(f"-o: a file ending in .py, got '{path}'")
    graph, origin, state, trained = _source(arguments)
    for written in write(graph, path, _facts(origin, path, trained), state):
        print(written)
    checked = verify(graph, path, state)
    print(f"verified in a clean process: {checked.describe()}")
    return 0


def _facts(origin: tuple[str, ...], path: Path, trained: str | None):  # type: ignore[no-untyped-def]
    from explorer.export import Facts

    return Facts(origin, trained)


def _source(
    arguments: argparse.Namespace,
) -> tuple[Graph, tuple[str, ...], dict[str, Tensor] | None, str | None]:
    """The graph to export, where it comes from, and weights with what they were trained on."""
    from explorer.search import study_folder
    from explorer.search.journal import JOURNAL

    name, _, number = arguments.source.partition(":")
    if (study_folder(name) / JOURNAL).is_file():
        return _trial(name, number, arguments)
    if arguments.proxy:
        raise ExplorerError(f"--proxy: '{name}' is no study")
    from explorer.cli.nets import open_net

    text, _, candidate = open_net(arguments.source, arguments)
    return candidate.graph, (f"text: {Path(text.file).name}",), None, None


def _trial(
    name: str, number: str, arguments: argparse.Namespace
) -> tuple[Graph, tuple[str, ...], dict[str, Tensor] | None, str | None]:
    from explorer.search import load_study, study_folder
    from explorer.space import bind

    record = load_study(study_folder(name)).record()
    chosen = record.best if not number else None
    if number:
        matches = [trial for trial in record.complete if str(trial.number) == number]
        chosen = matches[0] if matches else None
    if chosen is None:
        known = ", ".join(str(trial.number) for trial in record.complete) or "none yet"
        raise ExplorerError(
            f"the study '{record.name}' has no finished trial {number or ''} (finished: {known})"
        )
    settings = record.settings
    origin = (
        f"study {record.name}, trial {chosen.number}, fingerprint {chosen.fingerprint}",
        f"begun by: {record.command}",
    )
    if not arguments.proxy:
        return bind(settings.text.space(), chosen.assignment).graph, origin, None, None
    from explorer.score import Scorer, pick_device, prepare_process, training_seed

    prepare_process()
    scorer = Scorer(settings.text, settings.protocol, pick_device())
    print("training the proxy again, as it was scored ...")
    result, net = scorer.score(chosen.assignment, training_seed(settings.seed, chosen.fingerprint))
    recipe, data = settings.protocol.recipe, settings.protocol.data
    trained = (
        f"{recipe.epochs} epochs of {len(scorer.data.train):,} images of '{data}': validation "
        f"accuracy {result.accuracy:.4f}. A scaled-down proxy (width x{settings.protocol.width})"
    )
    state = {key: value.detach().cpu().contiguous() for key, value in net.state_dict().items()}
    return scorer.proxy(chosen.assignment), origin, state, trained
