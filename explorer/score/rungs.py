"""Rungs: after how many epochs a candidate waits, and how many of those that wait go on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from explorer.errors import ExplorerError


@dataclass(frozen=True, slots=True)
class Rungs:
    """After how many epochs candidates wait, and what share of those that wait goes on.

    Attributes:
        epochs: ascending; the last is the whole training. One alone means that nobody waits.
        share: between 0 and 1.
    """

    epochs: tuple[int, ...]
    share: Fraction = Fraction(2, 3)

    @property
    def top(self) -> int:
        """The number of the last rung; the first is 0."""
        return len(self.epochs) - 1

    def check(self, where: str) -> None:
        """Refuse what cannot be climbed.

        Raises:
            ExplorerError: the numbers do not ascend, or the share is none.
        """
        if min(after - before for before, after in pairwise((0, *self.epochs))) < 1:
            *waits, whole = self.epochs
            raise ExplorerError(
                f"{where}: rungs are ascending numbers of epochs, from 1 to fewer than the {whole} "
                f"of a whole training; got {', '.join(map(str, waits)) or 'none'}"
            )
        if not 0 < self.share <= 1:
            raise ExplorerError(
                f"{where}: the share that goes on lies above 0 and is at most 1, got {self.share}"
            )


WHOLE = Rungs((1,))  # nobody waits
