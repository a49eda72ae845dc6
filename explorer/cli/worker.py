"""Score a study's trials in this one process. A search starts such workers by itself."""

from __future__ import annotations

import argparse

from explorer.cli.options import positive

HELP = "score a study's trials in one process, while no search runs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--study", required=True, metavar="NAME", help="a study's name or folder")
    add("--trials", type=positive, default=24, metavar="N", help="stop at this many trials")
    add("--until", type=float, default=float("inf"), help=argparse.SUPPRESS)
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    add("--reference", action="store_true", help=argparse.SUPPRESS)
    add("--supervised", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    from explorer.search import Orders, load_study, study_folder, work
    from explorer.search.journal import own

    folder = study_folder(arguments.study)
    if not arguments.supervised:  # a search owns the study on behalf of its workers
        study = load_study(folder)
        own(folder)  # until this process ends
        study.release_running()
    work(
        Orders(
            folder=folder,
            trials=arguments.trials,
            until=arguments.until,
            device=arguments.device,
            reference=arguments.reference,
            supervised=arguments.supervised,
        )
    )
    return 0
