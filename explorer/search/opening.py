"""Studies by their names: where they lie, begun and opened."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna

from explorer.cost.latency import Predictor
from explorer.errors import StudyError
from explorer.search.checkpoints import CHECKPOINTS
from explorer.search.settings import Settings
from explorer.search.storage.address import read_address
from explorer.search.storage.journal import JOURNAL, JournalStore
from explorer.search.storage.postgres import PostgresStore
from explorer.search.storage.store import SETTINGS, Store, writable
from explorer.search.study import COMMAND, FACTS, PREDICTOR, Study
from explorer.space.names import suggestion

STUDIES = Path("studies")  # below the folder that the command runs in


def study_folder(name: str) -> Path:
    """Where a study lives: a folder of that path, or of that name below ``studies/``."""
    given = Path(name)
    return given if (given / JOURNAL).is_file() else STUDIES / given.name


def known_studies() -> list[str]:
    """The names of the studies here, of those that have a journal."""
    return sorted(path.parent.name for path in STUDIES.glob(f"*/{JOURNAL}"))


def open_store(folder: Path, storage: str | None = None) -> Store:
    """Where the trials of a study are: in its folder, or in the database of a URL.

    Raises:
        StudyError: the URL is none of a PostgreSQL database, or its server cannot be reached.
    """
    return PostgresStore(folder, read_address(storage)) if storage else JournalStore(folder)


def is_there(folder: Path, storage: str | None = None) -> bool:
    """Whether a study of this name is stored; looks, and changes nothing.

    Raises:
        StudyError: the database cannot be reached.
    """
    return open_store(folder, storage).is_there()


def exists(folder: Path, storage: str | None = None) -> bool:
    """Whether a study was begun, settings and all.

    One without settings is the start of one that was killed; it holds no trial, and is begun anew.

    Raises:
        StudyError: it cannot be read, or the database cannot be reached.
    """
    return open_store(folder, storage).is_begun()


def create_study(
    folder: Path,
    settings: Settings,
    command: str,
    facts: Mapping[str, Any] | None = None,
    predictor: Predictor | None = None,
    storage: str | None = None,
) -> Study:
    """A new study in ``folder``, which is made where it is missing.

    Args:
        folder: where it will live.
        settings: its question.
        command: what began it, for whoever reads its report.
        facts: of its protocol and data, as :func:`explorer.score.describe` gives them, so that a
            report needs the data no more.
        predictor: of latency, when the budget bounds it.
        storage: the URL of a database for its trials, in the place of a journal in the folder.

    Raises:
        StudyError: the folder or the database cannot be written, or another has just begun it.
    """
    store = open_store(folder, storage)
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with store.alone():
        if store.is_begun():
            raise StudyError(f"{store.where}: was begun already; the same command joins it")
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)  # of another study
        inner = store.create([objective.direction for objective in settings.objectives])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            inner.set_metric_names([objective.name for objective in settings.objectives])
        inner.set_user_attr(COMMAND, command)
        inner.set_user_attr(FACTS, dict(facts or {}))
        if predictor is not None:
            inner.set_user_attr(PREDICTOR, predictor.to_json())
        inner.set_user_attr(SETTINGS, settings.to_json())
    return Study(store, inner)


def load_study(
    folder: Path,
    sampler: optuna.samplers.BaseSampler | None = None,
    storage: str | None = None,
) -> Study:
    """The study in ``folder``, or the one of its name in the database of a URL.

    Raises:
        StudyError: there is none, or it cannot be read.
    """
    store = open_store(folder, storage)
    if not storage and not store.is_there():
        names = known_studies()
        known = f" (studies here: {', '.join(names)})" if names else ""
        hint = suggestion(folder.name, names) or known
        raise StudyError(f"{folder}: there is no study{hint}")
    return Study(store, store.load(sampler))
