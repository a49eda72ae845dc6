"""Where a program keeps what it has worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Registers:
    """Rows that values are kept in: taken, and given back so that few stay in use.

    Whoever compiles asks for each value by its key, as often as it is used. How often that is,
    a first compilation counts; in the second the row of a value is free after its last use.
    """

    def __init__(self, size: int, dtype: Any) -> None:
        self.size, self.dtype = size, dtype
        self.uses: dict[object, int] = {}
        self._left: dict[object, int] = {}
        self._rows: dict[object, Array] = {}
        self._free: list[Array] = []
        self._done: list[object] = []

    def begin(self) -> None:
        """Begin the compilation in which rows are given back."""
        self._left, self._rows = dict(self.uses), {}

    def use(self, key: object, make: Callable[[], Array]) -> Array:
        """The row of a value, which is made at its first use."""
        if key not in self._rows:
            self._rows[key] = make()
        self.uses[key] = self.uses.get(key, 0) + 1
        if key in self._left:
            self._left[key] -= 1
            if not self._left[key]:
                self._done.append(key)
        return self._rows[key]

    def take(self) -> Array:
        return self._free.pop() if self._free else np.zeros(self.size, self.dtype)

    def give_back(self, row: Array) -> None:
        self._free.append(row)

    def sweep(self) -> None:
        """Free the rows of what was used for the last time."""
        taken = {}
        for key in self._done:
            row = self._rows.pop(key)
            taken[id(row)] = row
        self._done.clear()
        kept = {id(row) for row in self._rows.values()}
        self._free += [row for number, row in taken.items() if number not in kept]
