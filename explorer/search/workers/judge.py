"""Who says how good a candidate is: a training of its proxy, or a function of the user's own.

A worker asks a judge, and does not know of which kind it is.
"""

from __future__ import annotations

import random
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from explorer.errors import ExplorerError, NetError
from explorer.score import (
    DivergedError,
    Run,
    ScoreFunction,
    Scorer,
    checkpoint,
    load_function,
    pick_device,
)
from explorer.score.custom import as_score, in_a_line
from explorer.search.screen import Screen
from explorer.search.settings import Settings
from explorer.space import Candidate

OnEpoch = Callable[[int, float], None]


class Climb(NamedTuple):
    """How far a candidate is taken.

    Attributes:
        epochs: so many in all.
        checkpoint: where the training goes on from, and is kept after every epoch.
    """

    epochs: int
    checkpoint: Path


class UnscoredError(Exception):
    """A candidate that got no score; the message says why, in one line."""


class Judge(Protocol):
    """Scores candidates; of every score, more is better.

    Attributes:
        screen: chooses among proposals before they are scored; None where nothing can.
    """

    @property
    def screen(self) -> Screen | None: ...

    def facts(self, candidate: Candidate) -> Mapping[str, Any]:
        """What is stored of a candidate before it is scored.

        Raises:
            UnscoredError: it cannot be scored at all.
        """

    def score(
        self, candidate: Candidate, seed: int, on_epoch: OnEpoch, climb: Climb | None = None
    ) -> float:
        """The score of a candidate; ``on_epoch`` is told of it, and of earlier ones.

        Args:
            candidate: what to score.
            seed: of everything that is random.
            on_epoch: told the number of epochs, from 1, and the score after them.
            climb: how far to go, and where to go on from; all the way from the start without.

        Raises:
            UnscoredError: it has none.
        """


def make_judge(settings: Settings, device: str) -> Judge:
    """The judge that a study asks for.

    Raises:
        ExplorerError: the function is not there, or the data cannot be opened or are others than
            the study was begun with.
    """
    if settings.score:
        return FunctionJudge(load_function(settings.score))
    scorer = Scorer(settings.text, settings.protocol, pick_device(device))
    if scorer.data.fingerprint != settings.data_fingerprint:
        raise ExplorerError(f"{settings.protocol.data}: other data than the study was begun with")
    return ProxyJudge(scorer)


class ProxyJudge:
    """Trains a small copy of a candidate; the score is its validation accuracy, 0 to 1."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.screen = Screen(lambda candidate: scorer.free(candidate.assignment).values)

    def facts(self, candidate: Candidate) -> Mapping[str, Any]:
        try:
            macs = self.scorer.cost(candidate.assignment).macs
            return {"proxy_macs": macs, "free": dict(self.screen.scores(candidate))}
        except (NetError, RuntimeError, MemoryError) as error:
            raise UnscoredError(_reason(error)) from error

    def score(
        self, candidate: Candidate, seed: int, on_epoch: OnEpoch, climb: Climb | None = None
    ) -> float:
        try:
            if climb is None:
                return self.scorer.score(candidate.assignment, seed, on_epoch)[0].accuracy
            run = self._resumed(candidate, seed, climb)
            for epoch, score in enumerate(run.curve, 1):
                on_epoch(epoch, score)

            def keep(epoch: int, score: float) -> None:
                on_epoch(epoch, score)
                with suppress(OSError):  # a full disk loses the way back, not the score
                    checkpoint.save(climb.checkpoint, run.state())

            return run.advance(climb.epochs, keep).accuracy
        except (DivergedError, NetError, RuntimeError, MemoryError) as error:
            raise UnscoredError(_reason(error)) from error

    def _resumed(self, candidate: Candidate, seed: int, climb: Climb) -> Run:
        """The training of a candidate where it stopped; from the start without a checkpoint."""
        run = self.scorer.begin(candidate.assignment, seed)
        state = checkpoint.load(climb.checkpoint)
        if state is None or len(state.get("curve", ())) > climb.epochs:
            return run
        try:
            run.restore(state)
        except (KeyError, RuntimeError, ValueError, TypeError):  # of another version
            return self.scorer.begin(candidate.assignment, seed)
        return run


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


@dataclass(frozen=True, slots=True)
class FunctionJudge:
    """Calls a function of the user's, whose errors are the candidate's."""

    function: ScoreFunction
    screen: None = None

    def facts(self, candidate: Candidate) -> Mapping[str, Any]:
        return {}

    def score(
        self, candidate: Candidate, seed: int, on_epoch: OnEpoch, climb: Climb | None = None
    ) -> float:
        _seed_all(seed)
        try:
            value = self.function(candidate, seed)
        except (Exception, SystemExit) as error:
            traceback.print_exc(file=sys.stderr)  # into the study's workers.log
            raise UnscoredError(in_a_line(error)) from error
        try:
            found = as_score(value)
        except ValueError as error:
            raise UnscoredError(str(error)) from None
        on_epoch(1, found)
        return found


def _seed_all(seed: int) -> None:
    """So that a function which forgets its seed finds the same again, whatever was scored before.

    Numpy takes 32 bits of it.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
