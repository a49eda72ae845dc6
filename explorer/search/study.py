"""A study: settings and trials, wherever they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from explorer.cost.latency import Predictor
from explorer.errors import StudyError
from explorer.ops import Cost
from explorer.search.gauge import Gauge
from explorer.search.records import Reference, StudyRecord
from explorer.search.settings import Settings, settings_from_json
from explorer.search.storage.store import SETTINGS, Store
from explorer.search.trials.queue import Queue
from explorer.search.trials.stored import is_described, read_trial

COMMAND, REFERENCE, FACTS, PREDICTOR = "command", "reference", "facts", "predictor"
EXHAUSTED = "exhausted"
_EFFORT, _DEATHS = "effort", "deaths"


class Study:
    """A study that was begun.

    Attributes:
        folder: on this machine; its last part is the study's name.
        inner: Optuna's study.
        queue: its trials, to be taken and finished.
    """

    def __init__(self, store: Store, inner: optuna.Study) -> None:
        self.store = store
        self.inner = inner
        self.settings: Settings = settings_from_json(self._settings(), store.where)
        self.queue = Queue(inner, store, self.settings.protocol.ladder)

    @property
    def folder(self) -> Path:
        return self.store.folder

    @property
    def name(self) -> str:
        return self.store.name

    def record(self) -> StudyRecord:
        """Everything found so far."""
        attributes = self.inner.user_attrs
        reference = attributes.get(REFERENCE)
        return StudyRecord(
            self.name,
            self.settings,
            tuple(read_trial(trial) for trial in self._trials()),
            _reference(reference) if reference else None,
            attributes.get(COMMAND, ""),
            attributes.get(FACTS, {}),
        )

    def _trials(self) -> list[FrozenTrial]:
        """All trials but the numbers that a worker drew beyond the limit and put back unused."""
        every = self.inner.get_trials(deepcopy=False)
        return [t for t in every if t.state is not TrialState.WAITING or is_described(t)]

    def predictor(self) -> Predictor | None:
        """What predicts latencies, in a study that bounds them."""
        stored = self.inner.user_attrs.get(PREDICTOR)
        return Predictor.from_json(stored) if stored else None

    def gauge(self) -> Gauge | None:
        """What measures latencies, in a study that bounds them."""
        predictor = self.predictor()
        return Gauge(predictor) if predictor else None

    def set_reference(self, reference: Reference) -> None:
        """Keep the score of the space's defaults as they are."""
        values = reference.cost._asdict() | {"name": reference.name, "accuracy": reference.accuracy}
        self.inner.set_user_attr(REFERENCE, values)

    # ---- what searches and workers tell each other

    def set_effort(self, trials: int, trial_time: float | None, confirm: int = 0) -> None:
        """What workers do that are started by hand and told nothing else."""
        effort = {"trials": trials, "trial_time": trial_time, "confirm": confirm}
        self.inner.set_user_attr(_EFFORT, effort)

    @property
    def effort(self) -> Mapping[str, Any]:
        """Trials, seconds for each, and times to confirm, as the last search wanted; or empty."""
        found: Mapping[str, Any] = self.inner.user_attrs.get(_EFFORT, {})
        return found

    def set_exhausted(self) -> None:
        """Keep that a worker found nothing new to try."""
        self.inner.set_user_attr(EXHAUSTED, True)

    @property
    def is_exhausted(self) -> bool:
        return bool(self.inner.user_attrs.get(EXHAUSTED))

    def add_deaths(self, count: int) -> None:
        """Keep how many workers of a search died."""
        self.inner.set_user_attr(_DEATHS, self.inner.user_attrs.get(_DEATHS, 0) + count)

    def _settings(self) -> Mapping[str, Any]:
        try:
            values: Mapping[str, Any] = self.inner.user_attrs[SETTINGS]
        except KeyError:
            raise StudyError(f"{self.store.where}: holds no study of this tool") from None
        return values


def _reference(values: Mapping[str, Any]) -> Reference:
    cost = Cost(*(int(values[name]) for name in Cost._fields))
    return Reference(values["name"], cost, float(values["accuracy"]))
