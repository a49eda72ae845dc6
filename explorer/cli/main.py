"""Reads the command, runs its verb, and turns errors of ours into one line and exit 1.

The verbs' modules are light: what is heavy they import when they run, so that ``--help`` answers
at once and nothing loads torch that does not need it.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from collections.abc import Sequence
from signal import SIGINT
from typing import NoReturn

import explorer
from explorer.cli import (
    check,
    construct,
    count,
    data,
    diff,
    export,
    fmt,
    latency,
    open,
    profile,
    report,
    scale,
    score,
    search,
    show,
    worker,
)
from explorer.errors import ExplorerError, UsageError
from explorer.interrupts import insisting

# How many new objects make Python look for cycles: trees and graphs are many objects without any.
_COLLECTED = 50_000

_VERBS = (
    search,
    worker,
    profile,
    construct,
    open,
    count,
    latency,
    score,
    scale,
    show,
    diff,
    check,
    fmt,
    report,
    export,
    data,
)


class _Parser(argparse.ArgumentParser):
    """Refuses a value in one line, and what it does not understand with its usage.

    It repeats what was given, but never a password in it.
    """

    def error(self, message: str) -> NoReturn:
        from explorer.search.storage.address import hide_password

        told = " ".join(map(hide_password, message.split(" ")))
        if value := re.fullmatch(r"argument (--?[\w/-]+): (?!expected|not allowed)(.*)", told):
            self.exit(1, f"explorer: {value[1]}: {value[2]}\n")
        super().error(told)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="explorer",
        description="Given a budget of multiply-adds, which convolutional network should I build?",
        epilog="Start here: explorer search --budget 1.5e9",
    )
    top.add_argument("--version", action="version", version=f"explorer {explorer.__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for module in _VERBS:
        name = module.__name__.rpartition(".")[2]
        sub = verbs.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run, options=sub)
    return top


def _refuse(unknown: list[str], options: argparse.ArgumentParser) -> NoReturn:
    """What a verb does not know is refused with the verb's own usage, and with what was meant."""
    from explorer.space.names import suggestion

    known = re.findall(r"--[a-z-]+", options.format_help())
    hint = suggestion(unknown[0].partition("=")[0], known)
    options.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 is fine, 1 wrong input, 2 wrong usage, 130 interrupted."""
    arguments, unknown = parser().parse_known_args(argv)
    if unknown:
        _refuse(unknown, arguments.options)
    gc.set_threshold(_COLLECTED)
    try:
        with insisting({KeyboardInterrupt: SIGINT}):
            code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except ExplorerError as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("explorer: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output left (as `head` does); point stdout elsewhere for the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
