"""Studies that verbs read: by name or folder, from a journal or from a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError, UnknownTextError

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


@contextmanager
def study_or_net() -> Iterator[None]:
    """Where a name may be a study's or a net's: an error that it is no net's tells the studies."""
    try:
        yield
    except UnknownTextError as error:
        from explorer.search.opening import known_studies
        from explorer.space.names import suggestion

        names = known_studies()
        hint = suggestion(error.name, [*names, *error.shipped])
        known = f"here: {', '.join(names)}" if names else "there is none here"
        raise ExplorerError(
            f"no study ({known}), no file and no shipped net or space is called "
            f"'{error.name}'{hint}"
        ) from None
