"""Tables that grow by a line a run: what was killed goes on, and a line is whole or not there."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path


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
