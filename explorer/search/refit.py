"""Trials under another text of their study's space: the same nets, by the choices of that text."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from optuna.trial import FrozenTrial

from explorer.errors import NetError, StudyError
from explorer.graph import fingerprint
from explorer.score import Scorer
from explorer.search.samplers.frame import distributions
from explorer.search.settings import Settings
from explorer.search.trials.stored import ASSIGNMENT, PROPOSAL, assigned, proposed
from explorer.space import Candidate, bind, read_value
from explorer.space.library import Text


class Refit:
    """Carries the trials of a study over to another text of its space.

    Args:
        settings: of the study as it is.
        text: of its space as it is to be.

    Raises:
        ExplorerError: the text describes no space, or the data of the protocol cannot be opened.
    """

    def __init__(self, settings: Settings, text: Text) -> None:
        self._before, self._space = settings.text.space(), text.space()
        self._distributions = distributions(self._space)
        texts = () if settings.score else (settings.text, text)
        self._scorers = [Scorer(each, settings.protocol) for each in texts]

    @property
    def is_wider(self) -> bool:
        """Whether there is something to choose that could not be chosen before."""
        before = self._before.choices
        return any(
            path not in before or not set(choice.values) <= set(before[path].values)
            for path, choice in self._space.choices.items()
        )

    def keeps_default(self) -> bool:
        """Whether the defaults are still the net that they were."""
        before, now = (fingerprint(bind(space).graph) for space in (self._before, self._space))
        return before == now and self._is_trained_alike({}, {})

    def trial(self, trial: FrozenTrial) -> FrozenTrial:
        """The same trial as if it had been proposed from the new space.

        One that is not finished gets its parameters when a worker takes it, as every trial does.

        Raises:
            StudyError: its net is not in the new space, or would be trained differently.
        """
        stored = assigned(trial)
        if stored is None:  # nothing was proposed yet
            return trial
        written = self._candidate(trial, stored).written()
        found = copy(trial)
        if ASSIGNMENT in trial.user_attrs:
            found.user_attrs = {**trial.user_attrs, ASSIGNMENT: written}
        if PROPOSAL in trial.system_attrs:
            found.system_attrs = {**trial.system_attrs, PROPOSAL: written}
        is_finished = trial.state.is_finished()
        found.params = written if is_finished else {}
        found.distributions = self._distributions if is_finished else {}
        return found

    def _candidate(self, trial: FrozenTrial, stored: Mapping[str, Any]) -> Candidate:
        name = f"trial {trial.number}"
        for path, value in stored.items():
            self._check_value(name, path, value)
        try:
            candidate = bind(self._space, stored)
        except NetError as error:
            raise _refusal(f"{name} is no net of the space any more ({error.message})") from None
        if fingerprint(candidate.graph) != proposed(trial):
            raise _refusal(f"{name} would be another net")
        if not self._is_trained_alike(stored, candidate.assignment):
            raise _refusal(f"the proxy of {name} would be trained as another net")
        return candidate

    def _check_value(self, name: str, path: str, value: object) -> None:
        if path not in self._space.choices:
            raise _refusal(f"{name} used {path} = {value}, and the space has no '{path}' any more")
        try:
            read_value(self._space.choices[path], value)
        except NetError:
            raise _refusal(
                f"{name} used {path} = {value}, which the space no longer allows"
            ) from None

    def _is_trained_alike(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
        """Whether an assignment of the old text and one of the new have the same proxy.

        At full size two nets may be equal whose widths are scaled differently.
        """
        if not self._scorers:  # a function of the user's own scores, and there is no proxy
            return True
        then, since = self._scorers
        return _proxy(then, before) == _proxy(since, now)


def _proxy(scorer: Scorer, assignment: Mapping[str, Any]) -> str | None:
    """The fingerprint of what is trained; None where nothing can be, so that a trial fails."""
    try:
        return fingerprint(scorer.proxy(assignment))
    except NetError:
        return None


def _refusal(reason: str) -> StudyError:
    return StudyError(f"{reason}; give the new space a study of its own with --study")
