"""Export a net, or a candidate of a study, as one PyTorch file; prove that it computes the same."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import add_header_options, add_storage_option, make_folder, read_rebind
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.graph import Graph
    from explorer.search import StudyRecord, Trial

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
    add_storage_option(parser)
    add_header_options(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.export import Facts, Weights, verify, write

    path = Path(arguments.output)
    if path.suffix != ".py":
        raise ExplorerError(f"-o: a file ending in .py, got '{path}'")
    chosen = _chosen(arguments)
    weights = None
    if chosen.trained is not None:
        weights = Weights(path.with_suffix(".safetensors").name, chosen.trained)
    make_folder(path.parent)
    facts = Facts(chosen.title, chosen.origin, weights)
    for written in write(chosen.graph, path, facts, chosen.state):
        print(written)
    proof = verify(chosen.graph, path, chosen.state)
    print(
        f"verified in a clean process: {proof.params:,} parameters in {proof.tensors} tensors, "
        f"largest difference of the outputs {proof.difference:g}"
    )
    return 0


@dataclass(frozen=True)
class _Chosen:
    """The graph to export, where it comes from, and weights with what they were trained on."""

    graph: Graph
    title: str
    origin: tuple[str, ...]
    state: dict[str, Tensor] | None = None
    trained: str | None = None


def _chosen(arguments: argparse.Namespace) -> _Chosen:
    from explorer.cli.studies import find_study, read_study, study_or_net

    name, _, number = arguments.source.partition(":")
    find = read_study if arguments.storage else find_study  # a database holds no nets
    record = find(name, arguments.storage)
    if record is not None:
        return _trial(record, number, arguments)
    if arguments.proxy:
        raise ExplorerError(f"--proxy: '{name}' is no study")
    from explorer.cli.nets import open_net

    with study_or_net():
        text, space, candidate = open_net(arguments.source, arguments)
    return _Chosen(candidate.graph, space.title, (f"text: {Path(text.file).name}",))


def _trial(record: StudyRecord, number: str, arguments: argparse.Namespace) -> _Chosen:
    from explorer.space import bind

    if arguments.assignments or (arguments.proxy and (arguments.input or arguments.classes)):
        raise ExplorerError(
            "a trial's choices are fixed (no --set), and --proxy is as it was scored"
        )
    if arguments.proxy and record.settings.score:
        function = record.settings.score
        raise ExplorerError(
            f"--proxy: '{record.name}' has none; '{function}' scored its candidates"
        )
    trial = find_trial(record, number)
    space = record.settings.text.space(read_rebind(arguments, {}))
    origin = (
        f"study {record.name}, trial {trial.number}, {trial.fingerprint}",
        f"begun by: {record.command}",
    )
    if arguments.proxy:
        return _proxy(record, trial, space.title, origin)
    return _Chosen(bind(space, trial.assignment).graph, space.title, origin)


def find_trial(record: StudyRecord, number: str) -> Trial:
    """The trial with this number, or the one that it has scored again; the best without one."""
    if not number and record.best is not None:
        return record.best
    again = {trial.candidate for trial in record.trials if str(trial.number) == number}
    for trial in record.complete:
        if str(trial.number) == number or trial.candidate in again:
            return trial
    known = ", ".join(str(trial.number) for trial in record.complete) or "none yet"
    wanted = f"no finished trial '{number}'" if number else "no finished trial"
    raise ExplorerError(f"the study '{record.name}' has {wanted} (finished: {known})")


def _proxy(record: StudyRecord, trial: Trial, title: str, origin: tuple[str, ...]) -> _Chosen:
    """The net that was trained in the trial's place, trained again as it was."""
    from explorer.score import Scorer, pick_device, prepare_process, training_seed

    settings = record.settings
    prepare_process()
    scorer = Scorer(settings.text, settings.protocol, pick_device())
    if scorer.data.fingerprint != settings.data_fingerprint:
        raise ExplorerError(f"{settings.protocol.data}: other data than the study was begun with")
    print("training the proxy again, as it was scored ...", flush=True)
    seed = training_seed(settings.seed, trial.fingerprint)
    result, net = scorer.score(trial.assignment, seed)
    protocol, data = settings.protocol, scorer.data
    trained = (
        f"{result.images:,} {data.kind} of '{protocol.data}' in {protocol.recipe.epochs} epochs, "
        f"validation accuracy {result.accuracy:.4f}. This is the proxy that was scored: width "
        f"x{protocol.width} of the candidate, on {data.kind} of {data.shape}."
    )
    state = {key: value.detach().cpu().contiguous() for key, value in net.state_dict().items()}
    return _Chosen(scorer.proxy(trial.assignment), f"{title} (proxy)", origin, state, trained)
