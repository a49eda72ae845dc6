"""Write texts in their canonical layout; comments stay."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.errors import ExplorerError

HELP = "lay texts out canonically"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="paths")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if anything would change"
    )


def run(arguments: argparse.Namespace) -> int:
    changed = [name for name in arguments.files if _format(Path(name), arguments.check)]
    for name in changed:
        print(f"{name}: {'would change' if arguments.check else 'laid out anew'}")
    return 1 if changed and arguments.check else 0


def _format(path: Path, check: bool) -> bool:
    """Lay one file out; returns whether that changes it.

    Raises:
        ExplorerError: it is not in the language, or cannot be written.
    """
    from explorer.language import parse, print_syntax
    from explorer.space.library import read_text

    old = read_text(path)
    new = print_syntax(parse(old, str(path)))
    if old == new:
        return False
    if not check:
        try:
            path.write_text(new, "utf-8")
        except OSError as error:
            raise ExplorerError(f"{path}: cannot be written ({error.strerror})") from None
    return True
