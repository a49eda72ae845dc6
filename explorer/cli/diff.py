"""Name the levers in which two nets differ: kernels, widths, factorizations, norms, depth, cost."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.options import add_storage_option, whole
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.compare import Subject

HELP = "the levers in which two nets differ"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = "NET|STUDY:TRIAL"
    parser.add_argument("a", metavar="A", help=f"{what}; a space means its defaults")
    parser.add_argument("b", metavar="B", help=what)
    for side in ("a", "b"):
        parser.add_argument(
            f"--set-{side}",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"fix a knob, a lever, a param or the width of {side.upper()}",
        )
    parser.add_argument("--input", metavar="CxHxW", help="compare both on another input")
    parser.add_argument("--classes", type=whole, metavar="N", help="with another number of classes")
    parser.add_argument("--all", action="store_true", help="every change with all of its places")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_storage_option(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.compare import compare

    first = _subject(arguments.a, arguments.set_a, arguments)
    second = _subject(arguments.b, arguments.set_b, arguments)
    found = compare(first, second)
    if arguments.json:
        print(json.dumps(found.to_json()))
    else:
        from explorer.cli.differences import print_difference

        print_difference(found, arguments.all)
    return 0


def _subject(name: str, given: list[str], arguments: argparse.Namespace) -> Subject:
    """The net that a name and the options of its side mean."""
    from explorer.cli.nets import open_net
    from explorer.cli.studies import study_or_net
    from explorer.compare import Subject

    header = argparse.Namespace(assignments=given, input=arguments.input, classes=arguments.classes)
    if arguments.storage or _may_be_study(name):
        found = _trial(name, header, arguments.storage)
        if found is not None:
            return found
    with study_or_net():
        _, space, candidate = open_net(name, header)
    return Subject(" ".join([name, *given]), space, candidate)


def _may_be_study(name: str) -> bool:
    """Whether a folder could be meant; asked first, since opening studies loads torch."""
    folder = name.partition(":")[0]
    return Path(folder).is_dir() or (Path("studies") / Path(folder).name).is_dir()


def _trial(name: str, header: argparse.Namespace, storage: str | None) -> Subject | None:
    """The candidate of a trial; None when there is no such study."""
    from explorer.cli.export import find_trial
    from explorer.cli.options import read_rebind
    from explorer.cli.studies import find_study
    from explorer.compare import Subject
    from explorer.space import bind

    study, _, number = name.partition(":")
    record = find_study(study, storage)
    if record is None:
        return None
    if header.assignments:
        raise ExplorerError(f"{name}: a trial's choices are fixed (no --set-a or --set-b)")
    trial = find_trial(record, number)
    space = record.settings.text.space(read_rebind(header, {}))
    return Subject(f"{record.name}:{trial.number}", space, bind(space, trial.assignment))
