"""Options that several verbs share, and how their texts are read."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError
from explorer.units import parse_seconds

if TYPE_CHECKING:
    from explorer.ops import Shape
    from explorer.space import Rebind


def add_header_options(parser: argparse.ArgumentParser) -> None:
    """``--input``, ``--classes`` and ``--set``: rebind the header of a text."""
    parser.add_argument("--input", metavar="CxHxW", help="count for another input, e.g. 3x224x224")
    parser.add_argument("--classes", type=whole, metavar="N", help="for another number of classes")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="assignments",
        help="fix a knob, a lever, a param or the width; @FILE reads a whole assignment; "
        "may be given several times",
    )


def read_rebind(
    arguments: argparse.Namespace, params: dict[str, str], width: str | None = None
) -> Rebind:
    """The header items that the command line replaces."""
    from explorer.space import Rebind
    from explorer.space.expression import exact
    from explorer.space.knobs import read_number

    if arguments.classes is not None and arguments.classes < 1:
        raise ExplorerError(f"--classes: a positive whole number, got {arguments.classes}")
    try:
        values = {name: exact(read_number(value)) for name, value in params.items()}
        factor = None if width is None else read_number(width)
    except (ValueError, ZeroDivisionError):
        given = ", ".join(params.values()) or width
        raise ExplorerError(f"--set: a param is a number, got {given}") from None
    shape = read_shape(arguments.input) if arguments.input else None
    return Rebind(shape, arguments.classes, factor, values)


def read_shape(text: str) -> Shape:
    """``3x224x224`` as a shape.

    Raises:
        ExplorerError: it is not channels and one or two sizes.
    """
    from explorer.ops import image

    fits = re.fullmatch(r"\d{1,9}(x\d{1,9}){1,2}", text)
    sizes = [int(size) for size in text.split("x")] if fits else [0]
    if min(sizes) < 1:
        raise ExplorerError(f"--input: channels and a grid, as in 3x224x224; got '{text[:40]}'")
    return image(sizes[0], *sizes[1:])


def read_assignments(texts: list[str]) -> dict[str, str]:
    """``name=value`` pairs; ``@FILE`` stands for the assignment in a file, which pairs go over.

    Raises:
        ExplorerError: one without ``=``, or a name twice.
    """
    found: dict[str, str] = {}
    given = [text for text in texts if not text.startswith("@")]
    files = [_read_file(Path(text[1:])) for text in texts if text.startswith("@")]
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name in found:
            problem = "is given twice" if equals else "has no '='"
            raise ExplorerError(f"--set: '{text}' {problem}; write NAME=VALUE")
        found[name.strip()] = value.strip()
    return {name: value for file in files for name, value in file.items()} | found


def _read_file(path: Path) -> dict[str, str]:
    from explorer.space.knobs import read_assignment
    from explorer.space.library import read_text

    try:
        return read_assignment(read_text(path))
    except ExplorerError as error:
        where = "" if str(path) in error.message else f"{path}: "
        raise ExplorerError(f"--set: {where}{error.message}") from None


def read_seconds(text: str, option: str = "--time") -> float:
    """``90``, ``90s``, ``10m``, ``1.5h`` in seconds.

    Raises:
        ExplorerError: it is no duration.
    """
    try:
        return parse_seconds(text)
    except ExplorerError as error:
        raise ExplorerError(f"{option}: {error.message}") from None


def add_storage_option(parser: argparse.ArgumentParser) -> None:
    """``--storage``: the database that holds a study's trials."""
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="postgresql://user@host/database, for studies of several machines "
        "(default: a journal in the study's folder)",
    )


def command_line() -> str:
    """The command that is running, as it may be stored and printed: without a password."""
    from explorer.search.storage.address import hide_password

    return shlex.join(["explorer", *map(hide_password, sys.argv[1:])])


def make_folder(folder: Path) -> None:
    """Make a folder for what is written, and those around it.

    Raises:
        ExplorerError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExplorerError(f"{folder}: cannot be made ({error.strerror})") from None


def write_text(path: Path, text: str) -> None:
    """Write what ``-o`` names: whole, or not at all, so that what stood there is never lost.

    What is no file, such as /dev/stdout, is written as it is.

    Raises:
        ExplorerError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
            path.write_text(text, "utf-8")  # or the error that says why not
            return
        part.write_text(text, "utf-8")
        part.replace(path.resolve())  # a link stays one
    except OSError as error:
        raise ExplorerError(f"-o: {path}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):
            part.unlink()


def whole(text: str) -> int:
    """A whole number, for argparse."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got '{text}'") from None


def positive(text: str) -> int:
    """A positive whole number, for argparse."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def from_zero(text: str) -> int:
    """A whole number that is not negative, for argparse."""
    value = whole(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be at least 0, got {value}")
    return value
