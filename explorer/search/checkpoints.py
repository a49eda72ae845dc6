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


def place(folder: Path, fingerprint: str, seed: int = 0) -> Path:
    """Where the training of a net is kept while it waits, or when it is interrupted.

    Args:
        folder: of the study.
        fingerprint: of the net.
        seed: which of the net's, where it is trained again.
    """
    return folder / CHECKPOINTS / f"{_name(fingerprint, seed)}.pt"


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
    running = {_own_name(trial) for trial in trials if trial.state == "running"}
    kept = needed(trials, study.settings.protocol.ladder.top)
    for pattern, stay in ("*.pt", kept), ("*.pt.*.part", running):
        for file in files:
            if file.match(pattern) and file.name.partition(".")[0] not in stay:
                drop(file)


def needed(trials: Iterable[Trial], top: int) -> set[str]:
    """The checkpoints, by name, of trainings that may go on: the interrupted, and those that wait.

    Args:
        trials: of a study.
        top: the number of its highest rung.
    """
    trials = list(trials)
    unfinished = [trial for trial in trials if trial.state in ("waiting", "running")]
    failed = {trial.candidate for trial in trials if trial.state == "failed" and not trial.seed}
    waiting = [t for t in standing(trials) if t.rung < top and t.candidate not in failed]
    return {_own_name(trial) for trial in (*unfinished, *waiting)}


def _own_name(trial: Trial) -> str:
    return _name(trial.fingerprint, trial.seed)


def _name(fingerprint: str, seed: int) -> str:
    """A fingerprint without its version, as the name of a file; with a seed that is another one."""
    digest = fingerprint.partition(":")[2]
    return f"{digest}-{seed}" if seed else digest
