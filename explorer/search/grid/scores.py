"""Finished runs: a line of JSON each, in a folder that belongs to one question."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from explorer.errors import StudyError
from explorer.search.storage.journal import own

SCORES, QUESTION = "scores.jsonl", "question.json"
FORMAT = 1  # of both files


@dataclass(frozen=True, slots=True)
class Score:
    """One training run.

    Attributes:
        repeat: which of the seeds, from 0.
        accuracy: on the validation images, 0 to 1; None where the loss stopped being a number.
    """

    alpha: float
    beta: float
    gamma: float
    repeat: int
    accuracy: float | None
    seconds: float

    @property
    def key(self) -> tuple[float, float, float]:
        """What the point is known by."""
        return (self.alpha, self.beta, self.gamma)


@dataclass(frozen=True)
class ScoreFile:
    """The finished runs in a folder.

    Args:
        folder: made where it is missing.
        question: all that a score depends on but its point and repeat, as JSON holds it.
    """

    folder: Path
    question: Mapping[str, Any]

    def check(self) -> None:
        """See that the folder belongs to this question, or to none yet.

        Raises:
            StudyError: it was begun with another, or cannot be read.
        """
        path = self.folder / QUESTION
        if not path.is_file():
            return
        try:
            known = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise StudyError(f"{path}: cannot be read ({error.strerror})") from None
        except ValueError:
            raise StudyError(f"{path}: is not what a grid search leaves") from None
        other = [name for name, value in self._asked().items() if known.get(name) != value]
        if other:
            what = ", ".join(other)
            raise StudyError(f"{self.folder}: was begun with another {what}; give another -o")

    def _asked(self) -> dict[str, Any]:
        return {"format": FORMAT, **self.question}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder for this process, so that no run is done twice.

        Raises:
            StudyError: another process holds it, it belongs to another question, or it cannot be
                written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = own(self.folder)
        except OSError as error:
            raise StudyError(f"{self.folder}: cannot be written ({error.strerror})") from None
        try:
            self.check()
            (self.folder / QUESTION).write_text(json.dumps(self._asked(), indent=1) + "\n", "utf-8")
            yield
        finally:
            os.close(handle)

    def read(self) -> list[Score]:
        """The finished runs; a last line that was cut off is none.

        Raises:
            StudyError: another line is no score.
        """
        path = self.folder / SCORES
        if not path.is_file():
            return []
        whole, _, _ = path.read_text("utf-8").rpartition("\n")
        try:
            return [Score(**json.loads(line)) for line in whole.splitlines()]
        except (ValueError, TypeError):
            raise StudyError(f"{path}: holds a line that is no score") from None

    def add(self, score: Score) -> None:
        """Keep a run; what a run before was cut off in is written over."""
        path = self.folder / SCORES
        path.touch()
        with path.open("rb+") as file:
            end = file.read().rfind(b"\n") + 1
            file.seek(end)
            file.truncate()
            file.write(json.dumps(asdict(score)).encode() + b"\n")
