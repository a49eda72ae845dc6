"""Studies that verbs read: by name or folder, from a journal or from a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.search import StudyRecord


def read_study(name: str, storage: str | None) -> StudyRecord:
    """Everything in a study.

    Raises:
        StudyError: there is none, or it cannot be read.
    """
    from explorer.search import load_study, study_folder

    return load_study(study_folder(name), storage=storage).record()


def find_study(name: str, storage: str | None) -> StudyRecord | None:
    """Everything in a study; None when there is none of this name, and a net may be meant.

    Raises:
        StudyError: it cannot be read, or the database cannot be reached.
    """
    from explorer.search import is_there, study_folder

    return read_study(name, storage) if is_there(study_folder(name), storage) else None
