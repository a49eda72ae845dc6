"""Runs on disk, so that they may go on in another process.

A checkpoint holds tensors, numbers and text, is read with ``weights_only`` and so cannot run code.
"""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

_UNREADABLE = (
    *(OSError, RuntimeError, EOFError, ValueError, KeyError),
    *(pickle.UnpicklingError, zipfile.BadZipFile),
)


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Write a run's state, whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        torch.save(dict(state), part)
        part.replace(path)
        _remove_parts(path)
    except RuntimeError as error:  # how torch says that a disk is full
        raise OSError(str(error).splitlines()[0]) from error
    finally:
        part.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a run's state, and what writers that were killed have left of it.

    Raises:
        OSError: it is there to stay.
    """
    path.unlink(missing_ok=True)
    _remove_parts(path)


def _remove_parts(path: Path) -> None:
    """Remove states half written: a run is one process's at a time, and that process calls this."""
    for part in path.parent.glob(f"{path.name}.*.part"):
        part.unlink(missing_ok=True)


def load(path: Path) -> dict[str, Any] | None:
    """A run's state as it was saved; None where there is none, or it cannot be read."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE:
        return None
    return state
