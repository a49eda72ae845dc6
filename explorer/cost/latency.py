"""Latency predicted from a graph alone, by weights fitted to measurements of a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import ceil, inf
from statistics import median
from typing import Any

import numpy as np

from explorer.cost.kinds import FEATURES, kind, relatives, timed, totals
from explorer.errors import ExplorerError
from explorer.graph import Graph

Weights = tuple[float, ...]  # milliseconds for one of each feature

_FORMAT = 1
_FEMTOSECONDS = 10**12  # in a millisecond
_SHARE = 0.95  # of nets that an upper bound is meant to hold for


@dataclass(frozen=True, slots=True)
class Setting:
    """What was measured on.

    Attributes:
        device: what torch calls it: ``cpu``, ``cuda``, ``mps``.
        hardware: what its maker calls it.
        threads: of torch, on a CPU.
        batch: images at once; all times are for one batch.
        dtype: the type that the net computes in.
        torch: the version.
    """

    device: str
    hardware: str
    threads: int
    batch: int
    dtype: str
    torch: str

    def __str__(self) -> str:
        threads = (
            f"{self.threads} thread{'s'[: self.threads - 1]}, " if self.device == "cpu" else ""
        )
        return (
            f"{self.device} ({self.hardware}), {threads}batch {self.batch}, {self.dtype}, "
            f"torch {self.torch}"
        )


@dataclass(frozen=True, slots=True)
class Error:
    """How far predictions were off, as shares of the prediction, for nets not fitted to.

    Attributes:
        median: half of the nets were predicted at least this well.
        upper: the next net drawn alike lies within it with the probability ``share``. It is one of
            the largest errors, chosen as in split conformal prediction (Vovk et al. 2005).
        nets: how many were measured for this.
    """

    median: float
    upper: float
    share: float
    nets: int

    def __str__(self) -> str:
        return (
            f"predicted within {self.median:.1%} (median), "
            f"{self.share:.0%} within {self.upper:.1%}, {self.nets} nets"
        )


@dataclass(frozen=True, slots=True)
class Predictor:
    """Latency as a sum over nodes: the weights of a node's kind times its features.

    Attributes:
        weights: milliseconds for one of each of :data:`FEATURES`, by kind; none is negative.
        general: the same by op and for all ops alike, for kinds that were never measured.
        errors: of nets that the weights were not fitted to, each above zero, as shares of the
            prediction.
        setting: what was measured on.
        space: the name of the space whose candidates were measured.
        input: the input that they were measured at.
        busy: the share of the time that other processes had, where that could be told.
        pace: milliseconds of a fixed convolution at its best meanwhile (``Latency.pace``); 0: not
            known.
        disturbed: the share of nets that were measured only while others slowed the machine down.
    """

    weights: Mapping[str, Weights]
    general: Mapping[str, Weights]
    errors: tuple[float, ...]
    setting: Setting
    space: str
    input: str
    busy: float = 0.0
    pace: float = 0.0
    disturbed: float = 0.0

    def predict(self, graph: Graph) -> float:
        """Milliseconds for one batch of a net at inference."""
        return float(self.predict_totals(totals(graph)))

    def predict_totals(self, sums: Mapping[str, Sequence[Any]]) -> Any:
        """Milliseconds for features that are summed up by kind: numbers, or arrays of them."""
        return sum(
            weight * feature
            for name, found in sums.items()
            for weight, feature in zip(self.weights_of(name), found, strict=True)
        )

    def upper(self, graph: Graph) -> float:
        """What the net is expected to stay below, with the probability of :attr:`error`."""
        return self.predict(graph) * self.margin

    @property
    def margin(self) -> float:
        """What a prediction is multiplied by to bound it from above."""
        return 1 + self.error.upper

    @property
    def error(self) -> Error:
        count = len(self.errors)
        rank = min(count, ceil(_SHARE * (count + 1)))
        upper = sorted(self.errors)[rank - 1]
        return Error(median(self.errors), upper, rank / (count + 1), count)

    def whole_weights(self, name: str) -> tuple[int, ...]:
        """The weights of a kind in whole femtoseconds, so that sums in any order are equal."""
        return tuple(round(weight * _FEMTOSECONDS) for weight in self.weights_of(name))

    def femtoseconds(self, sums: Mapping[str, Sequence[int]]) -> int:
        """:meth:`predict_totals` in whole numbers."""
        return sum(
            weight * feature
            for name, found in sums.items()
            for weight, feature in zip(self.whole_weights(name), found, strict=True)
        )

    def microseconds(self, femtoseconds: Any) -> Any:
        """The upper bound of a latency in whole microseconds: of a number, or of an array."""
        return np.ceil(femtoseconds * (self.margin / 1e9)).astype(np.int64)

    def by_kind(self, graph: Graph) -> dict[str, float]:
        """Milliseconds by kind, the largest first."""
        parts = {name: self.predict_totals({name: sums}) for name, sums in totals(graph).items()}
        return dict(sorted(parts.items(), key=lambda part: -part[1]))

    def weights_of(self, name: str) -> Weights:
        """The weights of a kind, or of the nearest that was measured."""
        if name in self.weights:
            return self.weights[name]
        near = [self.general[each] for each in relatives(name) if each in self.general]
        return near[0] if near else next(iter(self.general.values()))

    def unseen(self, graph: Graph) -> list[str]:
        """The kinds in a net that were never measured and that others stand in for."""
        found = dict.fromkeys(kind(node.op) for node in timed(graph))
        return [name for name in found if name not in self.weights]

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON holds it; :meth:`from_json` reads it back, equal."""
        return {"format": _FORMAT, "features": list(FEATURES), **asdict(self)}

    @classmethod
    def from_json(cls, data: Any) -> Predictor:
        """The predictor that :meth:`to_json` wrote.

        Raises:
            ExplorerError: it is none, or one of another format.
        """
        try:
            if data["format"] != _FORMAT or data["features"] != list(FEATURES):
                raise ExplorerError("a latency predictor of another format; fit it again")
            values = {field.name: data[field.name] for field in fields(cls)}
            values["weights"] = _read_weights(data["weights"])
            values["general"] = _read_weights(data["general"])
            values["errors"] = tuple(float(error) for error in data["errors"])
            values["setting"] = Setting(**data["setting"])
            if not (values["general"] and values["errors"]):
                raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ExplorerError("no latency predictor") from None
        return cls(**values)


def _read_weights(data: Mapping[str, Sequence[float]]) -> dict[str, Weights]:
    found = {name: tuple(float(weight) for weight in weights) for name, weights in data.items()}
    for weights in found.values():
        if len(weights) != len(FEATURES) or not all(0 <= weight < inf for weight in weights):
            raise ValueError
    return found
