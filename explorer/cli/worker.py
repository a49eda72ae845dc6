"""Join a study: score its trials until it has enough. A search starts these by itself."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "join a study as one more process"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", required=True, metavar="NAME", help="a study's name or folder")
    parser.add_argument(
        "--trials", type=int, default=24, metavar="N", help="stop at this many trials"
    )
    parser.add_argument("--until", type=float, default=float("inf"), help=argparse.SUPPRESS)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--reference", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    from explorer.search import Orders, study_folder, work

    work(
        Orders(
            folder=Path(study_folder(arguments.study)),
            trials=arguments.trials,
            until=arguments.until,
            device=arguments.device,
            reference=arguments.reference,
            supervised=arguments.supervised,
        )
    )
    return 0
