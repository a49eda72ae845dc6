"""List the shipped data, or describe data by name or path."""

from __future__ import annotations

import argparse

HELP = "the shipped data, and what a data path holds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", nargs="?", metavar="DATA", help="a shipped name, an .npz, a folder, IDX files"
    )


def run(arguments: argparse.Namespace) -> int:
    from explorer.data import SHIPPED, load

    if arguments.data is None:
        for name, what in SHIPPED.items():
            print(f"{name:12}{what}")
        return 0
    data = load(arguments.data)
    print(f"{data.name}: {data.shape}, {len(data.classes)} classes")
    for name, split in data.splits():
        print(f"  {name:6}{len(split):>7,} {data.kind}")
    print(f"  {data.fingerprint}")
    return 0
