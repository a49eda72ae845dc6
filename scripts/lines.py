"""Tables that grow by a line a run: what was killed goes on, and a line is whole or not there."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from explorer.errors import ExplorerError


def read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if None not in row.values()]


def mend(path: Path) -> None:
    """Cut off a line that a killed run left unfinished."""
    if path.is_file() and not (content := path.read_bytes()).endswith(b"\n"):
        os.truncate(path, content.rfind(b"\n") + 1)


def append(path: Path, row: Mapping[str, object]) -> None:
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)


def write(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """A table as a whole, in the place of what was there."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    for row in rows:
        append(part, row)
    part.replace(path)


@contextmanager
def in_a_line() -> Iterator[None]:
    """Ends the program with one line where something that was given is wrong."""
    try:
        yield
    except ExplorerError as error:
        sys.exit(str(error))
