"""Features: what a function of the user's says of a net before it is scored, as columns of a model.

Of every feature more is better, but how much better is learned: a sampler sees their ranks alone,
and how far these can be trusted follows from the study's own trials.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.budget import Codes
from explorer.cost.batch import decode
from explorer.errors import ExplorerError
from explorer.graph import fingerprint
from explorer.score.custom import in_a_line, load_named
from explorer.search.model.scores import normal_ranks
from explorer.space import Candidate, Space, bind

Array = npt.NDArray[np.float64]
FeatureValues = Mapping[str, float | None]
FeatureFunction = Callable[[Candidate], FeatureValues]


@dataclass
class Features:
    """Calls a feature function, of each net once.

    Which features there are is said by the space's default net: every other net has the same.

    Args:
        space: of the candidates.
        function: from a candidate to its features by name; None where one is not known.
        name: of the function, for messages.
    """

    space: Space
    function: FeatureFunction
    name: str = "the function"
    names: tuple[str, ...] = ()
    _by_codes: dict[bytes, Array] = field(default_factory=dict, repr=False)
    _by_net: dict[str, Array] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        found = self._call(bind(self.space))
        if not found:
            raise self._error("it knows no feature of the space's default net")
        self.names = tuple(found)

    def table(self, codes: Codes) -> Array:
        """Features of assignments, each with a graph: assignments x names, nan if not known."""
        rows = [self._of(column) for column in codes.T]
        return np.stack(rows) if rows else np.zeros((0, len(self.names)))

    def values(self, candidate: Candidate) -> Array:
        """Features of a candidate, nan where not known.

        Raises:
            ExplorerError: the function fails, or returns what is no mapping of the same names to
                numbers.
        """
        key = fingerprint(candidate.graph)
        if key not in self._by_net:
            found = self._call(candidate)
            if found.keys() != set(self.names):
                names = ", ".join(map(str, found)) or "none"
                raise self._error(f"one net has the features {names}, others {self._listed()}")
            self._by_net[key] = np.array([found[name] for name in self.names])
        return self._by_net[key]

    def _of(self, codes: Codes) -> Array:
        key = codes.tobytes()
        if key not in self._by_codes:
            self._by_codes[key] = self.values(bind(self.space, decode(self.space, codes)))
        return self._by_codes[key]

    def _call(self, candidate: Candidate) -> dict[str, float]:
        try:
            found = self.function(candidate)
        except (Exception, SystemExit) as error:
            traceback.print_exc(file=sys.stderr)  # into the study's workers.log
            raise self._error(in_a_line(error)) from error
        if not isinstance(found, Mapping):
            raise self._error(f"a mapping of names to numbers is needed, not {_kind(found)}")
        return {str(name): self._number(name, value) for name, value in found.items()}

    def _number(self, name: object, value: Any) -> float:
        if value is None:
            return float("nan")
        try:
            if isinstance(value, str | bytes):
                raise TypeError
            number = float(value)
        except Exception:  # arrays and tensors of many numbers have errors of their own kinds
            raise self._error(f"'{name}' is {_kind(value)}, not a number") from None
        return number if isfinite(number) else float("nan")

    def _listed(self) -> str:
        return ", ".join(self.names)

    def _error(self, problem: str) -> ExplorerError:
        return ExplorerError(f"features '{self.name}': {problem}")


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"


def load_features(name: str, space: Space) -> Features | None:
    """The features that ``module:function`` names; None where there is no name.

    Raises:
        ExplorerError: the function is not there, or fails for the space's default net.
    """
    if not name:
        return None
    return Features(space, load_named(name, "features", ("a candidate",)), name)


class RankScale:
    """Turns features into normal quantiles of their ranks among a fixed set of nets.

    The set is the sampler's pool, so that a net's columns do not depend on what was tried. Values
    between two of the set lie between their quantiles, those beyond it where its last ones do.

    Args:
        table: nets x features, nan where not known.
    """

    def __init__(self, table: Array) -> None:
        self._columns = [_steps(column) for column in table.T]

    def __call__(self, table: Array) -> Array:
        """Standard columns of nets, nets x features; 0, the middle, where one is not known."""
        columns: Sequence[Array] = [
            np.nan_to_num(np.interp(column, *steps)) if len(steps[0]) else np.zeros(len(column))
            for column, steps in zip(table.T, self._columns, strict=True)
        ]
        return np.stack(columns, axis=1)


def _steps(column: Array) -> tuple[Array, Array]:
    """The distinct values of a column, ascending, and their normal quantiles."""
    known = column[np.isfinite(column)]
    values, first = np.unique(known, return_index=True)
    return values, normal_ranks(known)[first]


@dataclass
class Panel:
    """The features of a pool, and of other nets on the same scale.

    Args:
        features: measures nets.
        codes: choices x assignments of the pool.
        values: assignments x columns of the pool without features, as a model sees them.
    """

    features: Features
    codes: Codes
    values: Array

    def __post_init__(self) -> None:
        table = self.features.table(self.codes)
        self._scale = RankScale(table)
        self.pool = self._scale(table)
        self._middle = self.pool.mean(axis=0)
        centred = self.values - self.values.mean(axis=0)
        inner = centred.T @ centred + np.eye(centred.shape[1])
        self._slopes = np.linalg.solve(inner, centred.T @ (self.pool - self._middle))

    def columns(self, codes: Codes) -> Array:
        """Standard columns of assignments: assignments x features."""
        return self._scale(self.features.table(codes))

    def guessed(self, values: Array) -> Array:
        """Columns as ridge regression over the pool expects them, for nets too many to measure."""
        guesses: Array = self._middle + (values - self.values.mean(axis=0)) @ self._slopes
        return guesses
