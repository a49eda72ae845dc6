"""Where a study's trials are kept: what a journal on one machine and a database have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal, Protocol

import optuna

from explorer.errors import StudyError
from explorer.search.storage.leases import Leases

Direction = Literal["maximize", "minimize"]
SETTINGS = "explorer"  # the study's attribute that is written last when a study is begun

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Owned(Protocol):
    """A study that this process supervises, until it is closed or the process ends."""

    @property
    def handles(self) -> tuple[int, ...]:
        """What workers inherit, so that the study stays taken until the last one is gone."""

    def keep(self) -> None:
        """See that it is still this process's; what a restarted server forgot is taken again.

        Raises:
            StudyError: another search has taken it meanwhile.
        """

    def close(self) -> None:
        """Let the next one have it."""


class Store(ABC):
    """The trials of one study, and who holds which of them.

    Attributes:
        folder: the study's on this machine; its last part is the study's name.
        leases: who holds which trial.
        where: what to call it in a message; never with a password.
        options: of the command line of a worker that is to find it.
        environment: variables that such a worker needs.
        forgets_locks: whether who is alone may cease to be, without a word.
    """

    folder: Path
    leases: Leases
    where: str
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    forgets_locks: bool = False

    @property
    def name(self) -> str:
        return self.folder.name

    @abstractmethod
    def is_there(self) -> bool:
        """Whether something of this name is stored, be it the mere beginning of a study."""

    @abstractmethod
    def is_begun(self) -> bool:
        """Whether a study was begun, settings and all; without them it is begun anew."""

    @abstractmethod
    def create(self, directions: Sequence[Direction]) -> optuna.Study:
        """An empty study, in the place of one that has no settings.

        Raises:
            StudyError: it cannot be written, or the name belongs to another tool's study.
        """

    @abstractmethod
    def load(self, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
        """The study.

        Raises:
            StudyError: there is none, or it cannot be read.
        """

    @abstractmethod
    def replace(self, directions: Sequence[Direction], fill: Callable[[optuna.Study], None]) -> str:
        """Put another study in the place of the loaded one, which is kept under another name.

        Whoever is killed here leaves either the old one or the new one in place, and whole. To be
        called alone, by the owner.

        Args:
            directions: of the new study.
            fill: writes all of it.

        Returns:
            What was kept and where, in words.

        Raises:
            StudyError: it cannot be written.
        """

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """Alone among all who take trials and put them back, for as long as a proposal takes.

        Whoever is alone may take a running trial without a worker's name for nobody's: trials are
        asked for and named in here.

        Raises:
            StudyError: the study that was loaded has been replaced since.
        """

    def is_alone(self) -> bool:
        """Whether who was let in by :meth:`alone` still is: a server that restarts forgets it."""
        return True

    def replaced(self) -> StudyError:
        """That what was loaded is no longer the study of this name."""
        return StudyError(
            f"{self.where}: its space was extended meanwhile; start again to go on with it"
        )

    @abstractmethod
    def own(self) -> Owned:
        """Be the one search at work on the study; workers need not ask.

        Raises:
            StudyError: another search is.
        """


class CutOffError(StudyError):
    """A connection broke within a statement; whether that was done is not known."""


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """A folder that cannot be written is the user's affair.

    Raises:
        StudyError: it cannot.
    """
    try:
        yield
    except OSError as error:
        raise StudyError(f"{folder}: cannot be written ({error.strerror})") from None
