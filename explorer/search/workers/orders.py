"""What a worker is told, and what it takes from the last search where it is told nothing."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

TRIALS = 24  # of a study that no search has said a number for


def worker_name() -> str:
    """A name that no other worker has or will have, wherever it runs."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is told.

    Attributes:
        trials: stop when the study has this many; None for what its last search wanted.
        until: begin no candidate after this time (seconds since the epoch).
        leave: begin nothing at all after this time.
        reference: score the space's defaults first.
        storage: the URL of the study's database; none for the journal in its folder.
        trial_time: seconds that a trial may take; None for what the last search wanted.
        threads: of a CPU, to train with.
        confirm: how often the nets of the front are scored again in the end; None for what the last
            search wanted.
        name: what others know it by; nobody may have had it before.
    """

    folder: Path
    trials: int | None = None
    until: float = float("inf")
    leave: float = float("inf")
    device: str = "auto"
    reference: bool = False
    storage: str | None = field(default=None, repr=False)
    trial_time: float | None = None
    threads: int = 1
    confirm: int | None = None
    name: str = field(default_factory=worker_name)

    def completed(self, wanted: Mapping[str, Any]) -> Orders:
        """These orders, with what the last search wanted in the place of what they leave open."""
        return replace(
            self,
            trials=self.trials or wanted.get("trials", TRIALS),
            trial_time=self.trial_time or wanted.get("trial_time"),
            confirm=wanted.get("confirm", 0) if self.confirm is None else self.confirm,
        )
