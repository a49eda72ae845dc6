"""Tables that grow by a line a run: what was killed goes on, and a line is whole or not there."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


def read_json(path: Path) -> list[dict[str, Any]]:
    """A line of JSON each; what a killed run left unfinished at the end is none.

    Raises:
        ExplorerError: another line is no JSON.
    """
    whole = path.read_text("utf-8").rpartition("\n")[0] if path.is_file() else ""
    found = []
    for number, text in enumerate(whole.splitlines(), start=1):
        try:
            found.append(json.loads(text))
        except ValueError:
            raise ExplorerError(f"{path}: line {number} is no JSON") from None
    return found


def append_json(path: Path, row: Mapping[str, object]) -> None:
    """One more line, behind whole ones."""
    mend(path)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


@contextmanager
def in_a_line() -> Iterator[None]:
    """Ends the program with one line where something that was given is wrong."""
    try:
        yield
    except ExplorerError as error:
        sys.exit(str(error))
