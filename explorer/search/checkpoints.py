"""The checkpoints of a study: where they lie, and which of them nobody needs any more."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.score import checkpoint
from explorer.search.records import Trial, standing

if TYPE_CHECKING:
    from explorer.search.study import Study

CHECKPOINTS = "checkpoints"  # below the folder: trainings that wait, or were interrupted


def place(folder: Path, fingerprint: str) -> Path:
    """Where the training of a net is kept while it waits, or when it is interrupted."""
    return folder / CHECKPOINTS / f"{_name(fingerprint)}.pt"


def drop(path: Path) -> None:
    """Remove a checkpoint; that one stays, which takes room and does no harm, is said in a line."""
    try:
        checkpoint.remove(path)
    except OSError as error:
        sys.stderr.write(f"{path}: cannot be removed ({error.strerror})\n")


def sweep(study: Study) -> None:
    """Remove what workers that were killed have left, and nobody goes on from."""
    # Listed before the trials are read: a training that begins meanwhile is left alone.
    files = sorted((study.folder / CHECKPOINTS).glob("*.pt*"))
    trials = study.record().trials
    running = {trial.fingerprint for trial in trials if trial.state == "running"}
    kept = needed(trials, study.settings.protocol.ladder.top)
    for pattern, keys in ("*.pt", kept), ("*.pt.*.part", running):
        stay = {_name(key) for key in keys}
        for file in files:
            if file.match(pattern) and file.name.partition(".")[0] not in stay:
                drop(file)


def needed(trials: Iterable[Trial], top: int) -> set[str]:
    """The fingerprints of nets whose training may go on: the interrupted, and those that wait.

    Args:
        trials: of a study.
        top: the number of its highest rung.
    """
    trials = list(trials)
    unfinished = [trial for trial in trials if trial.state in ("waiting", "running")]
    failed = {trial.candidate for trial in trials if trial.state == "failed"}
    waiting = [t for t in standing(trials) if t.rung < top and t.candidate not in failed]
    return {trial.fingerprint for trial in (*unfinished, *waiting)}


def _name(fingerprint: str) -> str:
    """A fingerprint without its version, as the name of a file."""
    return fingerprint.partition(":")[2]
