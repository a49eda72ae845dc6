"""Write the space around a net: its widths, depths and 5x5 kernels opened for search."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.errors import ExplorerError

HELP = "open a net: write the space around it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("net", metavar="NET", help="a shipped name, NAME:MEMBER or a path")
    add("-o", "--output", type=Path, metavar="FILE",
        help="the text to write, called *.space (default: print it)")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from explorer.around import around
    from explorer.cli.options import make_folder, write_text
    from explorer.space.library import find_text

    output: Path | None = arguments.output
    if output is not None and output.suffix != ".space":
        raise ExplorerError(f"-o: {output}: a space's file is called *.space")
    opened = around(find_text(arguments.net))
    if output is None:
        print(opened.content, end="")
        return 0
    make_folder(output.parent)
    write_text(output, opened.content)
    choices = len(opened.space().choices)
    print(f"{output}: {choices} choices, whose defaults are {arguments.net}")
    return 0
