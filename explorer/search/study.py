"""A study in a folder: settings and trials in one Optuna journal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from explorer.cost.latency import Predictor
from explorer.errors import StudyError
from explorer.ops import Cost
from explorer.search.gauge import Gauge
from explorer.search.journal import JOURNAL, alone, mend, open_journal
from explorer.search.records import Reference, State, StudyRecord, Trial
from explorer.search.settings import Settings, settings_from_json

STUDIES = Path("studies")  # below the folder that the command runs in
_NAMELESS = 5.0  # seconds after which a trial without a worker's name is nobody's
SETTINGS, COMMAND, REFERENCE, FACTS = "explorer", "command", "reference", "facts"
PREDICTOR = "predictor"

_STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.FAIL: "failed",
    TrialState.PRUNED: "failed",
}

optuna.logging.set_verbosity(optuna.logging.WARNING)


def study_folder(name: str) -> Path:
    """Where a study lives: a folder of that path, or of that name below ``studies/``."""
    given = Path(name)
    return given if (given / JOURNAL).is_file() else STUDIES / given.name


class Study:
    """A study on disk. ``name`` is its folder's name."""

    def __init__(self, folder: Path, inner: optuna.Study) -> None:
        self.folder = folder
        self.inner = inner
        self.settings: Settings = settings_from_json(self._attribute(SETTINGS), str(folder))

    @property
    def name(self) -> str:
        return self.folder.name

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
        return [
            t for t in every if t.state is not TrialState.WAITING or "assignment" in t.user_attrs
        ]

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

    def propose(self, trial: optuna.Trial) -> dict[str, Any]:
        """What to try in ``trial``; one worker at a time is asked, so no two propose the same."""
        with alone(self.folder):
            return dict(trial.relative_params)

    def release(self, trial_id: int) -> None:
        """Put an unfinished trial back: whoever asks next gets it, with its number and values."""
        self.inner._storage.set_trial_state_values(trial_id, state=TrialState.WAITING)

    def release_running(self, living: frozenset[str] = frozenset()) -> int:
        """Put back every trial whose worker is not among the living; returns how many.

        A trial that was begun this moment may not bear its worker's name yet, and is left alone
        while anyone is living.
        """
        running = self.inner.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        orphans = [trial for trial in running if _is_orphan(trial, living)]
        for trial in orphans:
            self.release(trial._trial_id)
        return len(orphans)

    def _attribute(self, name: str) -> Mapping[str, Any]:
        try:
            values: Mapping[str, Any] = self.inner.user_attrs[name]
        except KeyError:
            raise StudyError(f"{self.folder}: holds a journal, but no study of this tool") from None
        return values


def _is_orphan(trial: FrozenTrial, living: frozenset[str]) -> bool:
    worker = trial.user_attrs.get("worker")
    if worker is not None or not living or trial.datetime_start is None:
        return worker not in living
    return (datetime.now() - trial.datetime_start).total_seconds() > _NAMELESS


def create_study(
    folder: Path,
    settings: Settings,
    command: str,
    facts: Mapping[str, Any] | None = None,
    predictor: Predictor | None = None,
) -> Study:
    """A new study in ``folder``, which is made where it is missing.

    Args:
        folder: where it will live.
        settings: its question.
        command: what began it, for whoever reads its report.
        facts: of its protocol and data, as :func:`explorer.score.describe` gives them, so that a
            report needs the data no more.
        predictor: of latency, when the budget bounds it.

    Raises:
        StudyError: the folder cannot be written.
    """
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / JOURNAL).touch()
        inner = optuna.create_study(
            storage=open_journal(folder),
            study_name="study",
            directions=[objective.direction for objective in settings.objectives],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            inner.set_metric_names([objective.name for objective in settings.objectives])
        inner.set_user_attr(COMMAND, command)
        inner.set_user_attr(FACTS, dict(facts or {}))
        if predictor is not None:
            inner.set_user_attr(PREDICTOR, predictor.to_json())
        inner.set_user_attr(SETTINGS, settings.to_json())
    return Study(folder, inner)


def exists(folder: Path) -> bool:
    """Whether a study was begun in ``folder``, settings and all.

    A journal without settings is the start of one that was killed; it holds no trial, and is
    begun anew.
    """
    if not (folder / JOURNAL).is_file():
        return False
    with _writable(folder):
        mend(folder)
    storage = _readable(folder)
    studies = storage.get_all_studies()
    if not studies or SETTINGS not in studies[0].user_attrs:
        (folder / JOURNAL).unlink()
        return False
    return True


def load_study(folder: Path, sampler: optuna.samplers.BaseSampler | None = None) -> Study:
    """The study in ``folder``.

    Raises:
        StudyError: there is none, or it cannot be read.
    """
    if not (folder / JOURNAL).is_file():
        names = ", ".join(sorted(path.parent.name for path in STUDIES.glob(f"*/{JOURNAL}")))
        known = f" (studies here: {names})" if names else ""
        raise StudyError(f"{folder}: there is no study{known}")
    storage = _readable(folder)
    try:
        return Study(
            folder, optuna.load_study(storage=storage, study_name="study", sampler=sampler)
        )
    except KeyError:
        raise StudyError(f"{folder / JOURNAL}: holds no study") from None


def _readable(folder: Path) -> optuna.storages.JournalStorage:
    try:
        return open_journal(folder)
    except OSError as error:
        raise StudyError(f"{folder}: cannot be opened ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise StudyError(f"{folder / JOURNAL}: is no journal of a study ({error})") from None


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StudyError(f"{folder}: cannot be written ({error.strerror})") from None


def read_trial(trial: FrozenTrial) -> Trial:
    """Optuna's trial as a record of ours."""
    attributes = trial.user_attrs
    cost = Cost(*(int(attributes.get(name, 0)) for name in Cost._fields))
    return Trial(
        number=trial.number,
        state=_STATES[trial.state],
        assignment=attributes.get("assignment", {}),
        fingerprint=attributes.get("fingerprint", ""),
        cost=cost,
        proxy_macs=int(attributes.get("proxy_macs", 0)),
        curve=tuple(attributes.get("curve", ())),
        seconds=float(attributes.get("seconds", 0.0)),
        reason=attributes.get("reason", ""),
        bounded=attributes.get("bounded", {}),
        repeats=tuple(attributes.get("repeats", ())),
        free=attributes.get("free", {}),
    )


def _reference(values: Mapping[str, Any]) -> Reference:
    cost = Cost(*(int(values[name]) for name in Cost._fields))
    return Reference(values["name"], cost, float(values["accuracy"]))
